package motet

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"reflect"
	"sync"

	"github.com/vmihailenco/msgpack/v5"

	"motet/internal/raw"
)

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

// payload is the encoded form of a value, with the encoder that wrote it and room for a trace; all are used again.
type payload struct {
	bytes.Buffer
	encoder *msgpack.Encoder
	// traced is memory of its own: what C reads must not lie in an object that has pointers.
	traced *Trace
}

var payloads = sync.Pool{New: func() any {
	p := &payload{traced: new(Trace)}
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

// trace gives the trace of a context as the C interface takes it, until the payload is freed.
func (p *payload) trace(ctx context.Context) []byte {
	trace := traceOf(ctx)
	if trace == nil {
		return nil
	}
	*p.traced = *trace
	return p.traced[:]
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
