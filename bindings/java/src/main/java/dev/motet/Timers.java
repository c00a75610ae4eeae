package dev.motet;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The timers of a system's actors: at its time a tick, which carries only a number, is told to the actor. */
final class Timers {
    private final ScheduledThreadPoolExecutor clock;
    private final int type;

    Timers(Types types, String name) {
        type = types.number("java.Tick");
        clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "motet-timer-" + name);
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
    }

    /** The message type of ticks. */
    int type() {
        return type;
    }

    /** Ticks once, or again and again when interval is not null. */
    Future<?> start(ActorRef self, long number, Duration delay, Duration interval, byte[] trace) {
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        Runnable tick = () -> self.send(type, payload, self, trace);
        return interval == null
                ? clock.schedule(tick, delay.toNanos(), TimeUnit.NANOSECONDS)
                : clock.scheduleWithFixedDelay(tick, delay.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    void close() {
        clock.shutdownNow();
    }
}
