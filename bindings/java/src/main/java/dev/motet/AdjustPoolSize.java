package dev.motet;

/**
 * Gives a pool more routees, or fewer; at least one stays.
 *
 * @param change how many more; fewer when below 0
 */
public record AdjustPoolSize(long change) {}
