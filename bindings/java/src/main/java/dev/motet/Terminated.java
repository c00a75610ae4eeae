package dev.motet;

/**
 * A watched actor has stopped, or its node was lost. Who watches must handle it, or fails.
 *
 * @param ref the actor
 * @param existenceConfirmed whether it ever existed, as far as is known
 * @param addressTerminated whether its whole node was lost
 */
public record Terminated(ActorRef ref, boolean existenceConfirmed, boolean addressTerminated) implements Signal {}
