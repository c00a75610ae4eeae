package dev.motet;

/** Fails the actor when its turn comes; supervision decides what follows. */
public record Kill() {}
