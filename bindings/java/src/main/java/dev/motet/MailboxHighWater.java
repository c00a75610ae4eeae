package dev.motet;

/**
 * What a subscriber to "mailboxes" gets when as many messages wait for an actor as its mailbox calls high water.
 *
 * @param actor the path of the actor
 * @param waiting how many messages wait
 * @param capacity how many may
 */
public record MailboxHighWater(String actor, long waiting, long capacity) implements Signal {}
