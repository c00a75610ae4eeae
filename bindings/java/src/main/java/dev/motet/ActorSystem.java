package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One node: actors, sockets, and the membership of a cluster. All its methods may be called from any thread. Its threads
 * are daemons, so a program that only serves waits in {@link #awaitClosed}.
 */
public final class ActorSystem implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int THREADS_MIN = 2;

    private final long handle;
    private final String address;
    private final Types types;
    private final Timers timers;
    private final Runner runner;
    private final ExecutorService pool;
    private final Shutdown shutdown = new Shutdown(this);
    private boolean closed;

    private ActorSystem(Config config, Executor executor) {
        long[] out = new long[1];
        Motet.system_start(config.handle(), out);
        Reference.reachabilityFence(config);
        handle = out[0];
        address = Buffers.text(buffer -> Motet.system_address(handle, buffer));
        String name = address.replaceAll("^.*://|@.*$", "");
        types = new Types(handle, this::ref);
        timers = new Timers(types, name);
        pool = executor == null ? newPool(name) : null;
        runner = new Runner(this, name, executor == null ? pool : executor);
    }

    /** Starts a system with all defaults. */
    public static ActorSystem start() {
        return start(new Config());
    }

    /** Starts a system with settings, which are copied. Joins the seed nodes if some are configured. */
    public static ActorSystem start(Config config) {
        return new ActorSystem(config, null);
    }

    /** The same with an executor that runs handlers and completes futures, instead of a small pool of its own. */
    public static ActorSystem start(Config config, Executor executor) {
        return new ActorSystem(config, executor);
    }

    /** Says which records messages are read as, by their {@link MessageType}. What is sent need not be registered. */
    public ActorSystem register(Class<?>... records) {
        for (Class<?> record : records) {
            types.register(record);
        }
        return this;
    }

    /** The same for a record without that annotation, or a class of which a codec of the program makes payloads. */
    public ActorSystem register(String type, Class<?> record) {
        types.register(type, record);
        return this;
    }

    /** Registers a codec for all message types whose names end with "+name". */
    public ActorSystem register(String name, Codec codec) {
        types.codecs().register(name, codec);
        return this;
    }

    /** Creates an actor below /user; the name is unique there. */
    public ActorRef spawn(Props props, String name) {
        return runner.spawn(props, name, null);
    }

    /** The same with a generated name. */
    public ActorRef spawn(Props props) {
        return spawn(props, null);
    }

    /**
     * Registers a type of actors by name, so that {@link Props#ofType} describes them, here and on other nodes, as far as
     * remote.creation.allow and remote.creation.deny let those.
     *
     * @param arguments as what the arguments are read: a record, or {@code Object.class}; null where there are none
     * @param factory makes an instance: one at the start, and one at each restart
     */
    public <T> ActorSystem registerActor(String type, Class<T> arguments, Function<T, ? extends Actor> factory) {
        Objects.requireNonNull(factory, "factory");
        runner.register(type, payload -> factory.apply(
                payload.length == 0 ? null : arguments.cast(Decoder.decode(payload, arguments, this::ref))));
        return this;
    }

    /**
     * The reference that a path names: a full one ({@code motet.tcp://S@host:1/user/a}) on any node, a local one ({@code
     * /user/a}) on this one, one with wildcards or ".." every actor that matches. Whether it exists is not checked.
     */
    public ActorRef ref(String path) {
        long[] out = new long[1];
        Motet.system_ref(handle, path, out);
        return new ActorRef(this, out[0]);
    }

    /**
     * Finds out whether an actor exists: the incarnation that answers at a path, as {@link #ref} takes it, here or on any
     * other node. Of several that match it is the one whose answer comes first. Fails with {@link Code#NOT_FOUND} when nobody
     * is there, and as {@link ActorRef#ask(Object, Duration)} does.
     */
    public CompletableFuture<ActorRef> resolve(String path, Duration timeout) {
        return ref(path).ask(new Identify(null), timeout, ActorIdentity.class).thenApply(identity -> {
            if (identity.ref() == null) {
                throw MotetException.of(Code.NOT_FOUND, "no actor is at " + path);
            }
            return identity.ref();
        });
    }

    /** What is known now of every other node that was sent to or heard from, by address in order. */
    public List<Peer> peers() {
        long[] out = new long[1];
        Motet.system_peers(handle, out);
        try {
            List<Peer> peers = new ArrayList<>();
            for (long i = 0; i < Motet.peers_count(out[0]); i++) {
                peers.add(new Peer(
                        Motet.peers_address(out[0], i),
                        Motet.peers_state(out[0], i),
                        Motet.peers_uid(out[0], i),
                        Motet.peers_phi(out[0], i),
                        Motet.peers_queued(out[0], i)));
            }
            return peers;
        } finally {
            Motet.peers_free(out[0]);
        }
    }

    /**
     * Reads remote.curve.key-file and remote.curve.peers-file again: who was taken out of the list is heard no longer, who
     * was added may connect. Fails with an exception that names the file that is not good; a good list is taken even when
     * the key file is not good. With {@link Code#BAD_STATE} the system has no keys, or its own key is another one, which
     * takes a restart.
     */
    public void reloadKeys() {
        Motet.system_reload_keys(handle);
    }

    /**
     * Has the events of a topic sent to an actor: "dead-letters", "mailboxes", "remoting" or "cluster". Ends with the
     * actor.
     */
    public void subscribe(ActorRef subscriber, String topic) {
        Motet.system_subscribe(handle, subscriber.handle(), topic);
        Reference.reachabilityFence(subscriber);
    }

    /** Ends a subscription. */
    public void unsubscribe(ActorRef subscriber, String topic) {
        Motet.system_unsubscribe(handle, subscriber.handle(), topic);
        Reference.reachabilityFence(subscriber);
    }

    /**
     * Starts a span, below the one that the present thread is in, else a new trace. It is current until it is closed: what
     * the thread sends belongs to it.
     */
    public Span span(String name) {
        return new Span(this, name, trace());
    }

    /** The same below the span of a W3C traceparent header value; a malformed one means: a new trace. */
    public Span span(String name, String traceparent) {
        return new Span(this, name, Span.parse(traceparent));
    }

    /** How it ends, and what is to be done on the way. */
    public Shutdown shutdown() {
        return shutdown;
    }

    /** The membership of this node. */
    public Cluster cluster() {
        return new Cluster(this);
    }

    /** {@code motet.tcp://System@host:port}. */
    public String address() {
        return address;
    }

    /** The uid of this life of the node, 64 bits without a sign; 0 when closed. */
    public long uid() {
        return Motet.system_uid(handle);
    }

    /** Waits until the system has closed, for whatever reason; tells whether it has. */
    public boolean awaitClosed(Duration timeout) {
        try {
            Motet.system_wait(handle, timeout.toMillis());
            return true;
        } catch (MotetException.Timeout notYet) {
            return false;
        } catch (MotetException.Closed already) {
            return true;
        }
    }

    /** Waits until the system has closed, for whatever reason. */
    public void awaitClosed() {
        awaitClosed(Duration.ofMillis(-1));
    }

    /** Closes with a time of 10 seconds. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /**
     * Leaves the cluster, stops every actor, children first, flushes what was sent and ends all threads; what is left after
     * the time is cut off, and that is a {@link MotetException.Timeout}. Idempotent. Inside a handler, or a task of the
     * {@link #shutdown}, it only starts the close.
     */
    public void close(Duration timeout) {
        shutDown(ShutdownReason.ACTOR_SYSTEM_TERMINATE, null, timeout.toMillis());
    }

    /** A negative timeout: none. */
    void shutDown(ShutdownReason reason, String from, long timeoutMillis) {
        if (scope() == null) {
            shut(reason, from, timeoutMillis);
        } else {
            new Thread(() -> shut(reason, from, timeoutMillis), "motet-close").start();
        }
    }

    private synchronized void shut(ShutdownReason reason, String from, long timeoutMillis) {
        if (closed) {
            return;
        }
        boolean begun = true;
        try {
            Motet.shutdown_run(handle, reason.number(), from, timeoutMillis);
        } catch (MotetException refused) {
            begun = uid() == 0; // Else there was no such phase.
            throw refused;
        } finally {
            if (begun) {
                end();
            }
        }
    }

    private void end() {
        closed = true;
        shutdown.remember();
        runner.close();
        timers.close();
        if (pool != null) {
            pool.shutdown();
        }
        Motet.system_free(handle);
    }

    /** Tasks in the order they come; a handler that waits for a future all the same is made up for by another thread. */
    private static ExecutorService newPool(String name) {
        AtomicInteger number = new AtomicInteger();
        int threads = Math.max(THREADS_MIN, Runtime.getRuntime().availableProcessors());
        return new ForkJoinPool(threads, pool -> {
            ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
            thread.setName("motet-actors-" + name + "-" + number.incrementAndGet());
            return thread;
        }, null, true);
    }

    long handle() {
        return handle;
    }

    Types types() {
        return types;
    }

    Timers timers() {
        return timers;
    }

    Runner runner() {
        return runner;
    }

    /** What the present thread does for this system, null for nothing. */
    Scope scope() {
        Scope scope = Scope.current();
        return scope == null || scope.system() != this ? null : scope;
    }

    /** The trace that sends of the present thread belong to, null for none. */
    byte[] trace() {
        Scope scope = Scope.current();
        return scope == null ? null : scope.trace();
    }
}
