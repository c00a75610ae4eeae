package dev.motet;

/** Stops the actor when its turn comes, after everything that was told to it before. */
public record PoisonPill() {}
