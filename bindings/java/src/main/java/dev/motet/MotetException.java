package dev.motet;

/** What a call to Motet failed with: a code that is the same in every language, and a sentence that names the values. */
public class MotetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Code code;

    MotetException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** The exception for a code: of the subclass that stands for it, if there is one. */
    public static MotetException of(Code code, String message) {
        return switch (code) {
            case INVALID, UNKNOWN_KEY, BAD_VALUE, BAD_NAME, BAD_ADDRESS, NAME_TAKEN, NOT_FOUND -> new Invalid(code, message);
            case CLOSED, STOPPED, FORKED -> new Closed(code, message);
            case TIMEOUT -> new Timeout(message);
            case FAILED -> new Failed(message);
            default -> new MotetException(code, message);
        };
    }

    /** What went wrong, as a code. */
    public Code code() {
        return code;
    }

    /** Whether trying the same again later may help. */
    public boolean retriable() {
        return code.retriable();
    }

    /** An argument was not accepted: a value, a name, a key, an address. */
    public static final class Invalid extends MotetException {
        private static final long serialVersionUID = 1;

        Invalid(Code code, String message) {
            super(code, message);
        }
    }

    /** The system or actor is no more. */
    public static final class Closed extends MotetException {
        private static final long serialVersionUID = 1;

        Closed(Code code, String message) {
            super(code, message);
        }
    }

    /** The time allowed has passed. */
    public static final class Timeout extends MotetException {
        private static final long serialVersionUID = 1;

        Timeout(String message) {
            super(Code.TIMEOUT, message);
        }
    }

    /** The handler that was asked failed; the message is its own text. */
    public static final class Failed extends MotetException {
        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(Code.FAILED, message);
        }
    }
}
