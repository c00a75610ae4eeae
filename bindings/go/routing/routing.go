// Package routing says which routee of a router gets a message, and how many routees a pool has. motet.Pool and
// motet.Group make routers of it.
//
// What is zero keeps its default. More can be set by key, in motet.Props.Settings: see motet/router.h.
package routing

import (
	"strconv"
	"time"
)

// Logic decides which routee gets a message.
type Logic interface {
	// Name is what the property "router" calls it, less "-pool" or "-group".
	Name() string
	// Settings are the properties beside "router" that describe it.
	Settings() map[string]string
}

// Size says how many routees a pool has: Instances, Pressure or OptimalSizeExploring.
type Size interface {
	// Settings are the properties that describe it.
	Settings() map[string]string
}

// plain is what a logic without properties has.
type plain struct{}

// Settings are none.
func (plain) Settings() map[string]string { return nil }

// RoundRobin: each in turn.
type RoundRobin struct{ plain }

// Random: any.
type Random struct{ plain }

// SmallestMailbox: the one with the least to do.
type SmallestMailbox struct{ plain }

// Balancing: whoever has nothing to do, as all routees of a pool share one mailbox. Not for groups.
type Balancing struct{ plain }

// Broadcast: all of them.
type Broadcast struct{ plain }

// ScatterGather: all; the first answer goes to who asked, whose ask fails when there is none in time.
type ScatterGather struct {
	// Within is the time for an answer, 5 s by default.
	Within time.Duration
}

// TailChopping: any one, then one more after each interval until one answers; otherwise like ScatterGather.
type TailChopping struct {
	// Within is the time for an answer, 5 s by default.
	Within time.Duration
	// Interval is 10 ms by default.
	Interval time.Duration
}

// ConsistentHashing: the one to whom the message's key belongs.
type ConsistentHashing struct {
	// HashKey is the field of a message that is its key; "" for those that come in a motet.ConsistentHashableEnvelope.
	HashKey string
	// VirtualNodesFactor is how many places each routee has on the ring, 10 by default.
	VirtualNodesFactor int
}

// Name is "round-robin".
func (RoundRobin) Name() string { return "round-robin" }

// Name is "random".
func (Random) Name() string { return "random" }

// Name is "smallest-mailbox".
func (SmallestMailbox) Name() string { return "smallest-mailbox" }

// Name is "balancing".
func (Balancing) Name() string { return "balancing" }

// Name is "broadcast".
func (Broadcast) Name() string { return "broadcast" }

// Name is "scatter-gather".
func (ScatterGather) Name() string { return "scatter-gather" }

// Name is "tail-chopping".
func (TailChopping) Name() string { return "tail-chopping" }

// Name is "consistent-hashing".
func (ConsistentHashing) Name() string { return "consistent-hashing" }

// Settings are the properties that describe it.
func (s ScatterGather) Settings() map[string]string {
	return settings{}.duration("router.within", s.Within)
}

// Settings are the properties that describe it.
func (t TailChopping) Settings() map[string]string {
	return settings{}.duration("router.within", t.Within).duration("router.interval", t.Interval)
}

// Settings are the properties that describe it.
func (c ConsistentHashing) Settings() map[string]string {
	given := settings{}.number("router.virtual-nodes-factor", c.VirtualNodesFactor)
	if c.HashKey != "" {
		given["router.hash-key"] = c.HashKey
	}
	return given
}

// Instances is so many routees.
type Instances int

// Settings are the properties that describe it.
func (i Instances) Settings() map[string]string {
	return map[string]string{"router.instances": strconv.Itoa(int(i))}
}

// Pressure is a pool that grows when all of its routees are busy and shrinks when few are.
type Pressure struct {
	// LowerBound and UpperBound are 1 and 10 by default.
	LowerBound, UpperBound int
	// PressureThreshold says when a routee is busy: when n messages wait for it, 1 by default.
	PressureThreshold int
	// RampupRate is 0.2 by default, BackoffThreshold 0.3, BackoffRate 0.1.
	RampupRate, BackoffThreshold, BackoffRate float64
	// MessagesPerResize is 10 by default.
	MessagesPerResize int
}

// Settings are the properties that describe it.
func (p Pressure) Settings() map[string]string {
	return settings{"router.resizer": "pressure"}.
		number("router.resizer.lower-bound", p.LowerBound).
		number("router.resizer.upper-bound", p.UpperBound).
		number("router.resizer.pressure-threshold", p.PressureThreshold).
		part("router.resizer.rampup-rate", p.RampupRate).
		part("router.resizer.backoff-threshold", p.BackoffThreshold).
		part("router.resizer.backoff-rate", p.BackoffRate).
		number("router.resizer.messages-per-resize", p.MessagesPerResize)
}

// OptimalSizeExploring is a pool that looks for the size with which it gets most done.
type OptimalSizeExploring struct {
	// LowerBound and UpperBound are 1 and 10 by default.
	LowerBound, UpperBound int
	// ActionInterval is the time between two changes, 5 s by default.
	ActionInterval time.Duration
}

// Settings are the properties that describe it.
func (o OptimalSizeExploring) Settings() map[string]string {
	return settings{"router.resizer": "optimal-size-exploring"}.
		number("router.resizer.lower-bound", o.LowerBound).
		number("router.resizer.upper-bound", o.UpperBound).
		duration("router.resizer.action-interval", o.ActionInterval)
}

// settings are properties, without those that are zero.
type settings map[string]string

func (s settings) number(key string, value int) settings {
	if value != 0 {
		s[key] = strconv.Itoa(value)
	}
	return s
}

func (s settings) part(key string, value float64) settings {
	if value != 0 {
		s[key] = strconv.FormatFloat(value, 'f', -1, 64)
	}
	return s
}

func (s settings) duration(key string, value time.Duration) settings {
	if value != 0 {
		s[key] = strconv.FormatInt(value.Nanoseconds(), 10) + "ns"
	}
	return s
}
