package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
        system.subscribe(subscriber, "cluster");
    }

    /** Ends a subscription. */
    public void unsubscribe(ActorRef subscriber) {
        system.unsubscribe(subscriber, "cluster");
    }

    /** The present state as this node sees it. */
    public ClusterState state() {
        long[] out = new long[1];
        Motet.cluster_state(system.handle(), out);
        long state = out[0];
        try {
            List<Member> members = new ArrayList<>();
            List<String> unreachable = new ArrayList<>();
            for (long i = 0; i < Motet.cluster_state_size(state); i++) {
                Member member = member(state, i);
                members.add(member);
                if (Motet.cluster_state_reachable(state, i) == 0) {
                    unreachable.add(member.address());
                }
            }
            return new ClusterState(members, unreachable, Motet.cluster_state_leader(state));
        } finally {
            Motet.cluster_state_free(state);
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
                0,
                null);
    }
}
