package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A batch of deliveries as the poll thread reads it: records of a fixed layout (motet_delivery_t) and their payloads. */
final class Batch implements AutoCloseable {
    private static final int KIND = 0;
    private static final int TYPE = 4;
    private static final int ACTOR = 8;
    private static final int CORRELATION = 16;
    private static final int SENDER = 24;
    private static final int SELF = 32;
    private static final int DATA_OFFSET = 40;
    private static final int DATA_SIZE = 48;
    private static final int INDEX = 56;
    private static final int TRACE = 64;

    private static final byte[] EMPTY = {};

    private final long handle = Motet.batch_new();
    private final RefCache refs;
    private ByteBuffer records;
    private ByteBuffer arena;
    private int stride;

    Batch(RefCache refs) {
        this.refs = refs;
    }

    /** Waits for deliveries; returns how many, or a negative code. */
    int poll(long dispatcher, int max) {
        long count = Motet.dispatcher_poll(dispatcher, handle, max, -1);
        if (count > 0) {
            records = Motet.batch_records(handle).order(ByteOrder.LITTLE_ENDIAN);
            arena = Motet.batch_arena(handle);
            stride = (int) Motet.batch_stride(handle);
        }
        return (int) count;
    }

    /** Copies one delivery out; only until the next poll. */
    Delivery get(int number) {
        int at = number * stride;
        int type = records.getInt(at + TYPE);
        return new Delivery(
                records.getInt(at + KIND),
                type,
                records.getLong(at + ACTOR),
                records.getLong(at + CORRELATION),
                refs.of(records.getLong(at + SENDER)),
                type == Motet.TYPE_PRE_START ? refs.of(records.getLong(at + SELF)) : null,
                payload((int) records.getLong(at + DATA_OFFSET), (int) records.getLong(at + DATA_SIZE)),
                records.getInt(at + INDEX),
                trace(at + TRACE));
    }

    @Override
    public void close() {
        Motet.batch_free(handle);
    }

    private byte[] payload(int offset, int size) {
        if (size == 0) {
            return EMPTY;
        }
        byte[] bytes = new byte[size];
        arena.get(offset, bytes);
        return bytes;
    }

    /** The trace context, null when the trace id (16 bytes behind the format) is all zero. */
    private byte[] trace(int at) {
        if (records.getLong(at + 1) == 0 && records.getLong(at + 9) == 0) {
            return null;
        }
        byte[] bytes = new byte[Motet.TRACE_SIZE];
        records.get(at, bytes);
        return bytes;
    }
}
