package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A reference to an actor, wherever it lives. A value: two are equal when they name the same incarnation of the same
 * actor. May be part of messages at any depth, and be used from any thread, also after the actor is gone: what is told to
 * it then becomes a dead letter.
 */
public final class ActorRef {
    private final ActorSystem system;
    private final long handle;
    private volatile String path;

    /** Takes over one hold of a handle, and ends it when it is collected. */
    ActorRef(ActorSystem system, long handle) {
        this.system = system;
        this.handle = handle;
        Handles.freeWith(this, handle, Motet::ref_free);
    }

    /**
     * Sends a message, without waiting. Inside a handler the actor that runs is the sender, and the message belongs to the
     * trace of the one being handled; elsewhere there is neither. Returns OK when it was handed over, which is no promise
     * that it arrives; else why it became a dead letter.
     */
    public Code tell(Object message) {
        Scope scope = system.scope();
        return tell(message, scope == null ? null : scope.self());
    }

    /** The same with a sender of choice, null for nobody. */
    public Code tell(Object message, ActorRef sender) {
        Types.Outgoing outgoing = system.types().outgoing(message);
        return send(outgoing.type(), outgoing.payload(), sender, system.trace());
    }

    /**
     * Sends a message that expects an answer. The future is completed with the answer on the system's executor, or with a
     * {@link MotetException.Timeout}, or with the failure that the answer carries.
     */
    public CompletableFuture<Object> ask(Object message, Duration timeout) {
        return system.runner().ask(this, message, timeout);
    }

    /** The same for an answer of a known type; another one is a failure that names both. */
    public <T> CompletableFuture<T> ask(Object message, Duration timeout, Class<T> answer) {
        if (answer.isAnnotationPresent(MessageType.class)) {
            system.types().register(answer);
        }
        return ask(message, timeout).thenApply(value -> {
            if (!answer.isInstance(value)) {
                throw MotetException.of(Code.INVALID, this + " answered with " + value + ", not with " + answer.getName());
            }
            return answer.cast(value);
        });
    }

    /**
     * Waits until a message that was refused with QUEUE_FULL finds room in the queue to the node of the actor, at most
     * for a time; at once for an actor of this node. It promises nothing: others may fill the room first. Returns OK,
     * TIMEOUT, TOO_LARGE (never will it find room), GATED, QUARANTINED, CLOSED, ... Not inside a handler, whose thread it
     * would hold up: see {@link #whenRoom}.
     */
    public Code awaitRoom(Object message, Duration timeout) {
        long size = system.types().outgoing(message).payload().length;
        int code = Motet.ref_await_room(handle, size, timeout.toMillis());
        Reference.reachabilityFence(this);
        return code == 0 ? Code.OK : Code.of(code);
    }

    /** Has an actor of this node told by one {@link Room} when {@link #awaitRoom} would return. */
    public void whenRoom(Object message, ActorRef actor) {
        long size = system.types().outgoing(message).payload().length;
        check(Motet.ref_when_room(handle, size, actor.handle), "tell of room");
        Reference.reachabilityFence(actor);
    }

    /** Asks the actor to stop after the message it is handling. Only for actors of this node. */
    public void stop() {
        Scope scope = system.scope();
        if (scope != null && scope.context() != null && equals(scope.self())) {
            scope.context().stopAfterThis();
        }
        check(Motet.ref_stop(handle), "stop");
    }

    /** The full path, {@code motet.tcp://System@host:port/user/a#17}: names the same actor on any node. */
    public String path() {
        String known = path;
        if (known == null) {
            known = Buffers.text(buffer -> Motet.ref_path(handle, buffer));
            path = known;
            Reference.reachabilityFence(this);
        }
        return known;
    }

    @Override
    public boolean equals(Object other) {
        boolean equal = this == other
                || other instanceof ActorRef ref && Motet.ref_equal(handle, ref.handle) != 0;
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(other);
        return equal;
    }

    @Override
    public int hashCode() {
        int hash = Long.hashCode(Motet.ref_hash(handle));
        Reference.reachabilityFence(this);
        return hash;
    }

    @Override
    public String toString() {
        return path();
    }

    Code send(int type, byte[] payload, ActorRef sender, byte[] trace) {
        int code = Motet.ref_tell(handle, sender == null ? 0 : sender.handle, type, payload, trace);
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(sender);
        return code == 0 ? Code.OK : Code.of(code);
    }

    void watch(ActorRef target) {
        check(Motet.ref_watch(handle, target.handle), "watch " + target);
        Reference.reachabilityFence(target);
    }

    void unwatch(ActorRef target) {
        check(Motet.ref_unwatch(handle, target.handle), "unwatch " + target);
        Reference.reachabilityFence(target);
    }

    /** The handle; whoever uses it keeps this object reachable until the call is over. */
    long handle() {
        return handle;
    }

    private void check(int code, String what) {
        Reference.reachabilityFence(this);
        if (code < 0) {
            throw MotetException.of(Code.of(code), this + " cannot " + what + ": " + Motet.code_text(code));
        }
    }
}
