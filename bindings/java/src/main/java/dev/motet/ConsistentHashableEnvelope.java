package dev.motet;

/**
 * Wraps a message with the key by which its routee is chosen.
 *
 * @param key a text, a {@code byte[]} or an integer
 * @param message what the routee gets
 */
public record ConsistentHashableEnvelope(Object key, Object message) {}
