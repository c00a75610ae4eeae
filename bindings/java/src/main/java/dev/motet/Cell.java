package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.util.List;

/** One actor: its present instance, and how deliveries become calls of it. Run by one thread at a time. */
final class Cell {
    private static final System.Logger LOG = System.getLogger("dev.motet");

    private final ActorSystem system;
    private final Runner runner;
    private final long number;
    private final Props props;
    private final Context context;
    private Actor instance;

    Cell(ActorSystem system, Runner runner, long number, Props props) {
        this.system = system;
        this.runner = runner;
        this.number = number;
        this.props = props;
        this.context = new Context(system);
    }

    /** What it is made of; of a router, what its routees are made of. */
    Props props() {
        return props;
    }

    /** Runs deliveries in order, up to one that fails, and says how it went. */
    void run(List<Delivery> deliveries) {
        int handled = 0;
        Code code = Code.OK;
        String text = null;
        for (Delivery delivery : deliveries) {
            context.begin(delivery);
            Scope outer = new Scope(system, context, delivery.trace()).enter();
            try {
                handle(delivery);
                handled++;
                if (context.isStopping()) {
                    break; // The rest goes back, to become dead letters.
                }
            } catch (Throwable failure) {
                code = failure instanceof UnhandledTermination ? Code.UNHANDLED : Code.FAILED;
                text = describe(failure);
                LOG.log(System.Logger.Level.WARNING, () -> context.self() + " failed: " + describe(failure), failure);
                break;
            } finally {
                Scope.restore(outer);
                context.end();
            }
        }
        context.endTurn();
        runner.complete(number, handled, code, text);
    }

    /** A termination that the watcher does not handle. */
    private static final class UnhandledTermination extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnhandledTermination(ActorRef ref) {
            super(ref + " terminated, which its watcher does not handle");
        }
    }

    static String describe(Throwable failure) {
        String message = failure.getMessage() == null ? "" : failure.getMessage().replace('\0', ' ');
        return failure.getClass().getSimpleName() + ": " + message;
    }

    private void handle(Delivery delivery) throws Exception {
        int type = delivery.type();
        if (type == Motet.TYPE_PRE_START) {
            instance = props.factory.get();
            instance.preStart(context);
        } else if (type == Motet.TYPE_PRE_RESTART) {
            context.cancelTimers();
            if (instance != null) {
                instance.preRestart(context, reason(delivery));
            }
        } else if (type == Motet.TYPE_POST_RESTART) {
            instance = props.factory.get();
            instance.postRestart(context, reason(delivery));
        } else if (type == Motet.TYPE_POST_STOP) {
            context.cancelTimers();
            runner.stopped(number);
            if (instance != null) {
                instance.postStop(context);
            }
        } else {
            receive(delivery);
        }
    }

    private void receive(Delivery delivery) throws Exception {
        Object message = read(delivery);
        if (message == null || message instanceof Terminated terminated && context.hasUnwatched(terminated.ref())) {
            return;
        }
        instance.receive(context, message);
        if (context.wasHandled()) {
            return;
        }
        if (message instanceof Terminated terminated) {
            throw new UnhandledTermination(terminated.ref());
        }
        if (!SignalTypes.reserved(delivery.type())) {
            runner.unhandled(delivery);
        }
    }

    /** The message of a delivery; null for one not to be handled: a cancelled timer, or bytes that make no sense. */
    private Object read(Delivery delivery) {
        if (delivery.type() == system.timers().type()) {
            return context.tick(delivery);
        }
        try {
            return system.types().incoming(delivery.type(), delivery.payload(), delivery.sender());
        } catch (MotetException malformed) {
            LOG.log(System.Logger.Level.WARNING, () -> context.self() + " cannot read a message of type "
                    + system.types().name(delivery.type()) + " from " + delivery.sender() + ": " + malformed.getMessage());
            runner.unhandled(delivery);
            return null;
        }
    }

    private Failure reason(Delivery delivery) {
        return (Failure) Decoder.decode(delivery.payload(), Failure.class, system::ref);
    }
}
