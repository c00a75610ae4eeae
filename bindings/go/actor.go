package motet

import (
	"context"
	"time"

	"motet/internal/raw"
)

// Actor handles messages, one at a time, in the order in which each sender told them. Different actors run in different
// goroutines; a handler may block, which holds up its own actor only.
//
// An error that Receive returns, and a panic, mean that the actor failed: supervision decides what follows. The error
// ErrUnhandled means that the actor does not know such messages: the message becomes a dead letter.
type Actor interface {
	Receive(ctx *Context, message any) error
}

// ActorFunc is an actor that is just its handler.
type ActorFunc func(ctx *Context, message any) error

// Receive calls the function.
func (f ActorFunc) Receive(ctx *Context, message any) error { return f(ctx, message) }

// Hooks that an Actor may have as well. An error or a panic in one of them is a failure too.
type (
	// PreStarter is called before the first message of a fresh actor.
	PreStarter interface{ PreStart(ctx *Context) error }
	// PostStopper is called last. The context is not cancelled then, unlike that of earlier handlers.
	PostStopper interface{ PostStop(ctx *Context) error }
	// PreRestarter is called on the instance that failed, before it is given up.
	PreRestarter interface {
		PreRestart(ctx *Context, reason *Error) error
	}
	// PostRestarter is called on the instance that takes its place.
	PostRestarter interface {
		PostRestart(ctx *Context, reason *Error) error
	}
)

// Props describes an actor.
type Props struct {
	// New makes a fresh instance: at the start, and at every restart. It is called in the actor's own goroutine.
	New func() Actor
	// Type, where New is nil, is the name of a type that is registered where the actor is created: here, or on the node
	// that the setting "remote" names, in whatever language.
	Type string
	// Arguments are what an actor of a Type is made with: a value that messages can have, nil for nothing.
	Arguments any
	// Settings are properties by key, such as "supervision.directive": "stop". See motet/actor.h.
	Settings map[string]string
	// group: it is a router over actors that were made elsewhere, and there is nothing to make.
	group bool
}

// Func describes an actor that is just its handler.
func Func(receive func(ctx *Context, message any) error) Props {
	return Props{New: func() Actor { return ActorFunc(receive) }}
}

// Context is what a handler is given beside the message. As a context.Context it carries the actor (as sender) and the
// trace of the message, and is cancelled when the actor restarts or stops, or the system closes; as such it may be
// passed on and used in any goroutine. Its own methods are for the handler's goroutine, until the handler returns.
type Context struct {
	context.Context
	cell  *cell
	trace Trace
	// delivery is what is being handled; nil when the handler has returned.
	delivery *delivery
	data     []byte
}

type actorKey struct{}

// Value gives the values of the system's context, and to this package the actor and the trace.
func (c *Context) Value(key any) any {
	switch key.(type) {
	case actorKey:
		return c.cell
	case traceKey:
		return &c.trace
	}
	return c.Context.Value(key)
}

// actorOf gives the actor in whose handler a context was made, nil for none.
func actorOf(ctx context.Context) *cell {
	if handling, ok := ctx.(*Context); ok {
		return handling.cell
	}
	actor, _ := ctx.Value(actorKey{}).(*cell)
	return actor
}

// Self is the actor itself.
func (c *Context) Self() *Ref { return c.cell.self }

// System is the system that the actor lives in.
func (c *Context) System() *System { return c.cell.system }

// Sender is who sent the message, nil for nobody. It may be kept.
func (c *Context) Sender() *Ref {
	if c.delivery == nil || c.delivery.sender == 0 {
		return nil
	}
	return newRef(c.cell.system, raw.Ref_retain(uintptr(c.delivery.sender)))
}

// Reply tells the sender of the message; an error when there is none. An *Error as reply makes an ask fail.
func (c *Context) Reply(message any) error {
	if c.delivery == nil || c.delivery.sender == 0 {
		return &Error{Code: CodeInvalid, Message: "nobody sent the message that " + c.Self().String() + " replies to"}
	}
	name := func() string { return "the sender of the message, " + c.Sender().String() }
	return c.System().tell(c, uintptr(c.delivery.sender), c.cell.self.handle, message, name)
}

// Forward passes the message on as it is, with the same sender.
func (c *Context) Forward(target *Ref) error {
	if c.delivery == nil {
		return &Error{Code: CodeBadState, Message: "Forward after the handler has returned"}
	}
	handle, err := target.use()
	if err != nil {
		return err
	}
	defer target.release()
	trace := c.trace
	code := raw.Ref_tell(handle, uintptr(c.delivery.sender), int(c.delivery.number), c.data, trace[:])
	return codeError(code, func() string { return "forwarding to " + target.String() })
}

// Spawn creates an actor below this one, which supervises it. name is unique among its siblings; "" has one generated.
func (c *Context) Spawn(props Props, name string) (*Ref, error) {
	return c.cell.system.spawn(c.cell.self, props, name)
}

// Watch has this actor receive a Terminated, once, when the target stops or its node is lost.
func (c *Context) Watch(target *Ref) error {
	handle, err := target.use()
	if err != nil {
		return err
	}
	defer target.release()
	delete(c.cell.unwatched, target.String())
	return codeError(raw.Ref_watch(c.cell.self.handle, handle), func() string { return "watching " + target.String() })
}

// Unwatch ends a watch: no Terminated comes any more, also if one is queued.
func (c *Context) Unwatch(target *Ref) error {
	handle, err := target.use()
	if err != nil {
		return err
	}
	defer target.release()
	if c.cell.unwatched == nil {
		c.cell.unwatched = map[string]bool{}
	}
	c.cell.unwatched[target.String()] = true
	return codeError(raw.Ref_unwatch(c.cell.self.handle, handle), func() string { return "unwatching " + target.String() })
}

// Stop has this actor stop after the present message.
func (c *Context) Stop() error {
	c.cell.stopping = true
	return c.cell.self.Stop()
}

// Timer has this actor receive a message after a delay, and, when interval is above 0, again and again with that pause.
// A timer with the same key is replaced. Timers end when the actor restarts or stops.
func (c *Context) Timer(key int64, delay, interval time.Duration, message any) error {
	return c.cell.timers.set(c.cell, key, delay, interval, message)
}

// CancelTimer cancels a timer; nothing comes of it any more, also if a tick is queued.
func (c *Context) CancelTimer(key int64) { c.cell.timers.cancel(key) }
