package dev.motet;

/**
 * The answer to {@link ActorRef#whenRoom}: there is room, or none is to be expected.
 *
 * @param ref whom the room is for
 * @param code OK when there is room
 * @param error a sentence that says why there is none
 */
public record Room(ActorRef ref, Code code, String error) implements Signal {}
