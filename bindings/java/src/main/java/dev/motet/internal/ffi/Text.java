package dev.motet.internal.ffi;

import java.nio.charset.StandardCharsets;

/** Text as it crosses to C: UTF-8 bytes, not the modified UTF-8 of JNI's own strings. */
final class Text {
    private Text() {}

    static byte[] encode(String text) {
        if (text == null) {
            return null;
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("text with a NUL character cannot be passed on: \""
                    + text.replace("\0", "\\0") + "\"");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String decode(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
