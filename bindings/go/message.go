package motet

import (
	"fmt"
	"reflect"
	"sync"

	"motet/internal/raw"
)

// Message is a message by the name of its type. An actor receives one when the type is not registered in this program;
// sent, it says under which name Value travels. Value is made of nil, bool, int64, uint64 (only beyond int64), float64,
// string, []byte, []any, map[string]any (map[any]any when a key is no string), time.Time and *Ref.
type Message struct {
	Type  string
	Value any
}

// messageType is a Go type that travels under a name.
type messageType struct {
	name   string
	goType reflect.Type
	// loose: a value of the type holds interfaces, whose numbers are widened after decoding.
	loose bool
}

// registry holds the message types of the program; a type means the same in every system, so there is one.
var registry = struct {
	sync.RWMutex
	byName map[string]*messageType
	byType map[reflect.Type]*messageType
}{byName: map[string]*messageType{}, byType: map[reflect.Type]*messageType{}}

// Register gives messages of type T their name, which is what all languages know them by. T is mostly a struct; its
// fields travel as a map under the names of their msgpack tags. Values of T and *T may then be told, and arrive as T.
// Register panics when the name or the type is registered otherwise already, as that is a mistake in the program. What
// stands behind a '+' in the name is the codec, see Codec.
func Register[T any](name string) {
	goType := reflect.TypeOf((*T)(nil)).Elem()
	registry.Lock()
	defer registry.Unlock()
	if other, ok := registry.byName[name]; ok && other.goType != goType {
		panic(fmt.Sprintf("motet.Register: %q is the name of %s, it cannot be that of %s too", name, other.goType, goType))
	}
	if other, ok := registry.byType[goType]; ok && other.name != name {
		panic(fmt.Sprintf("motet.Register: %s has the name %q, it cannot be %q too", goType, other.name, name))
	}
	if problem := checkCodec(codecOf(name), goType); problem != "" {
		panic(fmt.Sprintf("motet.Register: %q cannot be the name of %s: %s", name, goType, problem))
	}
	entry := &messageType{name: name, goType: goType, loose: holdsInterface(goType, map[reflect.Type]bool{})}
	registry.byName[name] = entry
	registry.byType[goType] = entry
}

// holdsInterface tells whether a value of a type may hold an interface somewhere.
func holdsInterface(goType reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[goType] {
		return false
	}
	seen[goType] = true
	switch goType.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return goType != refType && holdsInterface(goType.Elem(), seen)
	case reflect.Struct:
		for i := 0; i < goType.NumField(); i++ {
			if field := goType.Field(i); field.IsExported() && holdsInterface(field.Type, seen) {
				return true
			}
		}
	}
	return false
}

// types is what one system knows of types, each asked of the engine once.
type types struct {
	numbers sync.Map // name (string) -> number (int)
	goTypes sync.Map // Go type (reflect.Type) -> number (int)
	names   sync.Map // number (int) -> name (string)
	codecs  sync.Map // number (int) -> codec (string), "" for MessagePack
	known   sync.Map // number (int) -> *messageType, of those that are registered
}

// typeNumber gives the number of a type in this system.
func (s *System) typeNumber(name string) (int, error) {
	if number, ok := s.types.numbers.Load(name); ok {
		return number.(int), nil
	}
	if err := checkText("the name of a message type", name); err != nil {
		return 0, err
	}
	number := raw.System_type(s.handle, name)
	if number < 0 {
		return 0, codeError(number, func() string { return fmt.Sprintf("the message type %q", name) })
	}
	s.types.numbers.Store(name, number)
	return number, nil
}

// numberOf gives the number under which a value of a registered type travels.
func (s *System) numberOf(value any) (int, error) {
	goType := reflect.TypeOf(value)
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	if number, ok := s.types.goTypes.Load(goType); ok {
		return number.(int), nil
	}
	registry.RLock()
	entry := registry.byType[goType]
	registry.RUnlock()
	if entry == nil {
		return 0, &Error{Code: CodeInvalid, Message: fmt.Sprintf(
			"Go type %s has no name as a message: register it with motet.Register, or send a motet.Message", goType)}
	}
	number, err := s.typeNumber(entry.name)
	if err == nil {
		s.types.goTypes.Store(goType, number)
	}
	return number, err
}

