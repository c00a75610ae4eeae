package motet

import (
	"encoding/binary"
	"fmt"
)

// maxDepth bounds how deep the values of a received payload may be nested.
const maxDepth = 128

// checkPayload makes sure that bytes from anywhere are exactly one MessagePack value, nested at most maxDepth deep,
// with no length that the bytes do not bear out. After it the decoder can neither recurse nor allocate beyond bounds.
func checkPayload(data []byte) error {
	var open [maxDepth + 1]uint64 // how many values each level still wants
	open[0] = 1
	depth, at := 0, uint64(0)
	size := uint64(len(data))
	for {
		for open[depth] == 0 {
			if depth == 0 {
				if at != size {
					return malformed("%d bytes after the value", size-at)
				}
				return nil
			}
			depth--
		}
		open[depth]--
		if at >= size {
			return malformed("it ends after %d bytes", size)
		}
		skip, children, err := measure(data[at:])
		if err != nil {
			return err
		}
		if skip > size-at || children > size-at-skip {
			return malformed("at byte %d it claims more than there is", at)
		}
		at += skip
		if children > 0 {
			if depth == maxDepth {
				return malformed("it is nested more than %d deep", maxDepth)
			}
			depth++
			open[depth] = children
		}
	}
}

// measure tells of the value at the start of data how many bytes its head and body take, and how many values follow
// that belong to it.
func measure(data []byte) (skip, children uint64, err error) {
	// length reads a big-endian length of so many bytes after the code; what the bytes lack counts as zero, and the
	// skip that results is then too long for them.
	length := func(width int) uint64 {
		var wide [8]byte
		copy(wide[8-width:], data[1:])
		if len(data) < 1+width {
			return 0
		}
		return binary.BigEndian.Uint64(wide[:])
	}
	switch code := data[0]; {
	case code <= 0x7f || code >= 0xe0 || code == 0xc0 || code == 0xc2 || code == 0xc3:
		return 1, 0, nil
	case code <= 0x8f:
		return 1, 2 * uint64(code&0x0f), nil
	case code <= 0x9f:
		return 1, uint64(code & 0x0f), nil
	case code <= 0xbf:
		return 1 + uint64(code&0x1f), 0, nil
	case code >= 0xc4 && code <= 0xc6: // bin 8, 16, 32
		width := 1 << (code - 0xc4)
		return 1 + uint64(width) + length(width), 0, nil
	case code >= 0xc7 && code <= 0xc9: // ext 8, 16, 32
		width := 1 << (code - 0xc7)
		return 2 + uint64(width) + length(width), 0, nil
	case code == 0xca: // float 32
		return 5, 0, nil
	case code == 0xcb: // float 64
		return 9, 0, nil
	case code >= 0xcc && code <= 0xcf: // uint 8 to 64
		return 1 + 1<<(code-0xcc), 0, nil
	case code >= 0xd0 && code <= 0xd3: // int 8 to 64
		return 1 + 1<<(code-0xd0), 0, nil
	case code >= 0xd4 && code <= 0xd8: // fixext 1 to 16
		return 2 + 1<<(code-0xd4), 0, nil
	case code >= 0xd9 && code <= 0xdb: // str 8, 16, 32
		width := 1 << (code - 0xd9)
		return 1 + uint64(width) + length(width), 0, nil
	case code >= 0xdc && code <= 0xdd: // array 16, 32
		width := 2 << (code - 0xdc)
		return 1 + uint64(width), length(width), nil
	case code >= 0xde && code <= 0xdf: // map 16, 32
		width := 2 << (code - 0xde)
		return 1 + uint64(width), 2 * length(width), nil
	}
	return 0, 0, malformed("the byte 0x%02x starts no value", data[0])
}

func malformed(format string, values ...any) error {
	return &Error{Code: CodeMalformed, Message: "the payload is not well formed: " + fmt.Sprintf(format, values...)}
}
