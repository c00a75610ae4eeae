package dev.motet;

/**
 * Another node, as {@link ActorSystem#peers} knows it.
 *
 * @param address its address
 * @param state of the association: "idle", "handshaking", "active", "gated" or "quarantined"
 * @param uid the life of the node that was met last, 64 bits without a sign; 0 when none was
 * @param phi how strongly it is suspected of having failed; 0 for a node that nothing here watches
 * @param queued how many bytes wait to be sent to it
 */
public record Peer(String address, String state, long uid, double phi, long queued) {}
