package motet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
)

// fragile fails on demand and tells of its life.
type fragile struct {
	life  chan any
	count int
}

func (f *fragile) PreStart(*Context) error { f.life <- "start"; return nil }

func (f *fragile) PreRestart(_ *Context, reason *Error) error {
	f.life <- fmt.Sprintf("give up %d: %s", f.count, reason)
	return nil
}

func (f *fragile) PostRestart(_ *Context, reason *Error) error {
	f.life <- "again: " + reason.Message
	return nil
}

func (f *fragile) PostStop(ctx *Context) error {
	f.life <- fmt.Sprintf("stop, %v", ctx.Err())
	return nil
}

func (f *fragile) Receive(ctx *Context, message any) error {
	f.count++
	switch message := message.(type) {
	case text:
		switch message.Value {
		case "error":
			return errors.New("boom-go")
		case "own":
			return &Error{Code: CodeNotFound, Message: "nothing there"}
		case "panic":
			panic("dropped")
		}
		return ctx.Reply(number{Value: int64(f.count)})
	}
	return ErrUnhandled
}

func TestFailuresAreSupervised(t *testing.T) {
	log.SetOutput(io.Discard) // the stack of the panic
	system, ctx := local(t), within(t)
	life := make(chan any, 64)
	actor, err := system.Spawn(Props{New: func() Actor { return &fragile{life: life} }}, "fragile")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ message, giveUp, again string }{
		{"error", "give up 1: FAILED: *errors.errorString: boom-go", "again: *errors.errorString: boom-go"},
		{"panic", "give up 2: FAILED: panic: dropped", "again: panic: dropped"},
		{"own", "give up 2: NOT_FOUND: nothing there", "again: nothing there"},
	} {
		tell(t, ctx, actor, text{Value: step.message})
		// The mailbox is kept over the restart, the state is not.
		reply, err := Ask[number](ctx, actor, text{Value: "count"})
		if err != nil || reply.Value != 1 {
			t.Fatalf("%s: %v, %v", step.message, reply, err)
		}
		if step.message == "error" {
			if first := next(t, life); first != "start" {
				t.Errorf("%v", first)
			}
		}
		if got := next(t, life); got != step.giveUp {
			t.Errorf("%q, wanted %q", got, step.giveUp)
		}
		if got := next(t, life); got != step.again {
			t.Errorf("%q, wanted %q", got, step.again)
		}
	}
	if err := actor.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, life); got != "stop, <nil>" {
		t.Errorf("%v", got)
	}
}

