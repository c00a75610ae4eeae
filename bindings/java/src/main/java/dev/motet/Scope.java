package dev.motet;

/**
 * What the present thread is doing for a system: which actor it runs, if any, and the trace that its sends belong to.
 *
 * @param system the system
 * @param context that of the actor, null when none is run
 * @param trace the trace context, null for none
 */
record Scope(ActorSystem system, Context context, byte[] trace) {
    private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

    static Scope current() {
        return CURRENT.get();
    }

    /** The actor, null when none is run. */
    ActorRef self() {
        return context == null ? null : context.self();
    }

    /** Makes this the scope of the thread, until the scope that it gives back is restored. */
    Scope enter() {
        Scope outer = CURRENT.get();
        CURRENT.set(this);
        return outer;
    }

    /** Ends a scope: the one outside of it, null for none, is that of the thread again. */
    static void restore(Scope outer) {
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
    }
}
