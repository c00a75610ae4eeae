import dev.motet.Actor;
import dev.motet.ActorRef;
import dev.motet.ActorSystem;
import dev.motet.Config;
import dev.motet.Context;
import dev.motet.MessageType;
import dev.motet.Props;
import dev.motet.Terminated;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One side of the conversation that every ordered pair of languages holds: it answers, and on peer.Run it asks. */
public final class Peer implements Actor {
    @MessageType("peer.Echo")
    record Echo(Object value) {}

    @MessageType("peer.Fail")
    record Fail() {}

    @MessageType("peer.Stop")
    record Stop() {}

    @MessageType("peer.Run")
    record Run(ActorRef target) {}

    @MessageType("peer.Spawn")
    record Spawn() {}

    @MessageType("peer.Spawned")
    record Spawned(ActorRef ref) {}

    @MessageType("peer.Report")
    record Report(boolean ok, String error) {}

    /** What came of the ask, told to the actor itself. */
    @MessageType("peer.java.Asked")
    record Asked(Object value, String error) {}

    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(50);

    private enum Step { IDLE, TELL, ASK, SPAWN, WATCH }

    private Step step = Step.IDLE;
    private ActorRef requester;
    private ActorRef target;
    private ActorRef child;

    @Override
    public void receive(Context context, Object message) {
        if (message instanceof Echo echo) {
            if (step == Step.TELL && same(echo.value(), sample(context))) {
                ask(context);
            } else {
                context.reply(echo);
            }
        } else if (message instanceof Fail) {
            throw new IllegalStateException("boom-java");
        } else if (message instanceof Stop) {
            context.stop();
        } else if (message instanceof Spawn) {
            context.reply(new Spawned(context.spawn(Props.of(Peer::new))));
        } else if (message instanceof Run run) {
            run(context, run);
        } else if (message instanceof Asked asked && step == Step.ASK) {
            asked(context, asked);
        } else if (message instanceof Spawned spawned && step == Step.SPAWN) {
            watch(context, spawned.ref());
        } else if (message instanceof Terminated terminated && terminated.ref().equals(child) && step == Step.WATCH) {
            report(context, null);
        } else if (message.equals("timeout")) {
            report(context, "no answer in step " + step);
        } else {
            context.unhandled();
        }
    }

    private void run(Context context, Run run) {
        if (step != Step.IDLE) {
            context.reply(new Report(false, "a run is under way already"));
            return;
        }
        requester = context.sender();
        target = run.target();
        enter(context, Step.TELL);
        context.tell(target, new Echo(sample(context)));
    }

    private void ask(Context context) {
        enter(context, Step.ASK);
        ActorRef self = context.self();
        target.ask(new Echo(sample(context)), STEP_TIMEOUT, Echo.class)
                .thenAccept(echo -> self.tell(new Asked(echo.value(), null)))
                .exceptionally(error -> {
                    self.tell(new Asked(null, error.toString()));
                    return null;
                });
    }

    private void asked(Context context, Asked asked) {
        if (asked.error() != null || !same(asked.value(), sample(context))) {
            report(context, "ask: " + (asked.error() != null ? asked.error() : "another value came back: " + asked.value()));
            return;
        }
        enter(context, Step.SPAWN);
        context.tell(target, new Spawn());
    }

    private void watch(Context context, ActorRef spawned) {
        enter(context, Step.WATCH);
        child = spawned;
        context.watch(child);
        context.tell(child, new Stop());
    }

    private void enter(Context context, Step next) {
        step = next;
        context.startTimer("step", "timeout", STEP_TIMEOUT);
    }

    private void report(Context context, String error) {
        step = Step.IDLE;
        context.cancelTimer("step");
        context.tell(requester, new Report(error == null, error == null ? "" : error));
    }

    /** One of everything that a message may hold. */
    private static Object sample(Context context) {
        return Map.of(
                "from", "java",
                "integers", List.of(0L, -1L, 127L, -32769L, 4294967296L, Long.MAX_VALUE, Long.MIN_VALUE),
                "text", "Straße, Ærø, Ωμέγα, 漢字, 🎵",
                "bytes", new byte[] {0, 1, (byte) 0xff},
                "floats", List.of(0.5, -1e300),
                "truth", List.of(true, false),
                "nested", Map.of("list", List.of(List.of(), Map.of())),
                "ref", context.self());
    }

    private static boolean same(Object left, Object right) {
        if (left instanceof byte[] one && right instanceof byte[] other) {
            return Arrays.equals(one, other);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            boolean same = one.size() == other.size();
            for (int i = 0; same && i < one.size(); i++) {
                same = same(one.get(i), other.get(i));
            }
            return same;
        }
        if (left instanceof Map<?, ?> one && right instanceof Map<?, ?> other) {
            return one.keySet().equals(other.keySet())
                    && one.keySet().stream().allMatch(key -> same(one.get(key), other.get(key)));
        }
        return Objects.equals(left, right);
    }

    public static void main(String[] arguments) {
        ActorSystem system = ActorSystem.start(new Config().loadEnvironment().loadArguments(arguments));
        system.register(Echo.class, Fail.class, Stop.class, Run.class, Spawn.class, Spawned.class, Asked.class);
        Runtime.getRuntime().addShutdownHook(new Thread(system::close));
        system.spawn(Props.of(Peer::new), "peer");
        system.registerActor("peer.Peer", Object.class, made -> new Peer());
        system.cluster().awaitUp(Duration.ofSeconds(60));
        System.out.println("ready " + system.address());
        system.awaitClosed();
    }
}
