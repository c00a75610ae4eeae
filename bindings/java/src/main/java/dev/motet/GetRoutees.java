package dev.motet;

/** Asks a router for its {@link Routees}. */
public record GetRoutees() {}
