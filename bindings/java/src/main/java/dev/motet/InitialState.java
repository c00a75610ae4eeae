package dev.motet;

import dev.motet.internal.ffi.Motet;

/** What a subscriber to the events of a cluster is told first, see {@link Cluster#subscribe}. */
public enum InitialState {
    /** One {@link ClusterState}. */
    AS_SNAPSHOT(Motet.INITIAL_STATE_AS_SNAPSHOT),
    /** The events that lead to the present state. */
    AS_EVENTS(Motet.INITIAL_STATE_AS_EVENTS);

    private final int number;

    InitialState(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
