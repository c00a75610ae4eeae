package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The references that batches lately lent, by handle, so that a chatty sender is one object. What is here is held, so its
 * handle cannot come to mean another. Used by the poll thread only.
 */
final class RefCache {
    private static final int ENTRIES_MAX = 1024;

    private final ActorSystem system;
    private final Map<Long, ActorRef> refs = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, ActorRef> eldest) {
            return size() > ENTRIES_MAX;
        }
    };

    RefCache(ActorSystem system) {
        this.system = system;
    }

    /** The reference of a handle that a batch lends; null for 0. */
    ActorRef of(long handle) {
        if (handle == 0) {
            return null;
        }
        ActorRef known = refs.get(handle);
        if (known == null) {
            known = new ActorRef(system, Motet.ref_retain(handle));
            refs.put(handle, known);
        }
        return known;
    }
}
