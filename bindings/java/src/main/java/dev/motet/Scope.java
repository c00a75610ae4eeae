package dev.motet;

/**
 * What the present thread is doing for a system: which actor it runs, if any, and the trace that its sends belong to.
 *
 * @param system the system
 * @param self the actor, null when a reply to an ask is handled
 * @param trace the trace context, null for none
 */
record Scope(ActorSystem system, ActorRef self, byte[] trace) {
    private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

    static Scope current() {
        return CURRENT.get();
    }

    /** Work that may fail. */
    interface Work {
        void run() throws Exception;
    }

    /** Runs work in this scope, and leaves nothing of it on the thread. */
    void run(Work work) throws Exception {
        Scope outer = CURRENT.get();
        CURRENT.set(this);
        try {
            work.run();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }
}
