// The peer in Go: it answers what every language's peer answers, and runs the same checks against another peer.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"motet"
)

type echo struct {
	Value any `msgpack:"value"`
}

type fail struct{}

type stop struct{}

type spawn struct{}

type spawned struct {
	Ref *motet.Ref `msgpack:"ref"`
}

type run struct {
	Target *motet.Ref `msgpack:"target"`
}

type report struct {
	OK    bool   `msgpack:"ok"`
	Error string `msgpack:"error"`
}

func init() {
	motet.Register[echo]("peer.Echo")
	motet.Register[fail]("peer.Fail")
	motet.Register[stop]("peer.Stop")
	motet.Register[spawn]("peer.Spawn")
	motet.Register[spawned]("peer.Spawned")
	motet.Register[run]("peer.Run")
	motet.Register[report]("peer.Report")
}

// peer is the passive side; its children are peers too.
type peer struct{}

func (p peer) Receive(ctx *motet.Context, message any) error {
	switch message := message.(type) {
	case echo:
		return ctx.Reply(message)
	case fail:
		return fmt.Errorf("boom-go")
	case stop:
		return ctx.Stop()
	case spawn:
		child, err := ctx.Spawn(motet.Props{New: func() motet.Actor { return peer{} }}, "")
		if err != nil {
			return err
		}
		return ctx.Reply(spawned{Ref: child})
	case run:
		requester := ctx.Sender()
		_, err := ctx.Spawn(motet.Props{New: func() motet.Actor {
			return &runner{target: message.Target, requester: requester}
		}}, "")
		return err
	}
	return motet.ErrUnhandled
}

func main() {
	ctx, done := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer done()
	if err := serve(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	settings, err := motet.ParseArguments(os.Args[1:])
	if err != nil {
		return err
	}
	system, err := motet.Start(ctx, motet.Config{Environment: true, Settings: settings})
	if err != nil {
		return err
	}
	defer func() { _ = system.Close(context.Background()) }()
	if _, err := system.Spawn(motet.Props{New: func() motet.Actor { return peer{} }}, "peer"); err != nil {
		return err
	}
	makePeer := func(motet.Arguments) (motet.Actor, error) { return peer{}, nil }
	if err := system.RegisterActor("peer.Peer", makePeer); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := system.Cluster().WaitUp(limited); err != nil {
		return err
	}
	fmt.Println("ready", system.Address())
	<-system.Done()
	return nil
}
