package motet

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"motet/internal/raw"
)

func decodeAny(data []byte) (any, error) {
	var value any
	err := (&System{}).decodePayload(data, reflect.ValueOf(&value), true)
	return value, err
}

func TestValuesSurviveThePayload(t *testing.T) {
	long := strings.Repeat("motet ", 20000)
	for name, value := range map[string]any{
		"nil":         nil,
		"bool":        true,
		"small":       int64(5),
		"negative":    int64(-33),
		"two bytes":   int64(200),
		"four bytes":  int64(70000),
		"large":       int64(math.MaxInt64),
		"smallest":    int64(math.MinInt64),
		"beyond":      uint64(math.MaxUint64),
		"float":       1.5,
		"text":        "größer als Ω 猫",
		"long text":   long,
		"bytes":       []byte{0, 1, 255},
		"long bytes":  []byte(long),
		"empty list":  []any{},
		"list":        []any{int64(1), "two", []any{3.0, nil}},
		"map":         map[string]any{"a": int64(300), "b": map[string]any{"c": []any{int64(-1)}}},
		"mixed map":   map[any]any{"a": int64(1), int64(7): "seven", false: nil},
		"long list":   make([]any, 70000),
		"list of 200": make([]any, 200),
	} {
		data, err := encodePayload(value)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decodeAny(data.Bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got, value) {
			t.Errorf("%s: %.80v (%T), wanted %.80v (%T)", name, got, got, value, value)
		}
		data.free()
	}
}

func TestInterfacesInsideATypeAreWidened(t *testing.T) {
	type inner struct {
		Value any            `msgpack:"value"`
		Named map[string]any `msgpack:"named"`
		Small int8           `msgpack:"small"`
	}
	type outer struct {
		Items []inner          `msgpack:"items"`
		More  map[string]inner `msgpack:"more"`
		One   *inner           `msgpack:"one"`
	}
	if !holdsInterface(reflect.TypeOf(outer{}), map[reflect.Type]bool{}) {
		t.Fatal("the type holds interfaces")
	}
	filled := inner{Value: 200, Named: map[string]any{"n": 1}, Small: 3}
	wide := inner{Value: int64(200), Named: map[string]any{"n": int64(1)}, Small: 3}
	data, err := encodePayload(outer{Items: []inner{filled}, More: map[string]inner{"x": filled}, One: &filled})
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	if err := (&System{}).decodePayload(data.Bytes(), reflect.ValueOf(&got), true); err != nil {
		t.Fatal(err)
	}
	if want := (outer{Items: []inner{wide}, More: map[string]inner{"x": wide}, One: &wide}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, wanted %+v", got, want)
	}
}

func TestMalformedPayloadsAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"list longer than the bytes":   {0xdd, 0xff, 0xff, 0xff, 0xff},
		"map longer than the bytes":    {0xdf, 0xff, 0xff, 0xff, 0xff, 0x01},
		"text longer than the bytes":   {0xdb, 0xff, 0xff, 0xff, 0xff, 'a'},
		"bytes longer than the bytes":  {0xc6, 0x00, 0x00, 0x00, 0x02, 'a'},
		"extension without body":       {0xd4, 0x01},
		"number cut short":             {0xcf, 0x00, 0x00},
		"length cut short":             {0xda, 0x00},
		"the byte that starts nothing": {0xc1},
		"a second value":               {0x01, 0x02},
		"nested too deep":              append(bytes.Repeat([]byte{0x91}, maxDepth+1), 0x01),
		"an extension nobody knows":    {0xd4, 0x63, 0x00},
		"a list as key":                {0x81, 0x90, 0x01},
		"bytes as key":                 {0x81, 0xc4, 0x01, 0x00, 0x01},
	} {
		if value, err := decodeAny(data); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, %v", name, value, err)
		}
	}
	if _, err := decodeAny(append(bytes.Repeat([]byte{0x91}, maxDepth), 0x01)); err != nil {
		t.Errorf("nested %d deep: %v", maxDepth, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x82, 0xa1, 'a', 0x93, 1, 0xcc, 200, 0xc0, 0xa1, 'b', 0xcb, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xde, 0x00, 0x01, 0xd9, 0x01, 'k', 0xc7, 0x01, 0x63, 0x00})
	f.Add([]byte{0xd6, 0xff, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := decodeAny(data)
		if err != nil {
			return
		}
		again, err := encodePayload(value)
		if err != nil {
			t.Fatalf("%v was decoded and cannot be encoded: %v", value, err)
		}
		again.free()
	})
}

func TestRegisterRefusesASecondMeaning(t *testing.T) {
	type first struct{}
	type second struct{}
	Register[first]("test.First")
	Register[first]("test.First")
	for name, register := range map[string]func(){
		"the name for another type": func() { Register[second]("test.First") },
		"the type by another name":  func() { Register[first]("test.Second") },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "test.First") {
					t.Errorf("%s: %q", name, text)
				}
			}()
			register()
		}()
	}
}

