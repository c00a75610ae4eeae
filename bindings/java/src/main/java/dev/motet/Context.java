package dev.motet;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;

/** What a handler works with. Only inside the handler that was given it, on its thread. */
public final class Context {
    private final ActorSystem system;
    private final Map<Object, Timer> timers = new HashMap<>();
    private final Set<ActorRef> unwatched = new HashSet<>();
    private ActorRef self;
    private Delivery current;
    private boolean handled;
    private boolean stopping;
    private long ticks;

    private record Timer(long number, Object message, boolean repeats, Future<?> clock) {}

    Context(ActorSystem system) {
        this.system = system;
    }

    /** The actor itself. */
    public ActorRef self() {
        return self;
    }

    /** The actor's supervisor. */
    public ActorRef parent() {
        String path = self.path();
        return system.ref(path.substring(0, path.lastIndexOf('/')));
    }

    /** The system it lives in. */
    public ActorSystem system() {
        return system;
    }

    /** Who sent the message being handled, null for nobody. */
    public ActorRef sender() {
        return current().sender();
    }

    /** The W3C traceparent header value of the message being handled, null outside of any trace. */
    public String traceparent() {
        return Span.format(current().trace());
    }

    /** Sends a message to another actor, with this one as sender, as part of the present trace. */
    public Code tell(ActorRef target, Object message) {
        return target.tell(message, self);
    }

    /** Tells the sender of the message being handled. Returns NOT_FOUND when there is none. */
    public Code reply(Object message) {
        return sender() == null ? Code.NOT_FOUND : tell(sender(), message);
    }

    /** Passes the message being handled on as it is, with its sender. */
    public Code forward(ActorRef target) {
        return target.send(current().type(), current().payload(), sender(), current().trace());
    }

    /** Says that the message being handled is not known here: it becomes a dead letter with the cause unhandled. */
    public void unhandled() {
        current();
        handled = false;
    }

    /** Has a {@link Terminated} sent here when that actor stops or its node is lost. */
    public void watch(ActorRef target) {
        unwatched.remove(target);
        self.watch(target);
    }

    /** Ends a watch: no {@link Terminated} of it comes any more, also if one is queued. */
    public void unwatch(ActorRef target) {
        unwatched.add(target);
        self.unwatch(target);
    }

    /** Creates an actor below this one, which supervises it. */
    public ActorRef spawn(Props props, String name) {
        return system.runner().spawn(props, name, self);
    }

    /** The same with a generated name. */
    public ActorRef spawn(Props props) {
        return spawn(props, null);
    }

    /** Stops this actor after the present message. */
    public void stop() {
        self.stop();
    }

    /** Sends a message here after a while. A timer with an equal key is replaced; all timers end with the instance. */
    public void startTimer(Object key, Object message, Duration delay) {
        start(key, message, delay, null);
    }

    /** The same again and again, with a pause of one interval before each. */
    public void startPeriodicTimer(Object key, Object message, Duration interval) {
        start(key, message, interval, interval);
    }

    /** Cancels a timer; nothing comes of it any more, also if a tick is queued. */
    public void cancelTimer(Object key) {
        Timer timer = timers.remove(key);
        if (timer != null) {
            timer.clock().cancel(false);
        }
    }

    void begin(Delivery delivery) {
        current = delivery;
        handled = true;
        if (delivery.self() != null) {
            self = delivery.self();
        }
    }

    void end() {
        current = null;
    }

    /** What counts only among deliveries that were claimed together: the engine knows of it from now on. */
    void endTurn() {
        stopping = false;
        unwatched.clear();
    }

    void stopAfterThis() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    boolean hasUnwatched(ActorRef target) {
        return unwatched.contains(target);
    }

    boolean wasHandled() {
        return handled;
    }

    /** The message of the timer that ticked; null when it was cancelled or replaced meanwhile, or the tick is not ours. */
    Object tick(Delivery delivery) {
        if (delivery.payload().length != Long.BYTES || !self.equals(delivery.sender())) {
            return null;
        }
        long number = ByteBuffer.wrap(delivery.payload()).getLong();
        for (Map.Entry<Object, Timer> entry : timers.entrySet()) {
            if (entry.getValue().number() == number) {
                if (!entry.getValue().repeats()) {
                    timers.remove(entry.getKey());
                }
                return entry.getValue().message();
            }
        }
        return null;
    }

    void cancelTimers() {
        timers.values().forEach(timer -> timer.clock().cancel(false));
        timers.clear();
    }

    private void start(Object key, Object message, Duration delay, Duration interval) {
        if (delay.isNegative() || interval != null && interval.isZero()) {
            throw MotetException.of(Code.INVALID, "a timer's delay may not be negative and its interval must be above 0,"
                    + " they are " + delay + " and " + interval);
        }
        cancelTimer(key);
        long number = ++ticks;
        Future<?> clock = system.timers().start(self, number, delay, interval, current().trace());
        timers.put(key, new Timer(number, message, interval != null, clock));
    }

    private Delivery current() {
        if (current == null) {
            throw new IllegalStateException("a context can be used only inside the handler that was given it");
        }
        return current;
    }
}
