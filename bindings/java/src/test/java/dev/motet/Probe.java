package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An actor that keeps what it receives for the test's own thread, with sender and trace. */
final class Probe implements Actor {
    private static final long DEADLINE_S = 60;

    record Received(Object message, ActorRef sender, String traceparent) {}

    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    final ActorRef ref;

    Probe(ActorSystem system) {
        ref = system.spawn(Props.of(() -> this));
    }

    @Override
    public void receive(Context context, Object message) {
        received.add(new Received(message, context.sender(), context.traceparent()));
    }

    /** The next thing received. */
    Received next() {
        try {
            Received next = received.poll(DEADLINE_S, TimeUnit.SECONDS);
            return next != null ? next : fail("nothing was received in " + DEADLINE_S + " s");
        } catch (InterruptedException error) {
            return fail(error);
        }
    }

    /** The next message, which must be of a type. */
    <T> T next(Class<T> type) {
        return assertInstanceOf(type, next().message());
    }

    /** Looks through what comes for a message of a type. */
    <T> T find(Class<T> type) {
        Object message = next().message();
        while (!type.isInstance(message)) {
            message = next().message();
        }
        return type.cast(message);
    }

    void expect(Object message) {
        assertEquals(message, next().message());
    }

    boolean isEmpty() {
        return received.isEmpty();
    }

    /** Waits for a condition. */
    static void await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail(what + " did not come true in " + DEADLINE_S + " s");
            }
            Thread.yield();
        }
    }
}
