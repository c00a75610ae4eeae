package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * How a system ends: in phases, one after the other, "service-unbind", "service-stop", "before-actor-system-terminate" and
 * others (motet/shutdown.h names them all), with the tasks of the program in them.
 */
public final class Shutdown {
    private static final System.Logger LOG = System.getLogger("dev.motet");

    private final ActorSystem system;
    private volatile ShutdownReason last;

    /** A task that has ended when it returns. */
    @FunctionalInterface
    public interface Task {
        void run() throws Exception;
    }

    /** A task that has ended when its stage is complete. */
    @FunctionalInterface
    public interface AsyncTask {
        CompletionStage<?> run() throws Exception;
    }

    Shutdown(ActorSystem system) {
        this.system = system;
    }

    /**
     * Adds a task to a phase. It runs on a thread of its own, so it may block. The tasks of a phase run at the same time; the
     * next phase begins when all have ended, or the phase's time is over. What a task throws is logged.
     *
     * @param name for logs
     */
    public ShutdownTask add(String phase, String name, Task task) {
        return addAsync(phase, name, () -> {
            task.run();
            return CompletableFuture.completedFuture(null);
        });
    }

    /** The same for a task that goes on elsewhere. */
    public ShutdownTask addAsync(String phase, String name, AsyncTask task) {
        return new ShutdownTask(system, system.runner().addTask(phase, name, task));
    }

    /** Runs the shutdown, or joins it, and waits for its end, but not inside a handler or a task. */
    public void run(ShutdownReason reason) {
        system.shutDown(reason, null, -1);
    }

    /** The same within a time. */
    public void run(ShutdownReason reason, Duration timeout) {
        system.shutDown(reason, null, timeout.toMillis());
    }

    /** The same, beginning with a phase. */
    public void run(ShutdownReason reason, String from, Duration timeout) {
        system.shutDown(reason, from, timeout.toMillis());
    }

    /** Why it runs or ran, null when it has not begun. */
    public ShutdownReason reason() {
        return last != null ? last : ShutdownReason.of(Motet.shutdown_reason(system.handle()));
    }

    /** The system's handle is about to be freed. */
    void remember() {
        last = reason();
    }

    /** Runs a task whose turn has come. */
    static void begin(ActorSystem system, long number, AsyncTask task) {
        Thread thread = new Thread(() -> {
            Scope outer = new Scope(system, null, null).enter();
            try {
                task.run().whenComplete((value, failure) -> complete(system, number, failure));
            } catch (Throwable failure) {
                complete(system, number, failure);
            } finally {
                Scope.restore(outer);
            }
        }, "motet-task-" + number);
        thread.setDaemon(true);
        thread.start();
    }

    private static void complete(ActorSystem system, long number, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            Motet.shutdown_complete(system.handle(), number, Code.OK.number(), null);
            return;
        }
        LOG.log(System.Logger.Level.WARNING, () -> "a task of the shutdown failed: " + cause, cause);
        Motet.shutdown_complete(system.handle(), number, Code.FAILED.number(), Cell.describe(cause));
    }
}
