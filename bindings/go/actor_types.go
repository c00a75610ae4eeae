package motet

import (
	"fmt"
	"reflect"

	"motet/internal/raw"
)

// Arguments are what an actor of a type was made with.
type Arguments struct {
	system *System
	data   []byte
}

// Decode reads them into what target points to, which stays as it is when there are none.
func (a Arguments) Decode(target any) error {
	value := reflect.ValueOf(target)
	if value.Kind() != reflect.Pointer || value.IsNil() {
		return &Error{Code: CodeInvalid, Message: fmt.Sprintf("arguments are decoded into what a pointer points to, not a %T", target)}
	}
	return a.system.decodePayload(a.data, value, true)
}

// RegisterActor registers a type of actors by name, so that Props with that Type describe them, here and on other nodes.
// factory makes a fresh instance of the arguments; an error means that the actor fails. Other nodes create actors here as
// far as remote.creation.allow and remote.creation.deny let them.
func (s *System) RegisterActor(typeName string, factory func(Arguments) (Actor, error)) error {
	if factory == nil {
		return &Error{Code: CodeInvalid, Message: "an actor type without a function: there is nothing to make an actor with"}
	}
	if err := checkText("the name of an actor type", typeName); err != nil {
		return err
	}
	described := raw.Props_new_foreign(s.dispatcher, 0)
	if described == 0 {
		return ErrNoMemory
	}
	defer raw.Props_free(described)
	// Before the engine can make one; it refuses the name when it is taken.
	_, taken := s.actorTypes.LoadOrStore(typeName, factory)
	err := takeError(raw.System_register_actor(s.handle, typeName, described))
	if err != nil && !taken {
		s.actorTypes.Delete(typeName)
	}
	return err
}

// made makes the cell of an actor that the engine has made, by the name of its type or as a routee; nil when it ends
// unbegun.
func (s *System) made(first *delivery, arena []byte) *cell {
	if first.number != int32(raw.TYPE_PRE_START) {
		return nil
	}
	var told struct {
		Type      string `msgpack:"type"`
		Arguments []byte `msgpack:"arguments"`
		// Props is the number of the router that the actor is a routee of.
		Props uint64 `msgpack:"props"`
	}
	data := arena[first.dataOffset : first.dataOffset+first.dataSize]
	if err := s.decodePayload(data, reflect.ValueOf(&told), false); err != nil {
		return nil
	}
	c := &cell{system: s, number: first.actor}
	if router := s.cell(told.Props); router != nil {
		c.props = router.props
	} else if factory, ok := s.actorTypes.Load(told.Type); ok {
		arguments := Arguments{system: s, data: told.Arguments}
		c.props.New = func() Actor {
			actor, err := factory.(func(Arguments) (Actor, error))(arguments)
			if err != nil {
				panic(err)
			}
			return actor
		}
	} else {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.cells[c.number] = c
	return c
}

// spawnOfType creates an actor by the name of its type, maybe on another node.
func (s *System) spawnOfType(parent *Ref, props Props, name string) (*Ref, error) {
	if props.Type == "" && !props.group {
		return nil, &Error{Code: CodeInvalid, Message: "props without New and Type: there is nothing to make an actor from"}
	}
	if err := checkText("the name of an actor type", props.Type); err != nil {
		return nil, err
	}
	arguments, err := encodePayload(props.Arguments)
	if err != nil {
		return nil, &Error{Code: CodeInvalid, Message: fmt.Sprintf("arguments of Go type %T cannot be encoded: %v", props.Arguments, err)}
	}
	defer arguments.free()
	return s.create(parent, raw.Props_of_type(props.Type, arguments.Bytes()), props, name)
}
