package dev.motet;

/**
 * Takes a routee from a router; one of a pool's own then ends when it has done what it was sent.
 *
 * @param routee the actor
 */
public record RemoveRoutee(ActorRef routee) {}
