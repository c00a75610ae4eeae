package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.util.Map;
import java.util.function.Function;

/** The reserved message types: which record stands for which number. */
final class SignalTypes {
    private static final Map<Integer, Class<? extends Signal>> PLAIN = Map.ofEntries(
            Map.entry(Motet.TYPE_FAILURE, Failure.class),
            Map.entry(Motet.TYPE_DEAD_LETTER, DeadLetter.class),
            Map.entry(Motet.TYPE_ROUTEES, Routees.class),
            Map.entry(Motet.TYPE_MAILBOX_HIGH_WATER, MailboxHighWater.class),
            Map.entry(Motet.TYPE_CLUSTER_STATE, ClusterState.class),
            Map.entry(Motet.TYPE_LEADER_CHANGED, ClusterEvent.LeaderChanged.class),
            Map.entry(Motet.TYPE_JOIN_REFUSED, ClusterEvent.JoinRefused.class),
            Map.entry(Motet.TYPE_ROLE_LEADER_CHANGED, ClusterEvent.RoleLeaderChanged.class),
            Map.entry(Motet.TYPE_CONVERGENCE_BLOCKED, ClusterEvent.ConvergenceBlocked.class),
            Map.entry(Motet.TYPE_CLUSTER_SHUTTING_DOWN, ClusterEvent.ShuttingDown.class),
            Map.entry(Motet.TYPE_ASSOCIATED, RemotingEvent.Associated.class),
            Map.entry(Motet.TYPE_DISASSOCIATED, RemotingEvent.Disassociated.class),
            Map.entry(Motet.TYPE_ASSOCIATION_ERROR, RemotingEvent.AssociationError.class),
            Map.entry(Motet.TYPE_LISTENING, RemotingEvent.Listening.class),
            Map.entry(Motet.TYPE_QUARANTINED, RemotingEvent.Quarantined.class),
            Map.entry(Motet.TYPE_THIS_SYSTEM_QUARANTINED, RemotingEvent.ThisSystemQuarantined.class),
            Map.entry(Motet.TYPE_REMOTING_SHUT_DOWN, RemotingEvent.RemotingShutDown.class),
            Map.entry(Motet.TYPE_REMOTING_ERROR, RemotingEvent.RemotingError.class));

    private static final Map<Integer, Function<Member, ClusterEvent>> OF_MEMBER = Map.ofEntries(
            Map.entry(Motet.TYPE_MEMBER_JOINED, ClusterEvent.MemberJoined::new),
            Map.entry(Motet.TYPE_MEMBER_WEAKLY_UP, ClusterEvent.MemberWeaklyUp::new),
            Map.entry(Motet.TYPE_MEMBER_UP, ClusterEvent.MemberUp::new),
            Map.entry(Motet.TYPE_MEMBER_LEFT, ClusterEvent.MemberLeft::new),
            Map.entry(Motet.TYPE_MEMBER_EXITED, ClusterEvent.MemberExited::new),
            Map.entry(Motet.TYPE_MEMBER_DOWNED, ClusterEvent.MemberDowned::new),
            Map.entry(Motet.TYPE_MEMBER_REMOVED, ClusterEvent.MemberRemoved::new),
            Map.entry(Motet.TYPE_MEMBER_UNREACHABLE, ClusterEvent.MemberUnreachable::new),
            Map.entry(Motet.TYPE_MEMBER_REACHABLE, ClusterEvent.MemberReachable::new),
            Map.entry(Motet.TYPE_MEMBER_PREPARING_FOR_SHUTDOWN, ClusterEvent.MemberPreparingForShutdown::new),
            Map.entry(Motet.TYPE_MEMBER_READY_FOR_SHUTDOWN, ClusterEvent.MemberReadyForShutdown::new));

    private static final Map<Class<?>, Integer> SENT = Map.ofEntries(
            Map.entry(PoisonPill.class, Motet.TYPE_POISON_PILL),
            Map.entry(Kill.class, Motet.TYPE_KILL),
            Map.entry(Identify.class, Motet.TYPE_IDENTIFY),
            Map.entry(Failure.class, Motet.TYPE_FAILURE),
            Map.entry(GetRoutees.class, Motet.TYPE_GET_ROUTEES),
            Map.entry(AddRoutee.class, Motet.TYPE_ADD_ROUTEE),
            Map.entry(RemoveRoutee.class, Motet.TYPE_REMOVE_ROUTEE),
            Map.entry(AdjustPoolSize.class, Motet.TYPE_ADJUST_POOL_SIZE),
            Map.entry(Broadcast.class, Motet.TYPE_BROADCAST),
            Map.entry(ConsistentHashableEnvelope.class, Motet.TYPE_CONSISTENT_HASHABLE_ENVELOPE));

    private SignalTypes() {}

    /** Whether a number is one of the engine's own. */
    static boolean reserved(int type) {
        return type < Motet.TYPE_FIRST_USER;
    }

    /** The signal with a reserved number; null for one that this version does not know. */
    static Signal read(int type, byte[] payload, ActorRef sender, Function<String, ActorRef> refs) {
        if (type == Motet.TYPE_TERMINATED) {
            Terminated told = (Terminated) Decoder.decode(payload, Terminated.class, refs);
            return new Terminated(sender, told.existenceConfirmed(), told.addressTerminated());
        }
        if (type == Motet.TYPE_ROOM) {
            Room told = (Room) Decoder.decode(payload, Room.class, refs);
            return new Room(sender, told.code(), told.error());
        }
        if (type == Motet.TYPE_ACTOR_IDENTITY) {
            return new ActorIdentity(sender, Decoder.decode(payload, Object.class, refs));
        }
        if (OF_MEMBER.containsKey(type)) {
            return OF_MEMBER.get(type).apply((Member) Decoder.decode(payload, Member.class, refs));
        }
        return PLAIN.containsKey(type) ? (Signal) Decoder.decode(payload, PLAIN.get(type), refs) : null;
    }

    /** The reserved number of a message that users may send, 0 for any other. */
    static int numberOf(Object message) {
        return SENT.getOrDefault(message.getClass(), 0);
    }
}
