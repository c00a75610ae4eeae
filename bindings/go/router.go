package motet

import (
	"strings"

	"motet/routing"
)

// Pool describes a pool: a router that makes and supervises its routees, which are actors of the given props, as many as
// size says. Pool(motet.Func(work), routing.RoundRobin{}, routing.Instances(5))
func Pool(routee Props, logic routing.Logic, size routing.Size) Props {
	return routee.with(map[string]string{"router": logic.Name() + "-pool"}, logic.Settings(), size.Settings())
}

// Group describes a group: a router over actors that were made elsewhere, on any node.
// Group(routing.Random{}, "/user/a", "motet.tcp://Other@host:2551/user/b")
func Group(logic routing.Logic, paths ...string) Props {
	settings := map[string]string{"router": logic.Name() + "-group", "router.paths": strings.Join(paths, ",")}
	return Props{group: true}.with(settings, logic.Settings())
}

// with gives the same props with more settings.
func (p Props) with(more ...map[string]string) Props {
	settings := map[string]string{}
	for _, some := range append([]map[string]string{p.Settings}, more...) {
		for key, value := range some {
			settings[key] = value
		}
	}
	p.Settings = settings
	return p
}

// GetRoutees asks a router for its Routees.
type GetRoutees struct{}

// Routees answers GetRoutees.
type Routees struct {
	Routees []*Ref `msgpack:"routees"`
}

// AddRoutee gives a router one more routee; it leaves when it ends.
type AddRoutee struct {
	Routee *Ref `msgpack:"routee"`
}

// RemoveRoutee takes a routee from a router; one of a pool's own then ends when it has done what it was sent.
type RemoveRoutee struct {
	Routee *Ref `msgpack:"routee"`
}

// AdjustPoolSize gives a pool more routees, or fewer when Change is below 0; at least one stays.
type AdjustPoolSize struct {
	Change int64 `msgpack:"change"`
}

// Broadcast wraps a message for all routees of a router, whatever its logic: Broadcast{PoisonPill{}}.
type Broadcast struct{ Message any }

// ConsistentHashableEnvelope wraps a message with the key by which its routee is chosen: a string, a []byte or an integer.
type ConsistentHashableEnvelope struct {
	Key     any
	Message any
}

// wrap gives the fields that stand for a message inside another.
func (s *System) wrap(message any) (map[string]any, error) {
	number, data, err := s.encode(message)
	if err != nil {
		return nil, err
	}
	defer data.free()
	return map[string]any{"type": s.typeName(number), "payload": append([]byte{}, data.Bytes()...)}, nil
}

// wrapWithKey does so for a ConsistentHashableEnvelope.
func (s *System) wrapWithKey(envelope ConsistentHashableEnvelope) (map[string]any, error) {
	fields, err := s.wrap(envelope.Message)
	if err == nil {
		fields["key"] = envelope.Key
	}
	return fields, err
}
