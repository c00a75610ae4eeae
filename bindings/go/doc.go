// Package motet gives actors that form a cluster: with each other, and as equal peers with programs in C, C++, Python
// and Java.
//
//	type Greet struct {
//		Name string `msgpack:"name"`
//	}
//
//	func init() { motet.Register[Greet]("demo.Greet") }
//
//	system, err := motet.Start(ctx, motet.Config{Environment: true})
//	greeter, err := system.Spawn(motet.Func(func(ctx *motet.Context, message any) error {
//		switch message := message.(type) {
//		case Greet:
//			return ctx.Reply(Greet{Name: "hello " + message.Name})
//		}
//		return motet.ErrUnhandled
//	}), "greeter")
//	reply, err := motet.Ask[Greet](ctx, greeter, Greet{Name: "Ada"})
//
// The package is built with cgo against libmotet, which pkg-config finds as motet. The module has no place on a proxy:
// a program takes it from a checkout,
//
//	go mod edit -require=motet@v0.1.0 -replace=motet=/path/to/motet/bindings/go
package motet
