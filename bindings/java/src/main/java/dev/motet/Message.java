package dev.motet;

/**
 * A message by name: what arrives when no record is registered for the type, and a way to send without one. The value is
 * made of null, Boolean, Long, BigInteger, Double, String, byte[], List, Map and ActorRef.
 *
 * @param type the name of the type
 * @param value the payload
 */
public record Message(String type, Object value) {}
