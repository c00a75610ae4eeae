package dev.motet;

import java.util.List;

/**
 * A node of the cluster, as this node sees it.
 *
 * @param address {@code motet.tcp://System@host:port}
 * @param uid the life of the node, 64 bits without a sign
 * @param status joining, weakly-up, up, preparing-for-shutdown, ready-for-shutdown, leaving, exiting, down or removed
 * @param previousStatus the status before an event, null in a state
 * @param roles its roles
 * @param upNumber its place in the order in which members came up, 0 before that
 * @param version the version it runs
 */
public record Member(
        String address, long uid, String status, String previousStatus, List<String> roles, long upNumber, String version) {
    /** Whether it has a role. */
    public boolean hasRole(String role) {
        return roles != null && roles.contains(role);
    }
}
