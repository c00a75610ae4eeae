package motet

import (
	"context"
	"fmt"
	"log"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"motet/internal/raw"
)

// ShutdownReason says why a system is shut down. The first reason given counts.
type ShutdownReason int

// The reasons.
const (
	ShutdownUnknown                           = ShutdownReason(raw.SHUTDOWN_UNKNOWN)
	ShutdownActorSystemTerminate              = ShutdownReason(raw.SHUTDOWN_ACTOR_SYSTEM_TERMINATE)
	ShutdownProcessExit                       = ShutdownReason(raw.SHUTDOWN_PROCESS_EXIT)
	ShutdownClusterLeaving                    = ShutdownReason(raw.SHUTDOWN_CLUSTER_LEAVING)
	ShutdownClusterDowning                    = ShutdownReason(raw.SHUTDOWN_CLUSTER_DOWNING)
	ShutdownClusterJoinUnsuccessful           = ShutdownReason(raw.SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL)
	ShutdownIncompatibleConfigurationDetected = ShutdownReason(raw.SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED)
)

// ShutdownTask is a task that was added to a phase.
type ShutdownTask struct {
	system *System
	number uint64
}

// Cancel takes the task back; false when it has begun.
func (t *ShutdownTask) Cancel() bool {
	if raw.Shutdown_cancel(t.system.handle, t.number) != int(CodeOk) {
		return false
	}
	t.system.tasks.take(t.number)
	return true
}

// taskKey marks the context of a task, which cannot wait for the end of its own system.
type taskKey struct{}

// tasks are the tasks of a system that have not begun.
type tasks struct {
	sync.Mutex
	waiting map[uint64]func(ctx context.Context) error
	// ctx is that of all tasks; cancelled when the system has closed.
	ctx    context.Context
	cancel context.CancelFunc
	// reason is that of the shutdown, once the system has closed.
	reason atomic.Int32
}

func (t *tasks) init() {
	t.waiting = map[uint64]func(ctx context.Context) error{}
	t.ctx, t.cancel = context.WithCancel(context.WithValue(context.Background(), taskKey{}, true))
}

func (t *tasks) take(number uint64) func(ctx context.Context) error {
	t.Lock()
	defer t.Unlock()
	task := t.waiting[number]
	delete(t.waiting, number)
	return task
}

// AddShutdownTask adds a task to a phase of the shutdown, such as "service-stop"; motet/shutdown.h names them all. It
// runs in a goroutine of its own. The tasks of a phase run at the same time; the next phase begins when all have ended,
// or the phase's time is over. An error that it returns, and a panic, are logged. name is for logs.
func (s *System) AddShutdownTask(phase, name string, task func(ctx context.Context) error) (*ShutdownTask, error) {
	if err := checkText("the name of a phase", phase); err != nil {
		return nil, err
	}
	if err := checkText("the name of a task", name); err != nil {
		return nil, err
	}
	var number uint64
	s.tasks.Lock() // it may be its turn before its number is known here
	defer s.tasks.Unlock()
	if err := takeError(raw.Shutdown_add_foreign(s.dispatcher, phase, name, &number)); err != nil {
		return nil, err
	}
	s.tasks.waiting[number] = task
	return &ShutdownTask{system: s, number: number}, nil
}

// begin runs a task whose turn has come.
func (t *tasks) begin(s *System, number uint64) {
	task := t.take(number)
	go func() {
		code, text := t.run(task)
		raw.Shutdown_complete(s.handle, number, int(code), text)
	}()
}

func (t *tasks) run(task func(ctx context.Context) error) (code Code, text string) {
	defer func() {
		if reason := recover(); reason != nil {
			log.Printf("motet: panic in a task of the shutdown: %v\n%s", reason, debug.Stack())
			code, text = CodeFailed, fmt.Sprintf("panic: %v", reason)
		}
	}()
	return failureOf(task(t.ctx))
}

// Shutdown runs the coordinated shutdown of the system for a reason, beginning with a phase ("" for the first), or
// joins it when it runs already, and waits for its end, until the deadline of ctx. Without one each phase has a time of
// its own. With the context of a handler or a task it only starts the shutdown, which waits for them among others.
func (s *System) Shutdown(ctx context.Context, reason ShutdownReason, from string) error {
	if err := checkText("the name of a phase", from); err != nil {
		return err
	}
	if actorOf(ctx) != nil || ctx.Value(taskKey{}) != nil {
		go func() { _ = s.Shutdown(context.Background(), reason, from) }()
		return nil
	}
	timeout := int64(-1)
	if deadline, ok := ctx.Deadline(); ok {
		timeout = milliseconds(time.Until(deadline))
	}
	err := takeError(raw.Shutdown_run(s.handle, int(reason), from, timeout))
	if err != nil && !isClosed(err) {
		return err
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return &Error{Code: CodeTimeout, Message: "a handler of " + s.address + " is still running"}
	}
}

// ShutdownReason gives why the system is or was shut down; 0 when that has not begun.
func (s *System) ShutdownReason() ShutdownReason {
	if reason := raw.Shutdown_reason(s.handle); reason >= 0 {
		return ShutdownReason(reason)
	}
	return ShutdownReason(s.tasks.reason.Load())
}

// end lets go of the tasks of a system that has closed.
func (t *tasks) end(s *System) {
	t.reason.Store(int32(raw.Shutdown_reason(s.handle)))
	t.cancel()
}
