package motet

import (
	"context"
	"fmt"
	"unsafe"

	"motet/internal/raw"
)

// Trace is a trace context in W3C terms: which trace a message belongs to. The zero value is none. Inside a handler the
// context carries the trace of the message being handled, and what is sent with it belongs to the same trace.
type Trace [26]byte

// Both must agree on the layout.
var _ = [1]struct{}{}[len(Trace{})-raw.TRACE_SIZE]

type traceKey struct{}

// WithTrace makes a context that carries a trace.
func WithTrace(ctx context.Context, trace Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, &trace)
}

// TraceFrom gives the trace that a context carries, the zero value for none.
func TraceFrom(ctx context.Context) Trace {
	if trace := traceOf(ctx); trace != nil {
		return *trace
	}
	return Trace{}
}

// traceOf gives the trace of a context, nil for none.
func traceOf(ctx context.Context) *Trace {
	if handling, ok := ctx.(*Context); ok {
		return &handling.trace
	}
	trace, _ := ctx.Value(traceKey{}).(*Trace)
	return trace
}

// String gives the value of a traceparent header, "" for no trace.
func (t Trace) String() string {
	if t == (Trace{}) {
		return ""
	}
	return readText(func(buffer []byte) int64 { return raw.Trace_format(t[:], buffer) })
}

// ParseTrace reads the value of a traceparent header.
func ParseTrace(traceparent string) (Trace, error) {
	var trace Trace
	if err := checkText("a traceparent", traceparent); err != nil {
		return trace, err
	}
	code := raw.Trace_parse(traceparent, trace[:])
	return trace, codeError(int(code), func() string { return fmt.Sprintf("the traceparent %q", traceparent) })
}

// Span is a timed piece of a trace. One goroutine uses it and ends it.
type Span struct{ handle uintptr }

// StartSpan starts a span below the trace of ctx, or a new trace. What is sent with the context it returns belongs to
// the span. End must be called.
func (s *System) StartSpan(ctx context.Context, name string) (context.Context, *Span, error) {
	if err := checkText("the name of a span", name); err != nil {
		return ctx, nil, err
	}
	var parent []byte
	if trace := TraceFrom(ctx); trace != (Trace{}) {
		parent = trace[:]
	}
	span := &Span{}
	if err := takeError(raw.Span_start(s.handle, name, parent, &span.handle)); err != nil {
		return ctx, nil, err
	}
	trace := *(*Trace)(unsafe.Pointer(raw.Span_trace(span.handle)))
	return WithTrace(ctx, trace), span, nil
}

// Set adds a text attribute.
func (s *Span) Set(key, value string) {
	if s.handle != 0 {
		raw.Span_set(s.handle, key, value)
	}
}

// End ends the span; err says what went wrong, nil that all went well. A second call does nothing.
func (s *Span) End(err error) {
	if s.handle == 0 {
		return
	}
	code, text := failureOf(err)
	raw.Span_end(s.handle, int(code), text)
	s.handle = 0
}
