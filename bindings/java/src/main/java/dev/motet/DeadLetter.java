package dev.motet;

/**
 * What a subscriber to "dead-letters" gets: a message that was not delivered, and why.
 *
 * @param cause the cause, from a closed list
 * @param type the name of the message's type
 * @param target where it should have gone
 * @param sender who sent it, empty for nobody
 * @param size the size of its payload in bytes
 * @param trace its trace, as the engine tells it
 */
public record DeadLetter(String cause, String type, String target, String sender, long size, Object trace) implements Signal {}
