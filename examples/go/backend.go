// The backend of the demo in Go: it registers with every frontend of the cluster and puts text into upper case.
//
//	backend [--key=value ...]
//
// Settings come from the environment (MOTET_*) and then from the arguments.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"motet"
)

type register struct {
	Language string `msgpack:"language"`
}

// job is a line of text. Route names the workers that are still to pass it on before one answers.
type job struct {
	ID    int64        `msgpack:"id"`
	Text  string       `msgpack:"text"`
	Route []*motet.Ref `msgpack:"route"`
}

type result struct {
	ID       int64  `msgpack:"id"`
	Text     string `msgpack:"text"`
	Language string `msgpack:"language"`
}

func init() {
	motet.Register[register]("demo.Register")
	motet.Register[job]("demo.Job")
	motet.Register[result]("demo.Result")
}

type backend struct {
	// upper is Unicode's default full case conversion, the same in every language: "ß" becomes "SS".
	upper cases.Caser
}

func (b *backend) PreStart(ctx *motet.Context) error {
	return ctx.System().Subscribe(ctx.Self(), "cluster")
}

func (b *backend) Receive(ctx *motet.Context, message any) error {
	switch message := message.(type) {
	case motet.ClusterState:
		for _, member := range message.Members {
			if member.Status == "up" {
				b.greet(ctx, member)
			}
		}
	case motet.MemberUp:
		b.greet(ctx, message.Member)
	case motet.MemberUnreachable:
		fmt.Println("cluster unreachable", message.Address)
	case motet.MemberDowned:
		fmt.Println("cluster downed", message.Address)
	case motet.MemberRemoved:
		fmt.Println("cluster removed", message.Address)
	case motet.ClusterEvent:
	case job:
		b.work(ctx, message)
	default:
		return motet.ErrUnhandled
	}
	return nil
}

// greet registers with a member that is a frontend.
func (b *backend) greet(ctx *motet.Context, member motet.Member) {
	if !member.HasRole("frontend") {
		return
	}
	frontend, err := ctx.System().Ref(member.Address + "/user/frontend")
	if err == nil {
		err = frontend.Tell(ctx, register{Language: "go"})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "registering:", err)
	}
}

// work does a job, or its part of it. What cannot be delivered is a dead letter: the frontend sends the job elsewhere.
func (b *backend) work(ctx *motet.Context, job job) {
	sender := ctx.Sender()
	if sender == nil {
		return
	}
	defer sender.Close()
	job.Text = b.upper.String(job.Text)
	if len(job.Route) == 0 {
		_ = sender.Tell(ctx, result{ID: job.ID, Text: job.Text, Language: "go"})
		return
	}
	next := job.Route[0]
	job.Route = job.Route[1:]
	_ = next.TellAs(ctx, sender, job)
}

func run() error {
	settings, err := motet.ParseArguments(os.Args[1:])
	if err != nil {
		return err
	}
	// The end of this context closes the system: it leaves the cluster first.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	system, err := motet.Start(ctx, motet.Config{Environment: true, Settings: settings})
	if err != nil {
		return err
	}
	_, err = system.Spawn(motet.Props{New: func() motet.Actor {
		return &backend{upper: cases.Upper(language.Und)}
	}}, "backend")
	if err == nil {
		err = system.Cluster().WaitUp(ctx)
	}
	if err == nil {
		fmt.Println("ready", system.Address())
		<-system.Done()
		return nil
	}
	_ = system.Close(context.Background())
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(1)
	}
}
