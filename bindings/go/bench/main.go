// Bench measures tell plus handled delivery between Go and an actor in Go, in one process, and prints one line:
//
//	figure go.tell <value> messages/s
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"motet"
)

const (
	messages = 1_000_000
	warmUp   = 100_000
	// window is after how many messages the sender waits for the window before it: far less than the mailbox holds.
	window = 10_000
)

type count struct {
	Number int64 `msgpack:"number"`
}

func init() { motet.Register[count]("bench.Count") }

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	system, err := motet.Start(ctx, motet.Config{Settings: map[string]string{"remote.enabled": "off", "log.level": "warning"}})
	if err != nil {
		return err
	}
	defer func() { _ = system.Close(ctx) }()
	handled := make(chan struct{}, 2)
	counter, err := system.Spawn(motet.Func(func(_ *motet.Context, message any) error {
		if message.(count).Number%window == 0 {
			handled <- struct{}{}
		}
		return nil
	}), "counter")
	if err != nil {
		return err
	}
	if err := send(ctx, counter, handled, warmUp); err != nil {
		return err
	}
	began := time.Now()
	if err := send(ctx, counter, handled, messages); err != nil {
		return err
	}
	fmt.Printf("figure go.tell %.0f messages/s\n", messages/time.Since(began).Seconds())
	return nil
}

// send tells so many messages, at most two windows ahead of the actor, and waits until all are handled.
func send(ctx context.Context, counter *motet.Ref, handled chan struct{}, messages int64) error {
	for number := int64(1); number <= messages; number++ {
		if err := counter.Tell(ctx, count{Number: number}); err != nil {
			return err
		}
		if number%window == 0 && number > window {
			<-handled
		}
	}
	<-handled
	return nil
}
