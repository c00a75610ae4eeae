package dev.motet;

/**
 * The answer to {@link Identify}.
 *
 * @param ref the actor found, null when there is none
 * @param correlation the value of the question
 */
public record ActorIdentity(ActorRef ref, Object correlation) implements Signal {}
