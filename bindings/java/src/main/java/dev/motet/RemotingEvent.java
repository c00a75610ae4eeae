package dev.motet;

/** What a subscriber to "remoting" gets. */
public sealed interface RemotingEvent extends Signal {
    /** The address of this node. */
    String local();

    /** The address of the peer. */
    String remote();

    /** The life of the peer, 64 bits without a sign; 0 where it is about none. */
    long uid();

    /** Whether the peer began. */
    boolean inbound();

    /** Why, where there is a reason to give. */
    String cause();

    /** A peer is connected. */
    record Associated(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** A peer is no longer connected. */
    record Disassociated(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** Connecting to a peer failed. */
    record AssociationError(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** This node listens. */
    record Listening(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** This node talks to that life of a peer no more. */
    record Quarantined(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** A peer talks to this life of the node no more. */
    record ThisSystemQuarantined(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** This node has stopped listening. */
    record RemotingShutDown(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}

    /** Something is wrong that concerns no association: bytes that are not understood, a file that cannot be read. */
    record RemotingError(String local, String remote, long uid, boolean inbound, String cause)
            implements RemotingEvent {}
}
