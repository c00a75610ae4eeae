package dev.motet;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What decides which routee of a router gets a message, and how many routees a pool has: see {@link Props#pool}. */
public final class Routing {
    private static final Duration WITHIN = Duration.ofSeconds(5);

    private Routing() {}

    /** What decides which routee gets a message. */
    public sealed interface Logic
            permits RoundRobin,
                    Random,
                    SmallestMailbox,
                    Balancing,
                    Broadcast,
                    ScatterGather,
                    TailChopping,
                    ConsistentHashing {
        /** What the property "router" calls it, less "-pool" or "-group". */
        String name();

        /** The properties beside "router" that describe it. */
        default Map<String, String> settings() {
            return Map.of();
        }
    }

    /** What changes the number of a pool's routees, within bounds. */
    public sealed interface Resizer permits Pressure, OptimalSizeExploring {
        /** The properties that describe it. */
        Map<String, String> settings();
    }

    /** Each in turn. */
    public record RoundRobin() implements Logic {
        @Override
        public String name() {
            return "round-robin";
        }
    }

    /** Any. */
    public record Random() implements Logic {
        @Override
        public String name() {
            return "random";
        }
    }

    /** The one with the least to do. */
    public record SmallestMailbox() implements Logic {
        @Override
        public String name() {
            return "smallest-mailbox";
        }
    }

    /** Whoever has nothing to do: all routees of a pool share one mailbox. Not for groups. */
    public record Balancing() implements Logic {
        @Override
        public String name() {
            return "balancing";
        }
    }

    /** All of them. */
    public record Broadcast() implements Logic {
        @Override
        public String name() {
            return "broadcast";
        }
    }

    /**
     * All; the first answer goes to who asked, whose ask fails when there is none in time.
     *
     * @param within the time for an answer
     */
    public record ScatterGather(Duration within) implements Logic {
        /** With 5 seconds. */
        public ScatterGather() {
            this(WITHIN);
        }

        @Override
        public String name() {
            return "scatter-gather";
        }

        @Override
        public Map<String, String> settings() {
            return Map.of("router.within", text(within));
        }
    }

    /**
     * Any one, then one more after each interval until one answers; otherwise like {@link ScatterGather}.
     *
     * @param within the time for an answer
     * @param interval the time before one more is asked
     */
    public record TailChopping(Duration within, Duration interval) implements Logic {
        /** With 5 seconds and 10 milliseconds. */
        public TailChopping() {
            this(WITHIN, Duration.ofMillis(10));
        }

        @Override
        public String name() {
            return "tail-chopping";
        }

        @Override
        public Map<String, String> settings() {
            return Map.of("router.within", text(within), "router.interval", text(interval));
        }
    }

    /**
     * The one to whom the message's key belongs.
     *
     * @param hashKey the component of a message that is its key; null for those in a {@link ConsistentHashableEnvelope}
     * @param virtualNodesFactor how many places each routee has on the ring; more of them spread keys more evenly
     */
    public record ConsistentHashing(String hashKey, int virtualNodesFactor) implements Logic {
        /** With 10 places. */
        public ConsistentHashing(String hashKey) {
            this(hashKey, 10);
        }

        /** By envelopes alone. */
        public ConsistentHashing() {
            this(null);
        }

        @Override
        public String name() {
            return "consistent-hashing";
        }

        @Override
        public Map<String, String> settings() {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("router.virtual-nodes-factor", Integer.toString(virtualNodesFactor));
            if (hashKey != null) {
                settings.put("router.hash-key", hashKey);
            }
            return settings;
        }
    }

    /**
     * A pool that grows when all of its routees are busy and shrinks when few are.
     *
     * @param lowerBound the fewest routees
     * @param upperBound the most
     * @param pressureThreshold when a routee is busy: 0 when it runs, 1 when one more waits, n when n wait
     * @param rampupRate the part by which it grows
     * @param backoffThreshold it shrinks when a smaller part is busy
     * @param backoffRate the part by which it shrinks
     * @param messagesPerResize after so many messages its size is looked at
     */
    public record Pressure(
            int lowerBound,
            int upperBound,
            int pressureThreshold,
            double rampupRate,
            double backoffThreshold,
            double backoffRate,
            int messagesPerResize)
            implements Resizer {
        /** With a threshold of 1, rates of 0.2, 0.3 and 0.1, and a look after each 10 messages. */
        public Pressure(int lowerBound, int upperBound) {
            this(lowerBound, upperBound, 1, 0.2, 0.3, 0.1, 10);
        }

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "router.resizer", "pressure",
                    "router.resizer.lower-bound", Integer.toString(lowerBound),
                    "router.resizer.upper-bound", Integer.toString(upperBound),
                    "router.resizer.pressure-threshold", Integer.toString(pressureThreshold),
                    "router.resizer.rampup-rate", Double.toString(rampupRate),
                    "router.resizer.backoff-threshold", Double.toString(backoffThreshold),
                    "router.resizer.backoff-rate", Double.toString(backoffRate),
                    "router.resizer.messages-per-resize", Integer.toString(messagesPerResize));
        }
    }

    /**
     * A pool that looks for the size with which it gets most done. More can be set by key: see motet/router.h.
     *
     * @param lowerBound the fewest routees
     * @param upperBound the most
     * @param actionInterval the time between two changes
     */
    public record OptimalSizeExploring(int lowerBound, int upperBound, Duration actionInterval) implements Resizer {
        /** With 5 seconds between two changes. */
        public OptimalSizeExploring(int lowerBound, int upperBound) {
            this(lowerBound, upperBound, Duration.ofSeconds(5));
        }

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "router.resizer", "optimal-size-exploring",
                    "router.resizer.lower-bound", Integer.toString(lowerBound),
                    "router.resizer.upper-bound", Integer.toString(upperBound),
                    "router.resizer.action-interval", text(actionInterval));
        }
    }

    private static String text(Duration duration) {
        return duration.toNanos() + "ns";
    }
}
