package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/** Reads text that the C interface writes into a buffer. */
final class Buffers {
    private static final int USUAL_BYTES = 256;

    private Buffers() {}

    /** Calls with a buffer that is large enough; the call returns the length that the text has, or a negative code. */
    static String text(ToLongFunction<byte[]> call) {
        byte[] buffer = new byte[USUAL_BYTES];
        long length = call.applyAsLong(buffer);
        if (length >= buffer.length) {
            buffer = new byte[Math.toIntExact(length) + 1];
            length = call.applyAsLong(buffer);
        }
        if (length < 0) {
            Code code = Code.of((int) length);
            throw MotetException.of(code, Motet.code_text(code.number()));
        }
        return new String(buffer, 0, (int) length, StandardCharsets.UTF_8);
    }
}
