package dev.motet;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Frees objects of the C interface whose Java owner was collected. */
final class Handles {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final AtomicLong HELD = new AtomicLong();

    private Handles() {}

    static Cleaner.Cleanable freeWith(Object owner, long handle, LongConsumer free) {
        HELD.incrementAndGet();
        return CLEANER.register(owner, () -> {
            free.accept(handle);
            HELD.decrementAndGet();
        });
    }

    /** How many objects are held now. */
    static long held() {
        return HELD.get();
    }
}
