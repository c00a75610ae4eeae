package dev.motet;

/**
 * Makes payloads of messages, and messages of payloads. What stands behind the '+' in the name of a message type tells the
 * codec: "demo.Job+json". Every language has msgpack (without a '+'), json, utf8 (texts) and raw (bytes); others are
 * registered with {@link ActorSystem#register(String, Codec)}. May be called from any thread. What it throws says why it
 * cannot.
 */
public interface Codec {
    /** The payload of a value of a registered type, or of the value of a {@link Message}. */
    byte[] encode(Object value) throws Exception;

    /** The value in a payload: one of the registered type or, where that is null, one for a {@link Message}. */
    Object decode(byte[] payload, Class<?> type) throws Exception;
}