// typeName gives the name of a type of this system, "" for a number that nobody has been given.
func (s *System) typeName(number int) string {
	if name, ok := s.types.names.Load(number); ok {
		return name.(string)
	}
	name := raw.System_type_name(s.handle, number)
	if name != "" {
		s.types.names.Store(number, name)
	}
	return name
}

// codecOf gives the codec of a type of this system, "" for MessagePack.
func (s *System) codecOf(number int) string {
	if number < raw.TYPE_FIRST_USER {
		return ""
	}
	if codec, ok := s.types.codecs.Load(number); ok {
		return codec.(string)
	}
	codec := codecOf(s.typeName(number))
	s.types.codecs.Store(number, codec)
	return codec
}

// typeOf gives the Go type of a number; nil when none is registered in this program.
func (s *System) typeOf(number int) *messageType {
	if known, ok := s.types.known.Load(number); ok {
		return known.(*messageType)
	}
	name := s.typeName(number)
	registry.RLock()
	entry := registry.byName[name]
	registry.RUnlock()
	if entry != nil {
		s.types.known.Store(number, entry)
	}
	return entry
}

// encode gives the type number of a message and its payload, to be given back with payload.free.
func (s *System) encode(message any) (int, *payload, error) {
	number, value, err := s.open(message)
	if err != nil {
		return 0, nil, err
	}
	var data *payload
	if codec := s.codecOf(number); codec == "" {
		data, err = encodePayload(value)
	} else {
		data, err = encodeWith(codec, value)
	}
	if err != nil {
		return 0, nil, &Error{Code: CodeInvalid, Message: fmt.Sprintf("a message of Go type %T cannot be encoded: %v", message, err)}
	}
	return number, data, nil
}

// open finds the type number of a message and the value that is its payload.
func (s *System) open(message any) (number int, value any, err error) {
	switch message := message.(type) {
	case nil:
		return 0, nil, &Error{Code: CodeInvalid, Message: "nil is no message"}
	case Message:
		number, err = s.typeNumber(message.Type)
		return number, message.Value, err
	case *Error:
		return raw.TYPE_FAILURE, failure{Code: message.Code, Message: message.Message}, nil
	case PoisonPill:
		return raw.TYPE_POISON_PILL, nil, nil
	case Kill:
		return raw.TYPE_KILL, nil, nil
	case Identify:
		return raw.TYPE_IDENTIFY, message.ID, nil
	case GetRoutees:
		return raw.TYPE_GET_ROUTEES, nil, nil
	case AddRoutee:
		return raw.TYPE_ADD_ROUTEE, message, nil
	case RemoveRoutee:
		return raw.TYPE_REMOVE_ROUTEE, message, nil
	case AdjustPoolSize:
		return raw.TYPE_ADJUST_POOL_SIZE, message, nil
	case Broadcast:
		value, err = s.wrap(message.Message)
		return raw.TYPE_BROADCAST, value, err
	case ConsistentHashableEnvelope:
		value, err = s.wrapWithKey(message)
		return raw.TYPE_CONSISTENT_HASHABLE_ENVELOPE, value, err
	}
	number, err = s.numberOf(message)
	return number, message, err
}

// origin is where a message came from.
type origin interface {
	// Sender is who sent it, nil for nobody.
	Sender() *Ref
}

// decode makes the value that a handler receives. data is read during the call and not kept.
func (s *System) decode(number int, from origin, data []byte) (any, error) {
	if number < raw.TYPE_FIRST_USER {
		if make, ok := signals[number]; ok {
			return make(s, from, data)
		}
	}
	if entry := s.typeOf(number); entry != nil {
		value := reflect.New(entry.goType)
		err := s.decodeInto(number, data, value, entry.loose)
		return value.Elem().Interface(), err
	}
	var value any
	err := s.decodeInto(number, data, reflect.ValueOf(&value), true)
	return Message{Type: s.typeName(number), Value: value}, err
}

// decodeInto decodes a message of a type into what target points to.
func (s *System) decodeInto(number int, data []byte, target reflect.Value, loose bool) error {
	if codec := s.codecOf(number); codec != "" {
		return s.decodeWith(codec, data, target, loose)
	}
	return s.decodePayload(data, target, loose)
}
