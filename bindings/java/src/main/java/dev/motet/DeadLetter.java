package dev.motet;

/**
 * What a subscriber to "dead-letters" gets: a message that was not delivered, and why.
 *
 * @param cause why it was not delivered
 * @param type the name of the message's type
 * @param target where it should have gone
 * @param sender who sent it, empty for nobody
 * @param size the size of its payload in bytes
 * @param trace its trace as a W3C traceparent header value, empty for none
 */
public record DeadLetter(Code cause, String type, String target, String sender, long size, String trace) implements Signal {}
