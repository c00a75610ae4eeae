package motet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"motet/internal/raw"
)

// DefaultAskTimeout is how long Ask waits when its context has no deadline.
const DefaultAskTimeout = 5 * time.Second

// answer is what came back for one ask. data is its own, not the batch's.
type answer struct {
	kind   int32
	number int
	data   []byte
	sender *Ref
}

// Sender gives the sender, for the signals that tell of it.
func (a answer) Sender() *Ref { return a.sender }

// asks are the questions of a system that wait for their answer.
type asks struct {
	sync.Mutex
	next    uint64
	waiting map[uint64]chan answer
	closed  bool
}

func (a *asks) open() (uint64, chan answer, error) {
	a.Lock()
	defer a.Unlock()
	if a.closed {
		return 0, nil, &Error{Code: CodeClosed, Message: "the system is closed"}
	}
	a.next++
	waiting := make(chan answer, 1)
	a.waiting[a.next] = waiting
	return a.next, waiting, nil
}

// take removes a question; nil when nobody waits for it any more.
func (a *asks) take(correlation uint64) chan answer {
	a.Lock()
	defer a.Unlock()
	waiting := a.waiting[correlation]
	delete(a.waiting, correlation)
	return waiting
}

func (a *asks) close() {
	a.Lock()
	defer a.Unlock()
	a.closed = true
	for correlation, waiting := range a.waiting {
		delete(a.waiting, correlation)
		waiting <- answer{kind: int32(raw.DELIVERY_FAILURE), number: int(CodeClosed), data: []byte("the system is closed")}
	}
}

// Ask sends a message and waits for one reply, until the deadline of ctx (without one: DefaultAskTimeout) or its
// cancellation. Reply is the type of the reply: a registered one, Message, or any. A reply that is an *Error becomes
// the error; so does a timeout, which is both ErrTimeout and context.DeadlineExceeded. Inside a handler, Ask holds up
// only the actor that asks.
func Ask[Reply any](ctx context.Context, target *Ref, message any) (Reply, error) {
	var none Reply
	value, err := target.ask(ctx, message)
	if err != nil {
		return none, err
	}
	if reply, ok := value.(Reply); ok {
		return reply, nil
	}
	if loose, ok := value.(Message); ok {
		if reply, ok := loose.Value.(Reply); ok {
			return reply, nil
		}
		return none, &Error{Code: CodeInvalid, Message: fmt.Sprintf("%s replied %q, wanted was %T", target, loose.Type, none)}
	}
	return none, &Error{Code: CodeInvalid, Message: fmt.Sprintf("%s replied %T, wanted was %T", target, value, none)}
}

func (r *Ref) ask(ctx context.Context, message any) (any, error) {
	handle, err := r.use()
	if err != nil {
		return nil, err
	}
	defer r.release()
	if err := ctx.Err(); err != nil {
		return nil, r.gaveUp(err, message)
	}
	timeout := DefaultAskTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = time.Until(deadline)
	}
	s := r.system
	number, data, err := s.encode(message)
	if err != nil {
		return nil, err
	}
	defer data.free()
	correlation, waiting, err := s.asks.open()
	if err != nil {
		return nil, err
	}
	code := raw.Dispatcher_ask(s.dispatcher, handle, correlation, number, data.Bytes(), milliseconds(timeout), data.trace(ctx))
	if code < 0 {
		s.asks.take(correlation)
		return nil, codeError(code, func() string { return fmt.Sprintf("asking %s with %T", r, message) })
	}
	select {
	case answer := <-waiting:
		if answer.kind == int32(raw.DELIVERY_FAILURE) {
			return nil, &Error{Code: Code(answer.number), Message: string(answer.data)}
		}
		return s.decode(answer.number, answer, answer.data)
	case <-ctx.Done():
		s.asks.take(correlation)
		return nil, r.gaveUp(ctx.Err(), message)
	}
}

// gaveUp is the error of an ask whose context ended first.
func (r *Ref) gaveUp(err error, message any) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: CodeTimeout, Message: fmt.Sprintf("%s did not reply to %T in time", r, message)}
	}
	return fmt.Errorf("asking %s with %T: %w", r, message, err)
}

// milliseconds rounds a duration up to what the C interface counts in, at least 1.
func milliseconds(duration time.Duration) int64 {
	if duration <= time.Millisecond {
		return 1
	}
	if duration > math.MaxInt64-time.Millisecond {
		duration = math.MaxInt64 - time.Millisecond
	}
	return int64((duration + time.Millisecond - 1) / time.Millisecond)
}
