package motet

import (
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

type vectorInner struct {
	Name  string `msgpack:"name"`
	Count int64  `msgpack:"count"`
}

type vectorSample struct {
	Flag    bool             `msgpack:"flag"`
	Small   int32            `msgpack:"small"`
	Large   uint64           `msgpack:"large"`
	Ratio   float64          `msgpack:"ratio"`
	Text    string           `msgpack:"text"`
	Numbers []int64          `msgpack:"numbers"`
	Inner   vectorInner      `msgpack:"inner"`
	Nothing *vectorInner     `msgpack:"nothing"`
	Pages   map[string]int64 `msgpack:"pages"`
	Who     *Ref             `msgpack:"who"`
}

type (
	vectorSampleJSON vectorSample
	vectorLine       string
	vectorBlob       []byte
)

func init() {
	Register[vectorSample]("vector.Sample")
	Register[vectorSampleJSON]("vector.Sample+json")
	Register[vectorLine]("vector.Line+utf8")
	Register[vectorBlob]("vector.Blob+raw")
}

func describe(value reflect.Value) string {
	switch value.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.Interface:
		return describe(value.Elem())
	case reflect.Float64:
		return fmt.Sprintf("%.4f", value.Float())
	case reflect.String:
		return "'" + value.String() + "'"
	case reflect.Pointer:
		if ref, ok := value.Interface().(*Ref); ok {
			return "<" + ref.String() + ">"
		}
		return describe(value.Elem())
	case reflect.Slice:
		if bytes, ok := value.Interface().([]byte); ok {
			return "x" + hex.EncodeToString(bytes)
		}
		var items []string
		for i := 0; i < value.Len(); i++ {
			items = append(items, describe(value.Index(i)))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Map:
		var items []string
		for keys := value.MapRange(); keys.Next(); {
			items = append(items, describe(keys.Key())+": "+describe(keys.Value()))
		}
		return "{" + strings.Join(items, ", ") + "}"
	case reflect.Struct:
		var items []string
		for i := 0; i < value.NumField(); i++ {
			name := value.Type().Field(i).Tag.Get("msgpack")
			items = append(items, "'"+name+"': "+describe(value.Field(i)))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return fmt.Sprint(value.Interface())
}

// What stands in tests/vectors/payload.tsv every language reads and writes alike.
func TestVectors(t *testing.T) {
	file, err := os.ReadFile("../../tests/vectors/payload.tsv")
	if err != nil {
		t.Fatal(err)
	}
	system := start(t, map[string]string{"remote.enabled": "off", "system.name": "vectors"})
	count := 0
	for _, line := range strings.Split(strings.TrimSpace(string(file)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		count++
		parts := strings.Split(line, "\t")
		name, meaning := parts[0], parts[2]
		payload, err := hex.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		number, err := system.typeNumber(name)
		if err != nil {
			t.Fatal(err)
		}
		message, err := system.decode(number, nil, payload)
		if err != nil {
			t.Errorf("%s: %v", meaning, err)
			continue
		}
		value := reflect.ValueOf(message)
		said := describe(value)
		switch message := message.(type) {
		case Message:
			said = describe(reflect.ValueOf(&message.Value).Elem())
		case vectorLine:
			said = "{'text': " + said + "}"
		case vectorBlob:
			said = "{'data': " + describe(reflect.ValueOf([]byte(message))) + "}"
		}
		if said != meaning {
			t.Errorf("%s, not %s", said, meaning)
		}
		_, written, err := system.encode(message)
		if err != nil {
			t.Fatal(err)
		}
		empty := len(payload) == 1 && payload[0] == 0xc0 && written.Len() == 0 // nil is an empty payload
		if hex.EncodeToString(written.Bytes()) != parts[1] && !empty {
			t.Errorf("%s: %x, not %s", meaning, written.Bytes(), parts[1])
		}
		written.free()
	}
	if count < 60 {
		t.Errorf("only %d vectors", count)
	}
}
