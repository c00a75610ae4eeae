package dev.motet;

import java.util.List;
import java.util.Map;

/**
 * The members at one moment, as this node sees them.
 *
 * @param members all members, in the order of their addresses
 * @param unreachable the addresses of those that cannot be reached
 * @param leader the address of the leader, null for none
 * @param roleLeaders the addresses of the leaders among the members with each role
 */
public record ClusterState(
        List<Member> members, List<String> unreachable, String leader, Map<String, String> roleLeaders)
        implements ClusterEvent {}
