package dev.motet;

import dev.motet.internal.ffi.Motet;

/** A span of one's own. Made, used and closed by one thread, for which it is current meanwhile. */
public final class Span implements AutoCloseable {
    private final byte[] trace = new byte[Motet.TRACE_SIZE];
    private final Scope outer;
    private long handle;
    private Code code = Code.OK;
    private String text;

    Span(ActorSystem system, String name, byte[] parent) {
        long[] out = new long[1];
        Motet.span_start(system.handle(), name, parent, out);
        handle = out[0];
        Motet.span_trace(handle).get(trace);
        Scope around = system.scope();
        outer = new Scope(system, around == null ? null : around.context(), trace).enter();
    }

    /** Adds a text attribute. */
    public Span set(String key, String value) {
        Motet.span_set(open(), key, value);
        return this;
    }

    /** Says that what the span stands for went wrong. */
    public Span fail(Throwable error) {
        code = error instanceof MotetException told ? told.code() : Code.FAILED;
        text = error.toString().replace('\0', ' ');
        return this;
    }

    /** The W3C traceparent header value of this span. */
    public String traceparent() {
        return format(trace);
    }

    /** Ends the span. */
    @Override
    public void close() {
        if (handle != 0) {
            Scope.restore(outer);
            Motet.span_end(handle, code.number(), text);
            handle = 0;
        }
    }

    static String format(byte[] trace) {
        return trace == null ? null : Buffers.text(buffer -> Motet.trace_format(trace, buffer));
    }

    /** The context of a traceparent header value, null for one that is malformed. */
    static byte[] parse(String traceparent) {
        byte[] trace = new byte[Motet.TRACE_SIZE];
        return Motet.trace_parse(traceparent, trace) < 0 ? null : trace;
    }

    private long open() {
        if (handle == 0) {
            throw new IllegalStateException("the span is closed");
        }
        return handle;
    }
}
