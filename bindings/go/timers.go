package motet

import (
	"context"
	"fmt"
	"time"
)

// timer is one timer of an actor. Its message never leaves the process: a tick carries only key and number.
type timer struct {
	number   uint64
	interval time.Duration
	message  any
	clock    *time.Timer
}

// timers are those of one instance of an actor; used only by its handler.
type timers struct {
	last  uint64
	byKey map[int64]*timer
}

// tick is what a timer sends to its actor. The number tells the ticks of a timer from those of one it replaced.
type tick struct {
	Key    int64  `msgpack:"key"`
	Number uint64 `msgpack:"number"`
}

func init() { Register[tick]("go.tick") }

func (t *timers) set(actor *cell, key int64, delay, interval time.Duration, message any) error {
	if delay < 0 || interval < 0 {
		return &Error{Code: CodeInvalid, Message: fmt.Sprintf("a timer's times are 0 or more, not %s and %s", delay, interval)}
	}
	if message == nil {
		return &Error{Code: CodeInvalid, Message: "nil is no message for a timer"}
	}
	t.cancel(key)
	if t.byKey == nil {
		t.byKey = map[int64]*timer{}
	}
	t.last++
	sent := tick{Key: key, Number: t.last}
	self := actor.self
	t.byKey[key] = &timer{number: t.last, interval: interval, message: message, clock: time.AfterFunc(delay, func() {
		_ = self.TellAs(context.Background(), self, sent)
	})}
	return nil
}

func (t *timers) cancel(key int64) {
	if old, ok := t.byKey[key]; ok {
		old.clock.Stop()
		delete(t.byKey, key)
	}
}

func (t *timers) cancelAll() {
	for key := range t.byKey {
		t.cancel(key)
	}
}

// message gives what a tick stands for; false for a tick of a timer that was cancelled or replaced.
func (t *timers) message(tick tick) (any, bool) {
	timer, ok := t.byKey[tick.Key]
	if !ok || timer.number != tick.Number {
		return nil, false
	}
	if timer.interval > 0 {
		timer.clock.Reset(timer.interval)
	} else {
		delete(t.byKey, tick.Key)
	}
	return timer.message, true
}
