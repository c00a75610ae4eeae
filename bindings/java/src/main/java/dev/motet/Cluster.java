package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** Membership: which nodes belong together, which of them are up, which can be reached. */
public final class Cluster {
    private final ActorSystem system;

    Cluster(ActorSystem system) {
        this.system = system;
    }

    /** Joins the cluster of the node at an address; the system's own address starts a new cluster. */
    public void join(String address) {
        Motet.cluster_join(system.handle(), address);
    }

    /** Joins through seed nodes: the first that answers lets this node in. */
    public void joinSeeds(List<String> seeds) {
        Motet.cluster_join_seeds(system.handle(), String.join(",", seeds));
    }

    /** Prepares the end of the whole cluster: nobody joins or becomes Up any more. */
    public void prepareForFullShutdown() {
        Motet.cluster_prepare_for_full_shutdown(system.handle());
    }

    /** Has this node leave in good order. */
    public void leave() {
        Motet.cluster_leave(system.handle(), null);
    }

    /** Has a member leave in good order. */
    public void leave(String address) {
        Motet.cluster_leave(system.handle(), address);
    }

    /** Declares a member down: it is removed as soon as the others agree. */
    public void down(String address) {
        Motet.cluster_down(system.handle(), address);
    }

    /** Waits until this node is Up. Not inside a handler. */
    public void awaitUp(Duration timeout) {
        Motet.cluster_wait_up(system.handle(), timeout.toMillis());
    }

    /** Has the {@link ClusterEvent}s sent to an actor, the present state first. Ends with the actor. */
    public void subscribe(ActorRef subscriber) {
        subscribe(subscriber, InitialState.AS_SNAPSHOT);
    }

    /** The same with a choice of what comes first. */
    public void subscribe(ActorRef subscriber, InitialState initial) {
        Motet.cluster_subscribe(system.handle(), subscriber.handle(), initial.number());
        Reference.reachabilityFence(subscriber);
    }

    /** Calls once when this node is Up, at once if it is; on the system's executor. */
    public void onUp(Runnable call) {
        whenTold(ClusterEvent.MemberUp.class, call);
    }

    /** The same when this node is removed from its cluster, or its system has ended. */
    public void onRemoved(Runnable call) {
        Runnable once = system.runner().atEnd(call);
        try {
            whenTold(ClusterEvent.MemberRemoved.class, once);
        } catch (MotetException.Closed already) {
            once.run();
        }
    }

    /** Calls once when this node is told of itself what is waited for. */
    private void whenTold(Class<? extends ClusterEvent> wanted, Runnable call) {
        long uid = system.uid();
        Props listener = Props.of(() -> new Actor() {
            @Override
            public void preStart(Context context) {
                subscribe(context.self(), InitialState.AS_EVENTS);
            }

            @Override
            public void receive(Context context, Object message) {
                Member member = message instanceof ClusterEvent.MemberUp up ? up.member()
                        : message instanceof ClusterEvent.MemberRemoved removed ? removed.member() : null;
                if (wanted.isInstance(message) && member.uid() == uid) {
                    context.stop();
                    call.run();
                }
            }
        });
        system.spawn(listener.with("supervision.directive", "stop"));
    }

    /** Ends a subscription. */
    public void unsubscribe(ActorRef subscriber) {
        system.unsubscribe(subscriber, "cluster");
    }

    /**
     * Who has heard nothing from whom. One suspicion alone makes nobody unreachable.
     *
     * @param observer the address of the one who says so
     * @param subject the address of the one suspected
     * @param reason why
     */
    public record Suspicion(String observer, String subject, String reason) {}

    /** The present state as this node sees it. */
    public ClusterState state() {
        return read(state -> {
            List<Member> members = new ArrayList<>();
            List<String> unreachable = new ArrayList<>();
            Map<String, String> roleLeaders = new TreeMap<>();
            for (long i = 0; i < Motet.cluster_state_size(state); i++) {
                Member member = member(state, i);
                members.add(member);
                if (Motet.cluster_state_reachable(state, i) == 0) {
                    unreachable.add(member.address());
                }
                for (String role : member.roles()) {
                    String leader = Motet.cluster_state_role_leader(state, role);
                    if (leader != null) {
                        roleLeaders.put(role, leader);
                    }
                }
            }
            return new ClusterState(members, unreachable, Motet.cluster_state_leader(state), roleLeaders);
        });
    }

    /** Who suspects whom at present, and why. */
    public List<Suspicion> suspicions() {
        return read(state -> {
            List<Suspicion> suspicions = new ArrayList<>();
            for (long i = 0; i < Motet.cluster_state_suspicions(state); i++) {
                suspicions.add(new Suspicion(
                        Motet.cluster_state_suspicion_observer(state, i),
                        Motet.cluster_state_suspicion_subject(state, i),
                        Motet.cluster_state_suspicion_reason(state, i)));
            }
            return suspicions;
        });
    }

    /** Everything that this node knows of its cluster as JSON, as motet_cluster_state_json() describes it. */
    public String stateJson() {
        return read(Motet::cluster_state_json);
    }

    private <T> T read(LongFunction<T> reader) {
        long[] out = new long[1];
        Motet.cluster_state(system.handle(), out);
        try {
            return reader.apply(out[0]);
        } finally {
            Motet.cluster_state_free(out[0]);
        }
    }

    private static Member member(long state, long index) {
        String roles = Motet.cluster_state_roles(state, index);
        return new Member(
                Motet.cluster_state_address(state, index),
                Motet.cluster_state_uid(state, index),
                Motet.cluster_state_status(state, index),
                null,
                roles == null || roles.isEmpty() ? List.of() : List.of(roles.split(",")),
                Motet.cluster_state_up_number(state, index),
                Motet.cluster_state_version(state, index));
    }
}
