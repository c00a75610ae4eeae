package motet

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// diary collects words from any goroutine.
type diary struct {
	sync.Mutex
	words []string
}

func (d *diary) note(word string) func(context.Context) error {
	return func(context.Context) error {
		d.Lock()
		defer d.Unlock()
		d.words = append(d.words, word)
		return nil
	}
}

func (d *diary) expect(t *testing.T, words ...string) {
	t.Helper()
	d.Lock()
	defer d.Unlock()
	if !reflect.DeepEqual(d.words, words) {
		t.Errorf("got %q, want %q", d.words, words)
	}
}

func addTask(t *testing.T, system *System, phase string, task func(context.Context) error) *ShutdownTask {
	t.Helper()
	added, err := system.AddShutdownTask(phase, "test", task)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestTasksRunInTheOrderOfTheirPhases(t *testing.T) {
	system := local(t)
	var diary diary
	addTask(t, system, "service-stop", diary.note("second"))
	addTask(t, system, "service-unbind", diary.note("first"))
	cancelled := addTask(t, system, "service-stop", diary.note("never"))
	if !cancelled.Cancel() || cancelled.Cancel() {
		t.Error("a task can be cancelled once")
	}
	if reason := system.ShutdownReason(); reason != 0 {
		t.Errorf("reason %d before the shutdown", reason)
	}
	if err := system.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	diary.expect(t, "first", "second")
	if reason := system.ShutdownReason(); reason != ShutdownActorSystemTerminate {
		t.Errorf("reason %d", reason)
	}
}

func TestTasksRunTogetherAndActorsAnswerThem(t *testing.T) {
	system := local(t)
	echo := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return ctx.Reply(message)
	})
	met := make(chan string)
	answer := ""
	addTask(t, system, "service-stop", func(context.Context) error {
		met <- "hello"
		return nil
	})
	addTask(t, system, "service-stop", func(ctx context.Context) error {
		reply, err := Ask[text](ctx, echo, text{Value: <-met})
		answer = reply.Value
		return err
	})
	if err := system.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	if answer != "hello" {
		t.Errorf("the answer was %q", answer)
	}
}

func TestAShutdownHasAReasonAndMayBeginLater(t *testing.T) {
	system := local(t)
	var diary diary
	addTask(t, system, "service-unbind", diary.note("first"))
	addTask(t, system, "service-stop", diary.note("second"))
	wantCode(t, system.Shutdown(within(t), ShutdownUnknown, "nowhere"), ErrNotFound)
	if err := system.Shutdown(context.Background(), ShutdownProcessExit, "service-stop"); err != nil {
		t.Fatal(err)
	}
	diary.expect(t, "second")
	if reason := system.ShutdownReason(); reason != ShutdownProcessExit {
		t.Errorf("reason %d", reason)
	}
	_, err := system.AddShutdownTask("service-stop", "late", diary.note("late"))
	wantCode(t, err, ErrClosed)
}

func TestWhatATaskReturnsOrPanicsIsItsFailure(t *testing.T) {
	for _, task := range []func(context.Context) error{
		func(context.Context) error { return errors.New("the disk is full") },
		func(context.Context) error { panic("the disk is full") },
	} {
		system, err := Start(context.Background(), Config{Settings: map[string]string{
			"remote.enabled": "off", "log.level": "off", "shutdown.phase.service-stop.recover": "off"}})
		if err != nil {
			t.Fatal(err)
		}
		addTask(t, system, "service-stop", task)
		err = system.Close(within(t))
		wantCode(t, err, ErrFailed)
		if err != nil && !strings.Contains(err.Error(), "the disk is full") {
			t.Error(err)
		}
		<-system.Done()
	}
}

func TestWhatHangsIsLeftBehind(t *testing.T) {
	system := start(t, map[string]string{"remote.enabled": "off", "shutdown.phase.service-stop.timeout": "20ms"})
	ended := make(chan error, 1)
	addTask(t, system, "service-stop", func(ctx context.Context) error {
		<-ctx.Done() // when the system has closed without it
		ended <- ctx.Err()
		return nil
	})
	if err := system.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != context.Canceled {
		t.Error(err)
	}
}

func TestATaskMayClose(t *testing.T) {
	system := local(t)
	var diary diary
	addTask(t, system, "service-stop", func(ctx context.Context) error {
		_ = diary.note("closing")(ctx)
		return system.Close(ctx)
	})
	if err := system.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	diary.expect(t, "closing")
}

func TestBadTasksAreRefused(t *testing.T) {
	system := local(t)
	for phase, want := range map[string]*Error{"nowhere": ErrNotFound, "service-stop\x00": ErrInvalid} {
		_, err := system.AddShutdownTask(phase, "test", func(context.Context) error { return nil })
		wantCode(t, err, want)
	}
	_, err := system.AddShutdownTask("service-stop", "", func(context.Context) error { return nil })
	wantCode(t, err, ErrInvalid)
}
