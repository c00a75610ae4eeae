package motet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestTellAskAndReply(t *testing.T) {
	system, ctx := local(t), within(t)
	upper := mustSpawn(t, system, "upper", func(ctx *Context, message any) error {
		switch message := message.(type) {
		case text:
			return ctx.Reply(text{Value: strings.ToUpper(message.Value)})
		case *number:
			t.Error("a message arrives as a value, not as a pointer")
		case Message:
			return ctx.Reply(message)
		}
		return ErrUnhandled
	})
	reply, err := Ask[text](ctx, upper, &text{Value: "größer"})
	if err != nil || reply.Value != "GRÖSSER" && reply.Value != "GRÖßER" {
		t.Fatalf("%v, %v", reply, err)
	}
	if !strings.HasSuffix(strings.SplitN(upper.String(), "#", 2)[0], "/user/upper") {
		t.Errorf("the path is %s", upper)
	}
	same, err := Ask[Message](ctx, upper, Message{Type: "test.Unknown", Value: map[string]any{"a": 1}})
	if err != nil || same.Type != "test.Unknown" || same.Value.(map[string]any)["a"] != int64(1) {
		t.Fatalf("%v, %v", same, err)
	}
	loose, err := Ask[map[string]any](ctx, upper, Message{Type: "test.Unknown", Value: map[string]any{"a": 1}})
	if err != nil || loose["a"] != int64(1) {
		t.Fatalf("%v, %v", loose, err)
	}
	_, err = Ask[number](ctx, upper, text{Value: "x"})
	wantCode(t, err, ErrInvalid)
	if !strings.Contains(err.Error(), "motet.text") || !strings.Contains(err.Error(), "motet.number") {
		t.Errorf("the error does not name both types: %v", err)
	}
}

func TestMessagesOfOneSenderArriveInOrderOneAtATime(t *testing.T) {
	system, ctx := local(t), within(t)
	const many = 20000
	var busy, seen atomic.Int64
	done := make(chan error, 1)
	ordered := mustSpawn(t, system, "", func(_ *Context, message any) error {
		if busy.Add(1) != 1 {
			done <- errors.New("two handlers ran at once")
		}
		defer busy.Add(-1)
		if got, want := message.(number).Value, seen.Add(1)-1; got != want {
			done <- fmt.Errorf("%d came, wanted %d", got, want)
		} else if want == many-1 {
			done <- nil
		}
		return nil
	})
	for i := int64(0); i < many; i++ {
		tell(t, ctx, ordered, number{Value: i})
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatalf("only %d of %d came", seen.Load(), many)
	}
}

func TestHandlersMayWaitForOtherActors(t *testing.T) {
	system, ctx := local(t), within(t)
	last := mustSpawn(t, system, "", func(ctx *Context, message any) error { return ctx.Reply(message) })
	for i := 0; i < 50; i++ {
		target := last
		last = mustSpawn(t, system, "", func(ctx *Context, message any) error {
			reply, err := Ask[number](ctx, target, message)
			if err != nil {
				return err
			}
			return ctx.Reply(number{Value: reply.Value + 1})
		})
	}
	reply, err := Ask[number](ctx, last, number{Value: 1})
	if err != nil || reply.Value != 51 {
		t.Fatalf("%v, %v", reply, err)
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	system := local(t)
	silent := mustSpawn(t, system, "silent", func(*Context, any) error { return nil })
	limited, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := Ask[any](limited, silent, text{})
	wantCode(t, err, ErrTimeout)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "/user/silent") {
		t.Errorf("%v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := Ask[any](cancelled, silent, text{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := Ask[any](cancelled, silent, text{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestAnErrorAsReplyMakesTheAskFail(t *testing.T) {
	system, ctx := local(t), within(t)
	refuser := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		return ctx.Reply(&Error{Code: CodeNotFound, Message: "no text " + message.(text).Value})
	})
	_, err := Ask[text](ctx, refuser, text{Value: "Ω"})
	wantCode(t, err, ErrNotFound)
	if !strings.Contains(err.Error(), "no text Ω") {
		t.Errorf("%v", err)
	}
}

