package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Runs the actors of one system that are written in Java: one thread waits for batches of deliveries, and gives what
 * belongs to one actor, as one task, to the executor. The engine hands out nothing more of an actor until its task has
 * completed it, so an actor is never run by two threads, and its order is kept.
 */
final class Runner {
    private static final int BATCH_MAX = 1024;

    private final ActorSystem system;
    private final Executor executor;
    private final long dispatcher;
    private final Thread thread;
    private final Map<Long, Cell> cells = new ConcurrentHashMap<>();
    private final Map<String, Function<byte[], ? extends Actor>> types = new ConcurrentHashMap<>();
    private final Map<Long, Ask> asks = new ConcurrentHashMap<>();
    private final Set<Runnable> endings = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Shutdown.AsyncTask> tasks = new HashMap<>();

    /** An open ask, and the trace of whoever asked. */
    private record Ask(CompletableFuture<Object> future, byte[] trace) {}

    Runner(ActorSystem system, String name, Executor executor) {
        this.system = system;
        this.executor = executor;
        long[] out = new long[1];
        Motet.dispatcher_new(system.handle(), out);
        dispatcher = out[0];
        thread = new Thread(this::poll, "motet-poll-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the poll thread; open asks fail. The dispatcher's handle stays, for handlers that complete late. */
    void close() {
        Motet.dispatcher_close(dispatcher);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Motet.dispatcher_free(dispatcher);
    }

    ActorRef spawn(Props props, String name, ActorRef parent) {
        long number = numbers.incrementAndGet();
        long description = props.factory == null
                ? Motet.props_of_type(props.type, props.arguments == null ? null : Encoder.encode(props.arguments))
                : Motet.props_new_foreign(dispatcher, number);
        long[] out = new long[1];
        if (props.factory != null) {
            cells.put(number, new Cell(system, this, number, props));
        }
        try {
            props.settings.forEach((key, value) -> Motet.props_set(description, key, value));
            if (parent == null) {
                Motet.system_spawn(system.handle(), description, name, out);
            } else {
                Motet.ref_spawn(parent.handle(), description, name, out);
                Reference.reachabilityFence(parent);
            }
        } catch (RuntimeException refused) {
            cells.remove(number);
            throw refused;
        } finally {
            Motet.props_free(description);
        }
        return new ActorRef(system, out[0]);
    }

    /** Has actors of a type made of their arguments, here or from another node. */
    void register(String type, Function<byte[], ? extends Actor> factory) {
        long description = Motet.props_new_foreign(dispatcher, 0);
        boolean first = types.putIfAbsent(type, factory) == null; // Before the engine can make one.
        try {
            Motet.system_register_actor(system.handle(), type, description);
        } catch (RuntimeException refused) {
            if (first) {
                types.remove(type);
            }
            throw refused;
        } finally {
            Motet.props_free(description);
        }
    }

    /** The cell of an actor that the engine has made, by the name of its type or as a routee; null when it ends unbegun. */
    private Cell made(Delivery first) {
        if (first.type() != Motet.TYPE_PRE_START) {
            return null;
        }
        Map<?, ?> told = (Map<?, ?>) Decoder.decode(first.payload(), Object.class, system::ref);
        Props props = told.get("props") instanceof Long router ? propsOfRouter(router) : propsOfType(told);
        if (props == null) {
            return null;
        }
        Cell cell = new Cell(system, this, first.actor(), props);
        cells.put(first.actor(), cell);
        return cell;
    }

    private Props propsOfRouter(Long router) {
        Cell cell = cells.get(router);
        return cell == null ? null : cell.props(); // None: it was refused, and its routees are being stopped.
    }

    private Props propsOfType(Map<?, ?> told) {
        Function<byte[], ? extends Actor> factory = types.get(told.get("type"));
        byte[] arguments = (byte[]) told.get("arguments");
        return Props.of(() -> factory.apply(arguments));
    }

    CompletableFuture<Object> ask(ActorRef target, Object message, Duration timeout) {
        Types.Outgoing outgoing = system.types().outgoing(message);
        CompletableFuture<Object> future = new CompletableFuture<>();
        long number = numbers.incrementAndGet();
        byte[] trace = system.trace();
        asks.put(number, new Ask(future, trace));
        future.whenComplete((value, error) -> asks.remove(number));
        int code = Motet.dispatcher_ask(
                dispatcher, target.handle(), number, outgoing.type(), outgoing.payload(), timeout.toMillis(), trace);
        Reference.reachabilityFence(target);
        if (code < 0) {
            String why = code == Code.INVALID.number()
                    ? "the timeout must be 1 ms or more, it is " + timeout
                    : Motet.code_text(code);
            String what = "ask of " + target + " with " + system.types().name(outgoing.type()) + ": ";
            future.completeExceptionally(MotetException.of(Code.of(code), what + why));
        }
        return future;
    }

    /** Has a call made when the system has ended, at once if it has. Gives what makes it now instead; it is made once. */
    Runnable atEnd(Runnable call) {
        Runnable once = new Runnable() {
            @Override
            public void run() {
                if (endings.remove(this)) {
                    call.run();
                }
            }
        };
        endings.add(once);
        if (ended) {
            once.run();
        }
        return once;
    }

    /** Adds a task to a phase of the shutdown; its number. */
    long addTask(String phase, String name, Shutdown.AsyncTask task) {
        long[] out = new long[1];
        synchronized (tasks) { // It may be its turn before its number is known here.
            Motet.shutdown_add_foreign(dispatcher, phase, name, out);
            tasks.put(out[0], task);
        }
        return out[0];
    }

    boolean cancelTask(long number) {
        boolean cancelled = Motet.shutdown_cancel(system.handle(), number) == Code.OK.number();
        if (cancelled) {
            takeTask(number);
        }
        return cancelled;
    }

    private Shutdown.AsyncTask takeTask(long number) {
        synchronized (tasks) {
            return tasks.remove(number);
        }
    }

    /** Says how many deliveries of an actor were run, and with what the next one failed, if it did. */
    void complete(long actor, int handled, Code code, String message) {
        Motet.dispatcher_complete(dispatcher, actor, handled, code.number(), message);
    }

    void unhandled(Delivery delivery) {
        Motet.dispatcher_unhandled(dispatcher, delivery.actor(), delivery.index());
    }

    /** How many actors and routers are kept. */
    int cells() {
        return cells.size();
    }

    void stopped(long actor) {
        cells.remove(actor);
    }

    private void poll() {
        try (Batch batch = new Batch(new RefCache(system))) {
            for (int count = batch.poll(dispatcher, BATCH_MAX); count >= 0; count = batch.poll(dispatcher, BATCH_MAX)) {
                dispatch(batch, count);
            }
        }
        ended = true;
        endings.forEach(this::execute);
        asks.values().forEach(ask -> execute(() -> ask.future().completeExceptionally(
                MotetException.of(Code.CLOSED, "the system was closed before the answer came"))));
    }

    private void dispatch(Batch batch, int count) {
        List<Delivery> ofOne = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Delivery delivery = batch.get(i);
            if (delivery.kind() == Motet.DELIVERY_MESSAGE) {
                if (!ofOne.isEmpty() && ofOne.get(0).actor() != delivery.actor()) {
                    run(ofOne);
                    ofOne = new ArrayList<>();
                }
                ofOne.add(delivery);
            } else if (delivery.kind() == Motet.DELIVERY_TASK) {
                Shutdown.begin(system, delivery.correlation(), takeTask(delivery.correlation()));
            } else {
                answer(delivery);
            }
        }
        if (!ofOne.isEmpty()) {
            run(ofOne);
        }
    }

    private void run(List<Delivery> deliveries) {
        long actor = deliveries.get(0).actor();
        Cell known = cells.get(actor);
        Cell cell = known != null ? known : made(deliveries.get(0));
        if (cell == null) {
            complete(actor, deliveries.size(), Code.OK, null); // It has stopped; what is left is for nobody.
        } else if (!execute(() -> cell.run(deliveries))) {
            complete(actor, 0, Code.FAILED, "the executor of the system takes no more tasks");
        }
    }

    private void answer(Delivery delivery) {
        Ask ask = asks.get(delivery.correlation());
        if (ask == null) {
            return; // Cancelled by its owner.
        }
        CompletableFuture<Object> future = ask.future();
        byte[] trace = delivery.trace() == null ? ask.trace() : delivery.trace();
        boolean taken = execute(() -> {
            Scope outer = new Scope(system, null, trace).enter();
            try {
                finish(future, delivery);
            } catch (RuntimeException unreadable) {
                future.completeExceptionally(unreadable);
            } finally {
                Scope.restore(outer);
            }
        });
        if (!taken) {
            future.completeExceptionally(MotetException.of(Code.CLOSED, "the executor of the system takes no more tasks"));
        }
    }

    private void finish(CompletableFuture<Object> future, Delivery delivery) {
        if (delivery.kind() == Motet.DELIVERY_FAILURE) {
            String sentence = new String(delivery.payload(), StandardCharsets.UTF_8);
            future.completeExceptionally(MotetException.of(Code.of(delivery.type()), sentence));
        } else {
            future.complete(system.types().incoming(delivery.type(), delivery.payload(), delivery.sender()));
        }
    }

    private boolean execute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }
}
