package dev.motet;

import java.util.List;

/**
 * The answer to {@link GetRoutees}.
 *
 * @param routees to whom the router sends
 */
public record Routees(List<ActorRef> routees) implements Signal {}
