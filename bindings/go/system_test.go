package motet

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestCloseStopsEverything(t *testing.T) {
	system := local(t)
	stopped := make(chan any, 8)
	actor, err := system.Spawn(Props{New: func() Actor { return &fragile{life: stopped} }}, "")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	mustSpawn(t, system, "", func(ctx *Context, message any) error { return nil })
	waiting := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		close(ended)
		<-ctx.Done() // a handler that waits is told that the system closes
		return nil
	})
	tell(t, within(t), waiting, text{})
	<-ended
	if err := system.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := system.Close(within(t)); err != nil {
		t.Fatalf("the second time: %v", err)
	}
	<-system.Done()
	if got := expect[string](t, stopped); got == "start" {
		got = expect[string](t, stopped)
		if got != "stop, <nil>" {
			t.Errorf("%q", got)
		}
	}
	wantCode(t, actor.Tell(within(t), text{}), ErrStopped)
	_, err = Ask[any](within(t), actor, text{})
	wantCode(t, err, ErrClosed)
	_, err = system.Spawn(Func(func(*Context, any) error { return nil }), "")
	wantCode(t, err, ErrClosed)
	_, err = system.Ref("/user/x")
	wantCode(t, err, ErrClosed)
	if system.UID() != 0 {
		t.Error("a closed system has a uid")
	}
}

func TestCloseFromAHandler(t *testing.T) {
	system := local(t)
	closer := mustSpawn(t, system, "", func(ctx *Context, message any) error { return ctx.System().Close(ctx) })
	tell(t, within(t), closer, text{})
	select {
	case <-system.Done():
	case <-time.After(patience):
		t.Fatal("the system did not close")
	}
}

func TestTheEndOfTheContextCloses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), valueKey{}, "seen"))
	system, err := Start(ctx, Config{Settings: map[string]string{"remote.enabled": "off", "log.level": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	reader := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		return ctx.Reply(text{Value: ctx.Value(valueKey{}).(string)})
	})
	if reply, err := Ask[text](within(t), reader, text{}); err != nil || reply.Value != "seen" {
		t.Errorf("%v, %v", reply, err)
	}
	cancel()
	select {
	case <-system.Done():
	case <-time.After(patience):
		t.Fatal("the system did not close")
	}
}

type valueKey struct{}

func TestAHandlerThatDoesNotEndIsATimeout(t *testing.T) {
	system, err := Start(context.Background(), Config{Settings: map[string]string{"remote.enabled": "off", "log.level": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	began, end := make(chan bool), make(chan bool)
	stuck := mustSpawn(t, system, "", func(*Context, any) error {
		close(began)
		<-end
		return nil
	})
	tell(t, within(t), stuck, text{})
	<-began
	limited, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	wantCode(t, system.Close(limited), ErrTimeout)
	close(end)
	select {
	case <-system.Done():
	case <-time.After(patience):
		t.Fatal("the system did not close")
	}
}

func TestManySystemsLeaveNothing(t *testing.T) {
	cycle := func() {
		system, err := Start(context.Background(), Config{Settings: map[string]string{"remote.enabled": "off", "log.level": "off"}})
		if err != nil {
			t.Fatal(err)
		}
		echo := mustSpawn(t, system, "", func(ctx *Context, message any) error { return ctx.Reply(message) })
		if _, err := Ask[text](within(t), echo, text{}); err != nil {
			t.Fatal(err)
		}
		if err := system.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	before := runtime.NumGoroutine()
	for i := 0; i < 20; i++ {
		cycle()
	}
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before+2; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestIdentifyAndSelections(t *testing.T) {
	system, ctx := local(t), within(t)
	for _, name := range []string{"worker-1", "worker-2", "other"} {
		mustSpawn(t, system, name, func(ctx *Context, message any) error { return ctx.Reply(message) })
	}
	self, received := probe(t, system)
	workers, err := system.Ref("/user/worker-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := workers.TellAs(ctx, self, Identify{ID: "who"}); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 2; i++ {
		found := expect[ActorIdentity](t, received)
		if found.ID != "who" || !strings.Contains(found.Ref.String(), "/user/worker-") {
			t.Errorf("%+v", found)
		}
	}
	one, err := system.Ref("/user/other")
	if err != nil {
		t.Fatal(err)
	}
	found, err := Ask[ActorIdentity](ctx, one, Identify{ID: int64(7)})
	if err != nil || found.ID != int64(7) || !strings.Contains(found.Ref.String(), "/user/other#") {
		t.Errorf("%+v, %v", found, err)
	}
	if resolved, err := system.Resolve(ctx, "/user/other"); err != nil || resolved.String() != found.Ref.String() {
		t.Errorf("%v, %v", resolved, err)
	}
	var failed *Error
	if nobody, err := system.Resolve(ctx, "/user/nobody"); !errors.As(err, &failed) || failed.Code != CodeNotFound {
		t.Errorf("%v, %v", nobody, err)
	}
}

func TestATraceGoesThroughEveryHop(t *testing.T) {
	system := local(t)
	last := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		return ctx.Reply(text{Value: TraceFrom(ctx).String()})
	})
	middle := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		reply, err := Ask[text](limited, last, message)
		if err != nil {
			return err
		}
		return ctx.Reply(reply)
	})
	ctx, span, err := system.StartSpan(within(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	span.Set("key", "value")
	reply, err := Ask[text](ctx, middle, text{})
	span.End(err)
	span.End(nil)
	if err != nil {
		t.Fatal(err)
	}
	own := TraceFrom(ctx)
	if reply.Value == "" || reply.Value[3:35] != own.String()[3:35] {
		t.Errorf("the trace is %q, it began as %q", reply.Value, own)
	}
	parsed, err := ParseTrace(own.String())
	if err != nil || parsed != own {
		t.Errorf("%v, %v", parsed, err)
	}
	if TraceFrom(context.Background()).String() != "" {
		t.Error("a context without a trace has one")
	}
}

func TestAnActorThatNeverBeganIsForgotten(t *testing.T) {
	system := local(t)
	for i := 0; i < 200; i++ {
		ref := mustSpawn(t, system, "", func(*Context, any) error { return nil })
		if err := ref.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	remembered := func() int {
		system.mutex.Lock()
		defer system.mutex.Unlock()
		return len(system.cells)
	}
	for deadline := time.Now().Add(patience); remembered() > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d actors are still remembered", remembered())
		}
		time.Sleep(time.Millisecond)
	}
}
