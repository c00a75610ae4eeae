package motet

import (
	"context"
	"errors"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen; only a failure takes so long.
const patience = 60 * time.Second

type text struct {
	Value string `msgpack:"value"`
}

type number struct {
	Value int64 `msgpack:"value"`
}

type carrier struct {
	Ref   *Ref           `msgpack:"ref"`
	List  []*Ref         `msgpack:"list"`
	Other map[string]any `msgpack:"other"`
}

func init() {
	Register[text]("test.Text")
	Register[number]("test.Number")
	Register[carrier]("test.Carrier")
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// local starts a system without a socket, which is closed at the end of the test.
func local(t *testing.T) *System {
	return start(t, map[string]string{"remote.enabled": "off"})
}

func start(t *testing.T, settings map[string]string) *System {
	t.Helper()
	values := map[string]string{"log.level": "off"}
	for key, value := range settings {
		values[key] = value
	}
	system, err := Start(context.Background(), Config{Settings: values})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return system
}

func mustSpawn(t *testing.T, system *System, name string, receive func(ctx *Context, message any) error) *Ref {
	t.Helper()
	ref, err := system.Spawn(Func(receive), name)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// probe spawns an actor that puts what it receives into a channel.
func probe(t *testing.T, system *System) (*Ref, chan any) {
	received := make(chan any, 1024)
	return mustSpawn(t, system, "", func(ctx *Context, message any) error {
		select {
		case received <- message:
		case <-ctx.Done(): // nobody takes what is left over
		}
		return nil
	}), received
}

func next(t *testing.T, received chan any) any {
	t.Helper()
	select {
	case message := <-received:
		return message
	case <-time.After(patience):
		t.Fatal("nothing came")
		return nil
	}
}

// expect receives messages until one is of type T.
func expect[T any](t *testing.T, received chan any) T {
	t.Helper()
	for {
		if message, ok := next(t, received).(T); ok {
			return message
		}
	}
}

func tell(t *testing.T, ctx context.Context, target *Ref, message any) {
	t.Helper()
	if err := target.Tell(ctx, message); err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code *Error) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("%v, wanted %s", err, code.Code)
	}
}
