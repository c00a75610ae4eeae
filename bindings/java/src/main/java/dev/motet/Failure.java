package dev.motet;

/**
 * An answer that says that the request failed; turns an ask into a failed one. Also why an instance is replaced, see
 * {@link Actor#preRestart}.
 *
 * @param code what went wrong
 * @param error a sentence
 */
public record Failure(Code code, String error) implements Signal {
    /** A failure of the receiver's own. */
    public Failure(String error) {
        this(Code.FAILED, error);
    }
}