func TestAnAskLearnsThatTheHandlerFailed(t *testing.T) {
	system, ctx := local(t), within(t)
	actor, err := system.Spawn(Props{New: func() Actor { return &fragile{life: make(chan any, 64)} }}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Ask[text](ctx, actor, text{Value: "error"})
	wantCode(t, err, ErrFailed)
	if !strings.Contains(err.Error(), "*errors.errorString: boom-go") {
		t.Errorf("%v", err)
	}
	_, err = Ask[text](ctx, actor, text{Value: "own"})
	wantCode(t, err, ErrNotFound)
}

func TestTheDirectiveStopStops(t *testing.T) {
	system, ctx := local(t), within(t)
	ended := make(chan any, 1)
	watcher := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		switch message := message.(type) {
		case carrier:
			if err := ctx.Watch(message.Ref); err != nil {
				return err
			}
			return message.Ref.Tell(ctx, text{Value: "error"})
		default:
			ended <- message
		}
		return nil
	})
	life := make(chan any, 8)
	child, err := system.Spawn(Props{
		New:      func() Actor { return &fragile{life: life} },
		Settings: map[string]string{"supervision.directive": "restart", "supervision.max-retries": "0"},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	tell(t, ctx, watcher, carrier{Ref: child})
	expect[Terminated](t, ended)
}

func TestWhatNobodyHandlesIsADeadLetter(t *testing.T) {
	system, ctx := local(t), within(t)
	listener, letters := probe(t, system)
	if err := system.Subscribe(listener, "dead-letters"); err != nil {
		t.Fatal(err)
	}
	picky := mustSpawn(t, system, "picky", func(*Context, any) error { return ErrUnhandled })
	tell(t, ctx, picky, text{Value: "x"})
	letter := expect[DeadLetter](t, letters)
	if letter.Cause != CodeUnhandled || letter.Type != "test.Text" || !strings.Contains(letter.Target, "/user/picky") || letter.Size == 0 {
		t.Errorf("%+v", letter)
	}
	// A payload that is no such message is one that nobody handles; the actor lives on.
	tell(t, ctx, picky, Message{Type: "test.Number", Value: "not a map"})
	if letter := expect[DeadLetter](t, letters); letter.Cause != CodeUnhandled || letter.Type != "test.Number" {
		t.Errorf("%+v", letter)
	}
	gone, _ := probe(t, system)
	if err := gone.Stop(); err != nil {
		t.Fatal(err)
	}
	for {
		err := gone.Tell(ctx, text{})
		if err != nil {
			wantCode(t, err, ErrStopped)
			break
		}
	}
	for letter = expect[DeadLetter](t, letters); letter.Cause != CodeStopped; {
		letter = expect[DeadLetter](t, letters)
	}
}

func TestAWatcherThatIgnoresTheEndFails(t *testing.T) {
	system, ctx := local(t), within(t)
	life := make(chan any, 8)
	target, _ := probe(t, system)
	watcher, err := system.Spawn(Props{New: func() Actor { return &ignorant{fragile: fragile{life: life}} }}, "")
	if err != nil {
		t.Fatal(err)
	}
	tell(t, ctx, watcher, carrier{Ref: target})
	for got := next(t, life); !strings.HasPrefix(got.(string), "give up"); got = next(t, life) {
	}
}

// ignorant watches and stops what it is told, and does not know what comes of it.
type ignorant struct{ fragile }

func (i *ignorant) Receive(ctx *Context, message any) error {
	if cargo, ok := message.(carrier); ok {
		if err := ctx.Watch(cargo.Ref); err != nil {
			return err
		}
		return cargo.Ref.Stop()
	}
	return ErrUnhandled
}

func TestBadInputIsNamed(t *testing.T) {
	system, ctx := local(t), within(t)
	type stranger struct{}
	target, _ := probe(t, system)
	spawn := func(props Props, name string) error {
		_, err := system.Spawn(props, name)
		return err
	}
	fine := Func(func(*Context, any) error { return nil })
	if err := spawn(fine, "taken"); err != nil {
		t.Fatal(err)
	}
	_, badPath := system.Ref("motet.tcp://nowhere")
	_, badAsk := Ask[any](ctx, target, stranger{})
	_, unknownKey := Start(ctx, Config{Settings: map[string]string{"cluster.sead-nodes": "x"}})
	_, badValue := Start(ctx, Config{Settings: map[string]string{"remote.port": "70000"}})
	_, badFile := Start(ctx, Config{File: "/nowhere/motet.toml"})
	_, badArgument := ParseArguments([]string{"--log.level=off", "--verbose"})
	_, badText := Start(ctx, Config{Settings: map[string]string{"system.name": "a\x00b"}})
	_, badTrace := ParseTrace("00-nonsense")
	for _, test := range []struct {
		err  error
		code *Error
		says string
	}{
		{target.Tell(ctx, stranger{}), ErrInvalid, "stranger"},
		{target.Tell(ctx, nil), ErrInvalid, "nil"},
		{target.Tell(ctx, Message{Type: "motet.Terminated"}), ErrInvalid, "motet.Terminated"},
		{target.Tell(ctx, Message{Type: "a\x00b"}), ErrInvalid, `a\x00b`},
		{target.Tell(ctx, Message{Type: "test.Channel", Value: make(chan int)}), ErrInvalid, "chan"},
		{badAsk, ErrInvalid, "stranger"},
		{spawn(Props{}, "x"), ErrInvalid, "New"},
		{spawn(fine, "a/b"), ErrBadName, "a/b"},
		{spawn(fine, "a\x00b"), ErrInvalid, `a\x00b`},
		{spawn(fine, "taken"), ErrNameTaken, "taken"},
		{spawn(Props{New: fine.New, Settings: map[string]string{"nonsense": "1"}}, ""), ErrUnknownKey, "nonsense"},
		{spawn(Props{New: fine.New, Settings: map[string]string{"supervision.directive": "cry"}}, ""), ErrBadValue, "cry"},
		{system.Subscribe(target, "gossip"), ErrInvalid, "gossip"},
		{badPath, ErrBadAddress, "nowhere"},
		{unknownKey, ErrUnknownKey, "cluster.sead-nodes"},
		{badValue, ErrBadValue, "70000"},
		{badFile, ErrIo, "/nowhere/motet.toml"},
		{badArgument, ErrInvalid, "--verbose"},
		{badText, ErrInvalid, "system.name"},
		{badTrace, ErrMalformed, "00-nonsense"},
	} {
		if !errors.Is(test.err, test.code) || !strings.Contains(test.err.Error(), test.says) {
			t.Errorf("%v, wanted %s with %q", test.err, test.code.Code, test.says)
		}
	}
}

func TestCodes(t *testing.T) {
	if !errors.Is(fmt.Errorf("wrapped: %w", &Error{Code: CodeTimeout}), ErrTimeout) || errors.Is(ErrTimeout, ErrClosed) {
		t.Error("errors.Is does not compare codes")
	}
	if !errors.Is(ErrTimeout, context.DeadlineExceeded) || errors.Is(ErrClosed, context.DeadlineExceeded) {
		t.Error("only a timeout is a context.DeadlineExceeded")
	}
	if !CodeTimeout.Retriable() || CodeInvalid.Retriable() || CodeTimeout.String() != "TIMEOUT" || Code(-999).String() != "INTERNAL" {
		t.Error("the table of codes")
	}
}
