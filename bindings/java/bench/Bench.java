import dev.motet.Actor;
import dev.motet.ActorRef;
import dev.motet.ActorSystem;
import dev.motet.Config;
import dev.motet.Context;
import dev.motet.MessageType;
import dev.motet.Props;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Measures tell plus handled delivery of one local actor: figure java.tell, the best of some rounds. */
public final class Bench {
    private static final int ROUNDS = 5;
    private static final long MESSAGES = 500_000;
    private static final long IN_FLIGHT_MAX = 20_000;

    @MessageType("bench.Item")
    record Item(long number) {}

    private static final AtomicLong HANDLED = new AtomicLong();

    /** Counts. */
    private static final class Counter implements Actor {
        private long count;

        @Override
        public void receive(Context context, Object message) {
            if (message instanceof Item) {
                HANDLED.lazySet(++count);
            } else {
                context.unhandled();
            }
        }
    }

    private Bench() {}

    private static double round(ActorRef counter, long before) {
        long start = System.nanoTime();
        for (long sent = before; sent < before + MESSAGES; sent++) {
            while (sent - HANDLED.get() > IN_FLIGHT_MAX) {
                Thread.yield();
            }
            counter.tell(new Item(sent));
        }
        while (HANDLED.get() < before + MESSAGES) {
            Thread.yield();
        }
        return MESSAGES * 1e9 / (System.nanoTime() - start);
    }

    public static void main(String[] arguments) {
        try (ActorSystem system = ActorSystem.start(new Config().set("remote.enabled", "off"))) {
            system.register(Item.class);
            ActorRef counter = system.spawn(Props.of(Counter::new), "counter");
            double best = 0;
            for (int i = 0; i < ROUNDS; i++) {
                best = Math.max(best, round(counter, i * MESSAGES));
            }
            System.out.printf(Locale.ROOT, "figure java.tell %.0f messages/s%n", best);
        }
    }
}
