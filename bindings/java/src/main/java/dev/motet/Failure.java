package dev.motet;

/**
 * An answer that says that the request failed; turns an ask into a failed one. Also why an instance is replaced, see
 * {@link Actor#preRestart}.
 *
 * @param code the number of a {@link Code}
 * @param error a sentence
 */
public record Failure(int code, String error) implements Signal {
    /** A failure of the receiver's own. */
    public Failure(String error) {
        this(Code.FAILED.number(), error);
    }
}
