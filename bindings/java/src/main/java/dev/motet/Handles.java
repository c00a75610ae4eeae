package dev.motet;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/** Frees objects of the C interface whose Java owner was collected. */
final class Handles {
    private static final Cleaner CLEANER = Cleaner.create();

    private Handles() {}

    static Cleaner.Cleanable freeWith(Object owner, long handle, LongConsumer free) {
        return CLEANER.register(owner, () -> free.accept(handle));
    }
}
