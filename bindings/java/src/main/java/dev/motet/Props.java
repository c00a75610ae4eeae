package dev.motet;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Describes an actor: how an instance is made, and its properties. Immutable. */
public final class Props {
    final Supplier<? extends Actor> factory;
    final Map<String, String> settings;

    private Props(Supplier<? extends Actor> factory, Map<String, String> settings) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.settings = settings;
    }

    /** An actor whose instances a factory makes: one at its start, and one at each restart. */
    public static Props of(Supplier<? extends Actor> factory) {
        return new Props(factory, Map.of());
    }

    /**
     * The same with one property: "mailbox" (a configured name), "supervision.strategy", "supervision.directive" (restart,
     * stop, resume, escalate), "supervision.max-retries", "supervision.within". A bad one is refused at spawn.
     */
    public Props with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        return new Props(factory, more);
    }
}
