package motet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/vmihailenco/msgpack/v5"

	"motet/internal/raw"
)

// maxDepth bounds how deep the values of a received payload may be nested.
const maxDepth = 128

var refType = reflect.TypeOf((*Ref)(nil))

// A ref inside a message, at any depth, travels as its full path.
func init() {
	msgpack.RegisterExtEncoder(int8(raw.EXTENSION_REF), (*Ref)(nil), func(_ *msgpack.Encoder, value reflect.Value) ([]byte, error) {
		path := value.Interface().(*Ref).String()
		if path == "" {
			return nil, &Error{Code: CodeClosed, Message: "a ref in a message is closed"}
		}
		return []byte(path), nil
	})
	msgpack.RegisterExtDecoder(int8(raw.EXTENSION_REF), (*Ref)(nil), func(decoder *msgpack.Decoder, value reflect.Value, size int) error {
		path := make([]byte, size)
		if err := decoder.ReadFull(path); err != nil {
			return err
		}
		// The reader given in decodePayload says which system resolves it.
		ref, err := decoder.Buffered().(*payloadReader).system.Ref(string(path))
		if err == nil {
			value.Set(reflect.ValueOf(ref))
		}
		return err
	})
}

// payload is the encoded form of a value, with the encoder that wrote it; both are used again.
type payload struct {
	bytes.Buffer
	encoder *msgpack.Encoder
}

var payloads = sync.Pool{New: func() any {
	p := &payload{}
	p.encoder = msgpack.NewEncoder(&p.Buffer)
	return p
}}

// encodePayload encodes a value; nil is an empty payload.
func encodePayload(value any) (*payload, error) {
	p := payloads.Get().(*payload)
	p.Reset()
	if value == nil {
		return p, nil
	}
	p.encoder.Reset(&p.Buffer)
	p.encoder.UseCompactInts(true)
	if err := p.encoder.Encode(value); err != nil {
		p.free()
		return nil, err
	}
	return p, nil
}

func (p *payload) free() { payloads.Put(p) }

// payloadReader is what a decoder reads from; it knows the system, for the refs.
type payloadReader struct {
	bytes.Reader
	system  *System
	decoder *msgpack.Decoder
}

var payloadReaders = sync.Pool{New: func() any { return &payloadReader{decoder: msgpack.NewDecoder(nil)} }}

// decodePayload decodes into what target points to; an empty payload leaves it as it is.
func (s *System) decodePayload(data []byte, target reflect.Value, loose bool) error {
	if len(data) == 0 {
		return nil
	}
	if err := checkPayload(data); err != nil {
		return err
	}
	r := payloadReaders.Get().(*payloadReader)
	r.Reset(data)
	r.system = s
	r.decoder.Reset(r)
	r.decoder.SetMapDecoder(decodeMap)
	err := r.decoder.DecodeValue(target.Elem())
	r.Reset(nil)
	r.system = nil
	payloadReaders.Put(r)
	if err != nil {
		return &Error{Code: CodeMalformed, Message: err.Error()}
	}
	if loose {
		widenWithin(target.Elem())
	}
	return nil
}

// decodeMap decodes a map whose Go type is not known: by string while all keys are strings.
func decodeMap(decoder *msgpack.Decoder) (any, error) {
	size, err := decoder.DecodeMapLen()
	if err != nil || size < 0 {
		return nil, err
	}
	named := make(map[string]any, size)
	var mixed map[any]any
	for i := 0; i < size; i++ {
		key, err := decoder.DecodeInterface()
		if err != nil {
			return nil, err
		}
		value, err := decoder.DecodeInterface()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if ok && mixed == nil {
			named[name] = value
			continue
		}
		if key != nil && !reflect.TypeOf(key).Comparable() {
			return nil, fmt.Errorf("a %T cannot be the key of a map", key)
		}
		if mixed == nil {
			mixed = make(map[any]any, size)
			for name, value := range named {
				mixed[name] = value
			}
		}
		mixed[widen(key)] = value
	}
	if mixed != nil {
		return mixed, nil
	}
	return named, nil
}

// widen makes a decoded value independent of how compactly it was encoded: integers are int64, or uint64 beyond, and
// floats are float64.
func widen(value any) any {
	switch value := value.(type) {
	case int8:
		return int64(value)
	case int16:
		return int64(value)
	case int32:
		return int64(value)
	case uint8:
		return int64(value)
	case uint16:
		return int64(value)
	case uint32:
		return int64(value)
	case uint64:
		if value <= math.MaxInt64 {
			return int64(value)
		}
	case float32:
		return float64(value)
	case []any:
		for i := range value {
			value[i] = widen(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = widen(value[key])
		}
	case map[any]any:
		for key := range value {
			value[key] = widen(value[key])
		}
	}
	return value
}

// widenWithin widens every interface inside a value of a Go type that is known.
func widenWithin(value reflect.Value) {
	switch value.Kind() {
	case reflect.Interface:
		if !value.IsNil() && value.NumMethod() == 0 {
			value.Set(reflect.ValueOf(widen(value.Interface())))
		}
	case reflect.Pointer:
		if !value.IsNil() && value.Type() != refType {
			widenWithin(value.Elem())
		}
	case reflect.Struct:
		for i := 0; i < value.NumField(); i++ {
			if value.Type().Field(i).IsExported() {
				widenWithin(value.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := 0; i < value.Len(); i++ {
			widenWithin(value.Index(i))
		}
	case reflect.Map:
		for keys := value.MapRange(); keys.Next(); {
			element := reflect.New(value.Type().Elem()).Elem()
			element.Set(keys.Value())
			widenWithin(element)
			value.SetMapIndex(keys.Key(), element)
		}
	}
}

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
