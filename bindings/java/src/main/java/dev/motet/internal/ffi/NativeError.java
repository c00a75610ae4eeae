package dev.motet.internal.ffi;

import dev.motet.Code;
import dev.motet.MotetException;

/** Turns an error of the C interface into an exception, and frees it. */
final class NativeError {
    private NativeError() {}

    static void check(long error) {
        if (error == 0) {
            return;
        }
        int code = Motet.error_code(error);
        String message = Motet.error_message(error);
        Motet.error_free(error);
        throw MotetException.of(Code.of(code), message);
    }
}
