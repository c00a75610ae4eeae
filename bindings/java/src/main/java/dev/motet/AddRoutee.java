package dev.motet;

/**
 * Gives a router one more routee; it leaves when it ends.
 *
 * @param routee the actor, on any node
 */
public record AddRoutee(ActorRef routee) {}
