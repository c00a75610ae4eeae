package motet

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"motet/internal/raw"
)

// Codec makes payloads of messages, and messages of payloads. What stands behind the '+' in the name of a message type
// tells the codec: "demo.Job+json". Every language has msgpack (without a '+'), json, utf8 (texts) and raw (bytes);
// others are registered with RegisterCodec.
type Codec interface {
	// Encode gives the payload of a value of a registered type, or of a Message's Value.
	Encode(value any) ([]byte, error)
	// Decode reads a payload, which it must not keep, into what target points to: a value of the registered type, or an
	// any for a Message's Value.
	Decode(data []byte, target any) error
}

var codecs sync.Map // name (string) -> Codec

// RegisterCodec registers a codec for all message types whose names end with "+name". It panics when the name is taken,
// or is none of a-z, 0-9, '.', '-' and '_', as that is a mistake in the program.
func RegisterCodec(name string, codec Codec) {
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
	}
	if name == "" || strings.IndexFunc(name, bad) >= 0 {
		panic(fmt.Sprintf("motet.RegisterCodec: %q: a name of a-z, 0-9, '.', '-' and '_' is expected", name))
	}
	_, taken := codecs.LoadOrStore(name, codec)
	if taken || name == "msgpack" || name == "json" || name == "utf8" || name == "raw" {
		panic(fmt.Sprintf("motet.RegisterCodec: %q is a codec already", name))
	}
}

// codecOf gives the codec in the name of a type, "" for MessagePack.
func codecOf(typeName string) string {
	if codec := raw.Type_codec(typeName); codec != "msgpack" {
		return codec
	}
	return ""
}

// checkCodec tells whether values of a Go type can have the codec of a name; "" when they can.
func checkCodec(codec string, goType reflect.Type) string {
	switch {
	case codec == "utf8" && goType.Kind() != reflect.String:
		return "its codec wants a kind of string"
	case codec == "raw" && (goType.Kind() != reflect.Slice || goType.Elem().Kind() != reflect.Uint8):
		return "its codec wants a kind of []byte"
	}
	return ""
}

// takeBytes copies bytes that a call of the C interface made into a payload, and frees them.
func takeBytes(handle uintptr, into *payload) {
	into.Reset()
	into.Write(unsafe.Slice(raw.Bytes_data(handle), int(raw.Bytes_size(handle))))
	raw.Bytes_free(handle)
}

// encodeWith encodes a value with a codec other than MessagePack.
func encodeWith(codec string, value any) (*payload, error) {
	if codec == "json" {
		p, err := encodePayload(value)
		if err != nil {
			return nil, err
		}
		if p.Len() == 0 {
			p.WriteByte(0xc0) // nil
		}
		var made uintptr
		if err := takeError(raw.Json_from_msgpack(p.Bytes(), &made)); err != nil {
			p.free()
			return nil, err
		}
		takeBytes(made, p)
		return p, nil
	}
	bytes, err := bytesOf(codec, value)
	if err != nil {
		return nil, err
	}
	p := payloads.Get().(*payload)
	p.Reset()
	p.Write(bytes)
	return p, nil
}

func bytesOf(codec string, value any) ([]byte, error) {
	of := reflect.Indirect(reflect.ValueOf(value))
	switch codec {
	case "utf8":
		if of.Kind() != reflect.String || !utf8.ValidString(of.String()) {
			return nil, fmt.Errorf("the codec utf8 wants a text in UTF-8, not %.40v", value)
		}
		return []byte(of.String()), nil
	case "raw":
		if of.Kind() != reflect.Slice || of.Type().Elem().Kind() != reflect.Uint8 {
			return nil, fmt.Errorf("the codec raw wants a []byte, not %.40v", value)
		}
		return of.Bytes(), nil
	}
	registered, ok := codecs.Load(codec)
	if !ok {
		return nil, fmt.Errorf("the codec %q is not registered: motet.RegisterCodec", codec)
	}
	return registered.(Codec).Encode(value)
}

// decodeWith decodes with a codec other than MessagePack into what target points to.
func (s *System) decodeWith(codec string, data []byte, target reflect.Value, loose bool) error {
	into := target.Elem()
	switch codec {
	case "json":
		if len(data) == 0 {
			return nil
		}
		var made uintptr
		if err := takeError(raw.Json_to_msgpack(data, &made)); err != nil {
			return err
		}
		defer raw.Bytes_free(made)
		return s.decodePayload(unsafe.Slice(raw.Bytes_data(made), int(raw.Bytes_size(made))), target, loose)
	case "utf8":
		if !utf8.Valid(data) {
			return malformed("it is not UTF-8")
		}
		into.Set(reflect.ValueOf(string(data)).Convert(into.Type()))
		return nil
	case "raw":
		into.Set(reflect.ValueOf(append([]byte{}, data...)).Convert(into.Type()))
		return nil
	}
	registered, ok := codecs.Load(codec)
	if !ok {
		return malformed("the codec %q is not registered: motet.RegisterCodec", codec)
	}
	if err := registered.(Codec).Decode(data, target.Interface()); err != nil {
		return malformed("%v", err)
	}
	return nil
}
