package dev.motet;

import java.util.List;

/** What a subscriber to the cluster gets: first a {@link ClusterState}, then one event for each change. */
public sealed interface ClusterEvent extends Signal
        permits ClusterState,
                ClusterEvent.MemberJoined,
                ClusterEvent.MemberWeaklyUp,
                ClusterEvent.MemberUp,
                ClusterEvent.MemberLeft,
                ClusterEvent.MemberExited,
                ClusterEvent.MemberDowned,
                ClusterEvent.MemberRemoved,
                ClusterEvent.MemberUnreachable,
                ClusterEvent.MemberReachable,
                ClusterEvent.MemberPreparingForShutdown,
                ClusterEvent.MemberReadyForShutdown,
                ClusterEvent.LeaderChanged,
                ClusterEvent.RoleLeaderChanged,
                ClusterEvent.ConvergenceBlocked,
                ClusterEvent.ShuttingDown,
                ClusterEvent.JoinRefused {
    /**
     * It has joined and waits to be moved to Up.
     *
     * @param member the member
     */
    record MemberJoined(Member member) implements ClusterEvent {}

    /**
     * It may work though not all members can be reached.
     *
     * @param member the member
     */
    record MemberWeaklyUp(Member member) implements ClusterEvent {}

    /**
     * It is Up.
     *
     * @param member the member
     */
    record MemberUp(Member member) implements ClusterEvent {}

    /**
     * It is about to leave.
     *
     * @param member the member
     */
    record MemberLeft(Member member) implements ClusterEvent {}

    /**
     * It is leaving; its actors are being stopped.
     *
     * @param member the member
     */
    record MemberExited(Member member) implements ClusterEvent {}

    /**
     * It was declared down.
     *
     * @param member the member
     */
    record MemberDowned(Member member) implements ClusterEvent {}

    /**
     * It is no longer part of the cluster.
     *
     * @param member the member
     */
    record MemberRemoved(Member member) implements ClusterEvent {}

    /**
     * It cannot be reached for now.
     *
     * @param member the member
     */
    record MemberUnreachable(Member member) implements ClusterEvent {}

    /**
     * It can be reached again.
     *
     * @param member the member
     */
    record MemberReachable(Member member) implements ClusterEvent {}

    /**
     * The whole cluster is to end, and the member knows it.
     *
     * @param member the member
     */
    record MemberPreparingForShutdown(Member member) implements ClusterEvent {}

    /**
     * The whole cluster is to end, and all members know it.
     *
     * @param member the member
     */
    record MemberReadyForShutdown(Member member) implements ClusterEvent {}

    /**
     * Another member leads now among those with a role.
     *
     * @param role the role
     * @param leader its address, null for none
     */
    record RoleLeaderChanged(String role, String leader) implements ClusterEvent {}

    /**
     * These have kept the members from agreeing for a while.
     *
     * @param members their addresses; none: all agree again
     */
    record ConvergenceBlocked(List<String> members) implements ClusterEvent {}

    /**
     * The membership of this node ends.
     *
     * @param downed whether it was declared down
     */
    record ShuttingDown(boolean downed) implements ClusterEvent {}

    /**
     * Another member leads now.
     *
     * @param leader its address, null for none
     */
    record LeaderChanged(String leader) implements ClusterEvent {}

    /**
     * The cluster refused this node.
     *
     * @param address who refused
     * @param code what went wrong
     * @param error why
     */
    record JoinRefused(String address, Code code, String error) implements ClusterEvent {}
}
