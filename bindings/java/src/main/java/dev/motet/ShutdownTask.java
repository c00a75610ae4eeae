package dev.motet;

/** A task that was added to a phase of the shutdown. */
public final class ShutdownTask {
    private final ActorSystem system;
    private final long number;

    ShutdownTask(ActorSystem system, long number) {
        this.system = system;
        this.number = number;
    }

    /** Takes it back; false when it has begun. */
    public boolean cancel() {
        return system.runner().cancelTask(number);
    }
}
