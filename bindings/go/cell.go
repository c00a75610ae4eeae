package motet

import (
	"context"
	"fmt"
	"log"
	"runtime/debug"
	"sync"

	"motet/internal/raw"
)

// cell is one actor on the Go side: what the engine knows by a number.
type cell struct {
	system *System
	number uint64
	props  Props
	// turn is held while the actor runs. The engine sees to it that it runs once at a time; the mutex tells Go's memory
	// model so.
	turn     sync.Mutex
	self     *Ref
	instance Actor
	timers   timers
	ctx      context.Context
	cancel   context.CancelFunc
	// What the handlers of a batch did that the engine, which has handed out the batch, cannot act on: stop, and unwatch.
	stopping  bool
	unwatched map[string]bool
}

// run handles the deliveries of one actor in one batch, and tells the engine how they ended.
func (c *cell) run(deliveries []*delivery, arena []byte) {
	c.turn.Lock()
	if c.self == nil {
		c.self = newRef(c.system, raw.Ref_retain(uintptr(deliveries[0].self)))
		c.self.own = true
	}
	handled, code, text, stopped := int64(0), CodeOk, "", false
	for _, d := range deliveries {
		if code, text = c.handle(d, arena[d.dataOffset:d.dataOffset+d.dataSize]); code != CodeOk {
			break
		}
		handled++
		stopped = stopped || d.number == int32(raw.TYPE_POST_STOP)
		if c.stopping {
			break // The rest goes back, to become dead letters.
		}
	}
	c.stopping, c.unwatched = false, nil
	c.turn.Unlock()
	if stopped {
		c.system.forget(c)
	}
	raw.Dispatcher_complete(c.system.dispatcher, c.number, handled, int(code), text)
}

// handle runs the handler of one delivery. A code other than CodeOk means that the actor failed.
func (c *cell) handle(d *delivery, data []byte) (code Code, text string) {
	if c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(c.system.ctx)
	}
	ctx := &Context{Context: c.ctx, cell: c, trace: d.trace, delivery: d, data: data}
	defer func() {
		ctx.delivery, ctx.data = nil, nil
		if reason := recover(); reason != nil {
			log.Printf("motet: panic in %s: %v\n%s", c.self, reason, debug.Stack())
			code, text = CodeFailed, fmt.Sprintf("panic: %v", reason)
			if err, ok := reason.(error); ok {
				code, text = failureOf(err)
			}
		}
	}()
	switch int(d.number) {
	case raw.TYPE_PRE_START:
		return failureOf(c.start(ctx))
	case raw.TYPE_PRE_RESTART:
		return failureOf(c.endInstance(ctx))
	case raw.TYPE_POST_RESTART:
		return failureOf(c.restart(ctx))
	case raw.TYPE_POST_STOP:
		return failureOf(c.stop(ctx))
	}
	return c.receive(ctx, d)
}

// receive gives a message to the actor's handler.
func (c *cell) receive(ctx *Context, d *delivery) (Code, string) {
	message, err := c.system.decode(int(d.number), ctx, ctx.data)
	if err != nil {
		// Whoever sent it, this actor did not fail: a payload that is no such message is one that nobody handles.
		raw.Dispatcher_unhandled(c.system.dispatcher, c.number, int(d.index))
		return CodeOk, ""
	}
	switch signal := message.(type) {
	case tick:
		tick, ok := c.timers.message(signal)
		if !ok {
			return CodeOk, ""
		}
		message = tick
	case Terminated:
		if len(c.unwatched) > 0 && c.unwatched[signal.Ref.String()] {
			return CodeOk, ""
		}
	}
	err = c.instance.Receive(ctx, message)
	if err != ErrUnhandled {
		return failureOf(err)
	}
	if int(d.number) == raw.TYPE_TERMINATED {
		return CodeUnhandled, fmt.Sprintf("%s does not handle the end of %s, which it watches", c.self, message.(Terminated).Ref)
	}
	if int(d.number) >= raw.TYPE_FIRST_USER {
		raw.Dispatcher_unhandled(c.system.dispatcher, c.number, int(d.index))
	}
	return CodeOk, ""
}

func (c *cell) start(ctx *Context) error {
	c.instance = c.props.New()
	if hook, ok := c.instance.(PreStarter); ok {
		return hook.PreStart(ctx)
	}
	return nil
}

// endInstance gives up an instance that failed; there is none when New itself panicked.
func (c *cell) endInstance(ctx *Context) error {
	defer c.end()
	if hook, ok := c.instance.(PreRestarter); ok {
		return hook.PreRestart(ctx, c.reason(ctx))
	}
	return nil
}

func (c *cell) restart(ctx *Context) error {
	c.instance = c.props.New()
	if hook, ok := c.instance.(PostRestarter); ok {
		return hook.PostRestart(ctx, c.reason(ctx))
	}
	return nil
}

func (c *cell) stop(ctx *Context) error {
	defer c.end()
	ctx.Context = context.Background()
	if hook, ok := c.instance.(PostStopper); ok {
		return hook.PostStop(ctx)
	}
	return nil
}

// end ends everything that belongs to an instance.
func (c *cell) end() {
	c.timers.cancelAll()
	c.cancel()
	c.instance, c.ctx, c.cancel = nil, nil, nil
}

// reason reads why an actor was restarted.
func (c *cell) reason(ctx *Context) *Error {
	message, err := c.system.decode(raw.TYPE_FAILURE, ctx, ctx.data)
	if err != nil {
		return &Error{Code: CodeFailed, Message: err.Error()}
	}
	return message.(*Error)
}
