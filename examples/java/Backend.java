import dev.motet.Actor;
import dev.motet.ActorRef;
import dev.motet.ActorSystem;
import dev.motet.ClusterEvent;
import dev.motet.ClusterState;
import dev.motet.Config;
import dev.motet.Context;
import dev.motet.Member;
import dev.motet.MessageType;
import dev.motet.Props;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A worker that dials in: registers with every frontend of the cluster, and puts the lines it is sent into upper case, by
 * Unicode's default full case conversion whatever the locale.
 */
public final class Backend implements Actor {
    @MessageType("demo.Register")
    record Register(String language) {}

    @MessageType("demo.Job")
    record Job(long id, String text, List<ActorRef> route) {}

    @MessageType("demo.Result")
    record Result(long id, String text, String language) {}

    @Override
    public void preStart(Context context) {
        context.system().cluster().subscribe(context.self());
    }

    @Override
    public void receive(Context context, Object message) {
        if (message instanceof Job job) {
            work(context, job);
        } else if (message instanceof ClusterEvent.MemberUp up) {
            register(context, up.member());
        } else if (message instanceof ClusterEvent.MemberUnreachable change) {
            print("unreachable", change.member());
        } else if (message instanceof ClusterEvent.MemberDowned change) {
            print("downed", change.member());
        } else if (message instanceof ClusterEvent.MemberRemoved change) {
            print("removed", change.member());
        } else if (message instanceof ClusterState state) {
            state.members().stream().filter(member -> member.status().equals("up")).forEach(member -> register(context, member));
        } else {
            context.unhandled();
        }
    }

    private void work(Context context, Job job) {
        String text = job.text().toUpperCase(Locale.ROOT);
        if (job.route() == null || job.route().isEmpty()) {
            context.reply(new Result(job.id(), text, "java"));
        } else {
            List<ActorRef> rest = job.route().subList(1, job.route().size());
            job.route().get(0).tell(new Job(job.id(), text, rest), context.sender());
        }
    }

    private void print(String change, Member member) {
        System.out.println("cluster " + change + " " + member.address());
    }

    private void register(Context context, Member member) {
        if (member.hasRole("frontend")) {
            context.tell(context.system().ref(member.address() + "/user/frontend"), new Register("java"));
        }
    }

    public static void main(String[] arguments) {
        ActorSystem system = ActorSystem.start(new Config().loadEnvironment().loadArguments(arguments)).register(Job.class);
        Runtime.getRuntime().addShutdownHook(new Thread(system::close));
        system.spawn(Props.of(Backend::new), "backend");
        system.cluster().awaitUp(Duration.ofSeconds(60));
        System.out.println("ready " + system.address());
        system.awaitClosed();
    }
}
