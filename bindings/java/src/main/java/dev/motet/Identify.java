package dev.motet;

/**
 * Asks any actor who it is; it answers with {@link ActorIdentity} by itself.
 *
 * @param correlation any value; comes back with the answer
 */
public record Identify(Object correlation) {}
