package dev.motet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Describes an actor: how an instance is made, and its properties. Immutable. */
public final class Props {
    /** None for an actor that is described by the name of its type. */
    final Supplier<? extends Actor> factory;

    final String type;
    final Object arguments;
    final Map<String, String> settings;

    private Props(Supplier<? extends Actor> factory, String type, Object arguments, Map<String, String> settings) {
        this.factory = factory;
        this.type = type;
        this.arguments = arguments;
        this.settings = settings;
    }

    /** An actor whose instances a factory makes: one at its start, and one at each restart. */
    public static Props of(Supplier<? extends Actor> factory) {
        return new Props(Objects.requireNonNull(factory, "factory"), null, null, Map.of());
    }

    /**
     * An actor by the name of a type that is registered where it is created: here ({@link ActorSystem#registerActor}), or on
     * the node that the property "remote" names, in whatever language.
     *
     * @param arguments what it is made with, a value that messages can have; null for nothing
     */
    public static Props ofType(String type, Object arguments) {
        return new Props(null, Objects.requireNonNull(type, "type"), arguments, Map.of());
    }

    /**
     * The same with one property: "mailbox" (a configured name), "remote" (the address of the node where an actor of a type
     * is created), "supervision.strategy", "supervision.directive" (restart, stop, resume, escalate),
     * "supervision.max-retries", "supervision.within". A bad one is refused at spawn.
     */
    public Props with(String key, String value) {
        return with(Map.of(key, value));
    }

    private Props with(Map<String, String> added) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.putAll(added);
        return new Props(factory, type, arguments, more);
    }

    /**
     * A pool: a router that makes and supervises its routees, so many actors of the given props, whose properties, such as
     * "supervision.directive", are those of each: {@code Props.pool(Props.of(Worker::new), new Routing.RoundRobin(), 5)}.
     */
    public static Props pool(Props routee, Routing.Logic logic, int instances) {
        return pool(routee, logic, Map.of("router.instances", Integer.toString(instances)));
    }

    /** The same with as many routees as a resizer says. */
    public static Props pool(Props routee, Routing.Logic logic, Routing.Resizer resizer) {
        return pool(routee, logic, resizer.settings());
    }

    private static Props pool(Props routee, Routing.Logic logic, Map<String, String> size) {
        return routee.with("router", logic.name() + "-pool").with(logic.settings()).with(size);
    }

    /**
     * A group: a router over actors that were made elsewhere, on any node: {@code Props.group(new Routing.Random(),
     * List.of("/user/a", "motet.tcp://Other@host:2551/user/b"))}.
     */
    public static Props group(Routing.Logic logic, List<String> paths) {
        return ofType("", null)
                .with("router", logic.name() + "-group")
                .with("router.paths", String.join(",", paths))
                .with(logic.settings());
    }
}
