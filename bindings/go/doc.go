// Package motet gives actors that form a cluster: with each other, and as equal peers with programs in C, C++, Python
// and Java. The example shows a whole program.
//
//   - Start starts a System, which is one node. It ends with Close, or with the context that it was started with.
//   - An Actor is a value with a Receive method, or with Func just a function. System.Spawn and Context.Spawn create one.
//   - A Ref names an actor, wherever it lives: Tell sends, Ask sends and waits for the reply.
//   - Register gives a struct the name by which all languages know the message; a Message is one without a struct.
//   - Cluster tells who is there: State, Subscribe.
//
// The context that a handler is given says who is sending and to which trace that belongs, so it is what a handler
// passes to Tell and Ask. Every error that comes from Motet is an *Error with a Code, and works with errors.Is.
//
// The package is built with cgo against libmotet, which pkg-config finds under the name motet. It is on no module
// proxy: a program takes it from a checkout,
//
//	go mod edit -require=motet@v0.1.0 -replace=motet=/path/to/motet/bindings/go
package motet