type jsonJob struct {
	ID  int64          `msgpack:"id"`
	Who *Ref           `msgpack:"who"`
	Any map[string]any `msgpack:"any"`
}

type line string
type blob []byte

// reverse is a codec of the program: texts, back to front.
type reverse struct{}

type backwards struct{ text string }

func turned(data []byte) string {
	runes := []rune(string(data))
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func (reverse) Encode(value any) ([]byte, error) {
	switch value := value.(type) {
	case backwards:
		return []byte(turned([]byte(value.text))), nil
	case string:
		return []byte(turned([]byte(value))), nil
	}
	return nil, errors.New("only texts can be turned")
}

func (reverse) Decode(data []byte, target any) error {
	if len(data) > 0 && data[0] == 0xff {
		return errors.New("this cannot be turned")
	}
	switch target := target.(type) {
	case *backwards:
		target.text = turned(data)
	case *any:
		*target = turned(data)
	}
	return nil
}

func init() {
	Register[jsonJob]("test.Job+json")
	Register[line]("test.Line+utf8")
	Register[blob]("test.Blob+raw")
	Register[backwards]("test.Backwards+reverse")
	RegisterCodec("reverse", reverse{})
}

func TestCodecsByName(t *testing.T) {
	system := local(t)
	echo := mustSpawn(t, system, "echo", func(ctx *Context, message any) error { return ctx.Reply(message) })
	job, err := Ask[jsonJob](within(t), echo, jsonJob{ID: 7, Who: echo, Any: map[string]any{"a": []any{int64(1), 2.0, nil}}})
	if err != nil || job.ID != 7 || !job.Who.Equal(echo) || !reflect.DeepEqual(job.Any["a"], []any{int64(1), 2.0, nil}) {
		t.Errorf("%+v, %v", job, err)
	}
	for _, message := range []any{
		line("größer"), line(""), blob{0, 255}, backwards{"ab"},
		Message{"test.Any+json", map[string]any{"a": int64(1)}}, Message{"test.Any+json", nil},
		Message{"test.Any+utf8", "text"}, Message{"test.Any+raw", []byte{0xc1}}, Message{"test.Any+reverse", "abc"},
	} {
		if reply, err := Ask[any](within(t), echo, message); err != nil || !reflect.DeepEqual(reply, message) {
			t.Errorf("%#v, not %#v, %v", reply, message, err)
		}
	}
	for _, refused := range []struct {
		message Message
		text    string
	}{
		{Message{"test.Any+json", []byte{1}}, "binaries"},
		{Message{"test.Any+utf8", 5}, "UTF-8"},
		{Message{"test.Any+utf8", "\xff"}, "UTF-8"},
		{Message{"test.Any+raw", 5}, "[]byte"},
		{Message{"test.Any+reverse", 5}, "turned"},
		{Message{"test.Any+unheard-of", 5}, "not registered"},
		{Message{"test.Any+", 5}, "test.Any+"},
	} {
		err := echo.Tell(context.Background(), refused.message)
		if wantCode(t, err, ErrInvalid); !strings.Contains(err.Error(), refused.text) {
			t.Errorf("%v", err)
		}
	}
}

func TestPayloadsThatTheirCodecDoesNotReadAreUnhandled(t *testing.T) {
	system := local(t)
	letters := make(chan DeadLetter, 1)
	told := mustSpawn(t, system, "letters", func(_ *Context, message any) error {
		letters <- message.(DeadLetter)
		return nil
	})
	if err := system.Subscribe(told, "dead-letters"); err != nil {
		t.Fatal(err)
	}
	echo := mustSpawn(t, system, "echo", func(ctx *Context, message any) error { return ctx.Reply(message) })
	for _, name := range []string{"test.Job+json", "test.Line+utf8", "test.Any+json", "test.Backwards+reverse", "test.Any+unheard-of"} {
		number, err := system.typeNumber(name)
		if err != nil {
			t.Fatal(err)
		}
		if code := raw.Ref_tell(echo.handle, 0, number, []byte("\xff["), nil); code != 0 {
			t.Fatal(code)
		}
		if letter := <-letters; letter.Type != name || letter.Cause != CodeUnhandled {
			t.Errorf("%+v", letter)
		}
	}
}

func TestCodecsThatCannotBe(t *testing.T) {
	panics := func(text string, call func()) {
		t.Helper()
		defer func() {
			if said, _ := recover().(string); !strings.Contains(said, text) {
				t.Errorf("%q was said, not %q", said, text)
			}
		}()
		call()
	}
	for _, name := range []string{"", "Upper", "a+b"} {
		panics("is expected", func() { RegisterCodec(name, reverse{}) })
	}
	for _, name := range []string{"json", "msgpack", "reverse"} {
		panics("already", func() { RegisterCodec(name, reverse{}) })
	}
	type other struct{}
	panics("kind of string", func() { Register[other]("test.Other+utf8") })
	panics("kind of []byte", func() { Register[other]("test.Other+raw") })
}
