package dev.motet;

/**
 * What an actor does. It handles one message at a time, on a thread of the system's executor, never on two at once. An
 * exception fails the actor: its supervisor decides what follows, by default a fresh instance takes over.
 */
@FunctionalInterface
public interface Actor {
    /**
     * Handles one message: a record whose type is registered, a {@link Signal}, or else a {@link Message}. A handler that
     * does not know the message calls {@link Context#unhandled}.
     */
    void receive(Context context, Object message) throws Exception;

    /** Before the first message. */
    default void preStart(Context context) throws Exception {}

    /** The last thing that runs. */
    default void postStop(Context context) throws Exception {}

    /** On the failed instance, before a fresh one takes over. */
    default void preRestart(Context context, Failure reason) throws Exception {
        postStop(context);
    }

    /** On the fresh instance, after a failure of the one before. */
    default void postRestart(Context context, Failure reason) throws Exception {
        preStart(context);
    }
}
