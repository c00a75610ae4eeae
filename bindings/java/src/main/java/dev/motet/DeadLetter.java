package dev.motet;

import java.util.List;

/**
 * What a subscriber to "dead-letters" gets: a message that was not delivered, and why.
 *
 * @param cause why it was not delivered
 * @param type the name of the message's type
 * @param target where it should have gone
 * @param sender who sent it, empty for nobody
 * @param size the size of its payload in bytes
 * @param limit where the cause is TOO_LARGE the largest size that is allowed, else 0
 * @param trace its trace as a W3C traceparent header value, empty for none
 * @param hops the paths of the first who passed it on
 * @param passedOn how many did
 */
public record DeadLetter(
        Code cause,
        String type,
        String target,
        String sender,
        long size,
        long limit,
        String trace,
        List<String> hops,
        long passedOn)
        implements Signal {}
