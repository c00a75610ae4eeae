package motet_test

import (
	"context"
	"fmt"
	"time"

	"motet"
)

type Greet struct {
	Name string `msgpack:"name"`
}

type Greeting struct {
	Text string `msgpack:"text"`
}

func greet(ctx *motet.Context, message any) error {
	switch message := message.(type) {
	case Greet:
		return ctx.Reply(Greeting{Text: "Hello, " + message.Name + "!"})
	}
	return motet.ErrUnhandled
}

func Example() {
	motet.Register[Greet]("hello.Greet")
	motet.Register[Greeting]("hello.Greeting")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	system, err := motet.Start(ctx, motet.Config{Settings: map[string]string{"log.level": "warning"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer system.Close(ctx)
	greeter, err := system.Spawn(motet.Func(greet), "greeter")
	if err != nil {
		fmt.Println(err)
		return
	}
	greeting, err := motet.Ask[Greeting](ctx, greeter, Greet{Name: "world"})
	fmt.Println(greeting.Text, err)
	// Output: Hello, world! <nil>
}