func TestRefsTravelInMessages(t *testing.T) {
	system, ctx := local(t), within(t)
	target, received := probe(t, system)
	courier := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		cargo := message.(carrier)
		nested := cargo.Other["deep"].([]any)[0].(map[string]any)["ref"].(*Ref)
		for _, ref := range append(cargo.List, cargo.Ref, nested) {
			if err := ref.Tell(ctx, text{Value: "here"}); err != nil {
				return err
			}
		}
		return ctx.Reply(cargo)
	})
	back, err := Ask[carrier](ctx, courier, carrier{
		Ref: target, List: []*Ref{target, target}, Other: map[string]any{"deep": []any{map[string]any{"ref": target}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !back.Ref.Equal(target) || back.Ref.String() != target.String() || back.Ref.Equal(courier) {
		t.Errorf("%s came back for %s", back.Ref, target)
	}
	for i := 0; i < 4; i++ {
		expect[text](t, received)
	}
}

func TestAClosedRefRefuses(t *testing.T) {
	system, ctx := local(t), within(t)
	target, received := probe(t, system)
	tell(t, ctx, target, text{Value: "before"})
	expect[text](t, received)
	target.Close()
	target.Close()
	wantCode(t, target.Tell(ctx, text{}), ErrClosed)
	_, err := Ask[any](ctx, target, text{})
	wantCode(t, err, ErrClosed)
	var none *Ref
	wantCode(t, none.Tell(ctx, text{}), ErrInvalid)
	if target.String() != "" || none.String() != "" || target.Equal(none) {
		t.Error("a closed ref still has a path")
	}
	wantCode(t, system.Subscribe(target, "dead-letters"), ErrClosed)
}

func TestSenderForwardAndTellAs(t *testing.T) {
	system, ctx := local(t), within(t)
	final := mustSpawn(t, system, "", func(ctx *Context, message any) error { return ctx.Reply(message) })
	forwarder := mustSpawn(t, system, "", func(ctx *Context, message any) error { return ctx.Forward(final) })
	changer := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		sender := ctx.Sender()
		defer sender.Close()
		return forwarder.TellAs(ctx, sender, text{Value: message.(text).Value + "!"})
	})
	reply, err := Ask[text](ctx, changer, text{Value: "hey"})
	if err != nil || reply.Value != "hey!" {
		t.Fatalf("%v, %v", reply, err)
	}
	outcome := make(chan error, 1)
	lonely := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		if ctx.Sender() != nil {
			t.Error("nobody sent this")
		}
		outcome <- ctx.Reply(text{})
		return nil
	})
	tell(t, ctx, lonely, text{})
	wantCode(t, <-outcome, ErrInvalid)
}

func TestWatchUnwatchAndTerminated(t *testing.T) {
	system, ctx := local(t), within(t)
	received := make(chan any, 16)
	watcher := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		if cargo, ok := message.(carrier); ok {
			for _, ref := range cargo.List {
				if err := ctx.Watch(ref); err != nil {
					return err
				}
			}
			if cargo.Ref != nil {
				if err := ctx.Unwatch(cargo.Ref); err != nil {
					return err
				}
			}
			return ctx.Reply(text{})
		}
		received <- message
		return nil
	})
	first, _ := probe(t, system)
	second, _ := probe(t, system)
	if _, err := Ask[text](ctx, watcher, carrier{List: []*Ref{first, second}, Ref: first}); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	tell(t, ctx, second, PoisonPill{})
	ended := expect[Terminated](t, received)
	if !ended.Ref.Equal(second) || !ended.ExistenceConfirmed || ended.AddressTerminated {
		t.Errorf("%+v came, wanted the end of %s", ended, second)
	}
}

func TestTimers(t *testing.T) {
	system, ctx := local(t), within(t)
	received := make(chan any, 64)
	ticks := 0
	clock := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		switch message := message.(type) {
		case text: // begin
			if err := ctx.Timer(1, time.Millisecond, 0, "replaced"); err != nil {
				return err
			}
			if err := ctx.Timer(1, 2*time.Millisecond, time.Millisecond, "tick"); err != nil {
				return err
			}
			if err := ctx.Timer(2, 0, 0, "cancelled"); err != nil {
				return err
			}
			// Long enough for the tick of the second to be queued.
			time.Sleep(20 * time.Millisecond)
			ctx.CancelTimer(2)
			wantCode(t, ctx.Timer(3, -1, 0, "never"), ErrInvalid)
		case string:
			if ticks++; message == "tick" && ticks == 5 {
				ctx.CancelTimer(1)
				return ctx.Timer(4, 30*time.Millisecond, 0, "end")
			}
			received <- message
		}
		return nil
	})
	tell(t, ctx, clock, text{})
	var all []string
	for len(all) == 0 || all[len(all)-1] != "end" {
		all = append(all, expect[string](t, received))
	}
	if got := strings.Join(all, " "); got != "tick tick tick tick end" {
		t.Error(got)
	}
}
