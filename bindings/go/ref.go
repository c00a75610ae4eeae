package motet

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"motet/internal/raw"
)

// Ref is a reference to an actor, wherever it lives. It may be used from any goroutine, sent inside messages at any
// depth, and held as long as one likes, also after its actor is gone: what is told to it then becomes a dead letter.
// Compare with Equal; as the key of a map use String. Refs are few words outside of Go's memory: Close releases them at
// once, the garbage collector releases those that were not closed.
type Ref struct {
	system *System
	handle uintptr
	path   atomic.Pointer[string]
	// own is true for the ref that an actor has of itself, which is not anybody's to close.
	own bool
	// users is twice the number of calls that use the handle now, plus one when the ref is closed: whoever finds a
	// closed ref without users frees the handle.
	users atomic.Int64
}

// newRef takes over one hold of a handle of the C interface.
func newRef(system *System, handle uintptr) *Ref {
	r := &Ref{system: system, handle: handle}
	runtime.SetFinalizer(r, (*Ref).free)
	return r
}

func (r *Ref) free() { raw.Ref_free(r.handle) }

// use keeps the handle from being freed until release is called. It fails on a nil or closed ref.
func (r *Ref) use() (uintptr, error) {
	if r == nil {
		return 0, &Error{Code: CodeInvalid, Message: "the ref is nil"}
	}
	if r.users.Add(2)&1 != 0 {
		r.users.Add(-2)
		return 0, &Error{Code: CodeClosed, Message: "the ref is closed"}
	}
	return r.handle, nil
}

func (r *Ref) release() {
	if r.users.Add(-2) == 1 {
		r.free()
	}
}

// Close releases the ref; the actor is not affected. Afterwards the ref refuses its use with ErrClosed. Closing what
// Context.Self gave does nothing.
func (r *Ref) Close() {
	for !r.own {
		users := r.users.Load()
		if users&1 != 0 {
			return
		}
		if r.users.CompareAndSwap(users, users|1) {
			runtime.SetFinalizer(r, nil)
			if users == 0 {
				r.free()
			}
			return
		}
	}
}

// String gives the full path, "motet.tcp://System@host:port/user/a#17". System.Ref on that text gives an equal ref on
// any node. It is "" for a nil or closed ref.
func (r *Ref) String() string {
	handle, err := r.use()
	if err != nil {
		return ""
	}
	defer r.release()
	if path := r.path.Load(); path != nil {
		return *path
	}
	path := readText(func(buffer []byte) int64 { return raw.Ref_path(handle, buffer) })
	r.path.Store(&path)
	return path
}

// Equal tells whether both name the same incarnation of the same actor.
func (r *Ref) Equal(other *Ref) bool {
	if r == other {
		return true
	}
	left, err := r.use()
	if err != nil {
		return false
	}
	defer r.release()
	right, err := other.use()
	if err != nil {
		return false
	}
	defer other.release()
	return raw.Ref_equal(left, right) == 1
}

// Tell sends a message and does not wait. When ctx is that of a handler, or made from one, the message has its actor as
// sender and belongs to its trace. A nil error means that the message was handed over, which is no promise that it
// arrives: delivery is at most once, in order for each pair of sender and target.
func (r *Ref) Tell(ctx context.Context, message any) error {
	if self := actorOf(ctx); self != nil {
		return r.TellAs(ctx, self.self, message)
	}
	return r.TellAs(ctx, nil, message)
}

// TellAs is Tell with a sender of the caller's choice: whom a reply reaches; nil for nobody.
func (r *Ref) TellAs(ctx context.Context, sender *Ref, message any) error {
	handle, err := r.use()
	if err != nil {
		return err
	}
	defer r.release()
	var from uintptr
	if sender != nil {
		if from, err = sender.use(); err != nil {
			return err
		}
		defer sender.release()
	}
	return r.system.tell(ctx, handle, from, message, r.String)
}

// tell sends a message between two handles; name says on failure who the target was.
func (s *System) tell(ctx context.Context, target, sender uintptr, message any, name func() string) error {
	number, data, err := s.encode(message)
	if err != nil {
		return err
	}
	defer data.free()
	code := raw.Ref_tell(target, sender, number, data.Bytes(), data.trace(ctx))
	return codeError(code, func() string { return fmt.Sprintf("telling %T to %s", message, name()) })
}

// waitSlice is how long one native wait may take, so that a context that ends is noticed.
const waitSlice = 200 * time.Millisecond

// sizeOf gives the size of a message's payload.
func (s *System) sizeOf(message any) (int64, error) {
	_, data, err := s.encode(message)
	if err != nil {
		return 0, err
	}
	defer data.free()
	return int64(len(data.Bytes())), nil
}

// AwaitRoom waits until a message that was refused with ErrQueueFull finds room in the queue to the node of the actor,
// until ctx ends; at once for an actor of this node. It promises nothing: others may fill the room first. Other errors
// say that none is to be expected: ErrTooLarge, ErrGated, ErrQuarantined, ErrClosed, ...
func (r *Ref) AwaitRoom(ctx context.Context, message any) error {
	handle, err := r.use()
	if err != nil {
		return err
	}
	defer r.release()
	size, err := r.system.sizeOf(message)
	if err != nil {
		return err
	}
	for {
		code := raw.Ref_await_room(handle, size, waitSlice.Milliseconds())
		if Code(code) != CodeTimeout {
			return codeError(code, func() string { return fmt.Sprintf("waiting for room for %T to %s", message, r) })
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// WhenRoom has an actor of this node told by one Room when AwaitRoom would return.
func (r *Ref) WhenRoom(message any, actor *Ref) error {
	handle, err := r.use()
	if err != nil {
		return err
	}
	defer r.release()
	size, err := r.system.sizeOf(message)
	if err != nil {
		return err
	}
	told, err := actor.use()
	if err != nil {
		return err
	}
	defer actor.release()
	return codeError(raw.Ref_when_room(handle, size, told), func() string { return fmt.Sprintf("when there is room for %s", r) })
}

// Stop asks an actor of this node to stop after the message it is handling: its children first, then itself.
func (r *Ref) Stop() error {
	handle, err := r.use()
	if err != nil {
		return err
	}
	defer r.release()
	return codeError(raw.Ref_stop(handle), func() string { return fmt.Sprintf("stopping %s", r) })
}

// readText reads a text that a call of the C interface writes into a buffer, of whatever length it is.
func readText(read func(buffer []byte) int64) string {
	buffer := make([]byte, 256)
	size := read(buffer)
	if size >= int64(len(buffer)) {
		buffer = make([]byte, size+1)
		size = read(buffer)
	}
	if size < 0 {
		return ""
	}
	return string(buffer[:size])
}

// checkText refuses text that C would cut off at a zero byte.
func checkText(what, text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return &Error{Code: CodeInvalid, Message: fmt.Sprintf("%s has a zero byte: %q", what, text)}
	}
	return nil
}
