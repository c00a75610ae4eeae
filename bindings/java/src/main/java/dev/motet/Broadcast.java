package dev.motet;

/**
 * Wraps a message for all routees of a router, whatever its logic: {@code new Broadcast(new PoisonPill())}.
 *
 * @param message what the routees get
 */
public record Broadcast(Object message) {}
