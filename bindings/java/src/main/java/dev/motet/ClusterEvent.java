package dev.motet;

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
                ClusterEvent.LeaderChanged,
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
