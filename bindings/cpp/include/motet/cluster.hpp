// Cluster: membership and its events.
// Knows the C interface's cluster.
// Must never know how membership is agreed on.
#pragma once

#include <motet/cluster.h>
#include <motet/signals.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace motet {

// Member is one node of the cluster as an event tells it.
struct Member {
    std::string address;
    std::uint64_t uid = 0;
    std::string status;  // "joining", "weakly-up", "up", "leaving", "exiting", "down", "removed"
    std::optional<std::string> previous_status;
    std::vector<std::string> roles;
    std::int64_t up_number = 0;
    std::string version;

    [[nodiscard]] bool has_role(const std::string &role) const {
        return std::find(roles.begin(), roles.end(), role) != roles.end();
    }
    MSGPACK_DEFINE_MAP(address, uid, status, previous_status, roles, up_number, version)
};

// ClusterState is a picture of one moment; the first message that a subscriber to "cluster" receives.
struct ClusterState {
    std::vector<Member> members;
    std::vector<std::string> unreachable;
    std::optional<std::string> leader;
    MSGPACK_DEFINE_MAP(members, unreachable, leader)
};

// What happened to a member. A subscriber to "cluster" receives one for each change.
struct MemberJoined : Member {};
struct MemberWeaklyUp : Member {};
struct MemberUp : Member {};
struct MemberLeft : Member {};
struct MemberExited : Member {};
struct MemberDowned : Member {};
struct MemberRemoved : Member {};
struct MemberUnreachable : Member {};
struct MemberReachable : Member {};

struct LeaderChanged {
    std::optional<std::string> leader;
    MSGPACK_DEFINE_MAP(leader)
};

struct JoinRefused {
    std::optional<std::string> address;
    std::int32_t code = 0;
    std::string error;
    MSGPACK_DEFINE_MAP(address, code, error)
};

// Cluster is the membership of a system that somebody else owns.
class Cluster {
  public:
    explicit Cluster(motet_system_t *system) : system_(system) {}

    // Joins the cluster of the node at an address; its own address starts a new cluster.
    void join(const std::string &address) const { detail::check(motet_cluster_join(system_, address.c_str())); }

    // Has this node, or the one at an address, leave in good order.
    void leave() const { detail::check(motet_cluster_leave(system_, nullptr)); }
    void leave(const std::string &address) const { detail::check(motet_cluster_leave(system_, address.c_str())); }

    // Declares a member down.
    void down(const std::string &address) const { detail::check(motet_cluster_down(system_, address.c_str())); }

    // Waits until this node is Up. Not inside a handler.
    void wait_up(std::chrono::milliseconds timeout) const {
        detail::check(motet_cluster_wait_up(system_, timeout.count()));
    }

    // The present state as this node sees it; of each member its address, uid, status and roles.
    [[nodiscard]] ClusterState state() const;

  private:
    motet_system_t *system_;
};

namespace detail {

inline std::vector<std::string> split_roles(const std::string &joined) {
    std::vector<std::string> roles;
    for (std::size_t start = 0; start < joined.size();) {
        std::size_t end = std::min(joined.find(',', start), joined.size());
        roles.push_back(joined.substr(start, end - start));
        start = end + 1;
    }
    return roles;
}

}  // namespace detail

inline ClusterState Cluster::state() const {
    motet_cluster_state_t *raw = nullptr;
    detail::check(motet_cluster_state(system_, &raw));
    std::unique_ptr<motet_cluster_state_t, decltype(&motet_cluster_state_free)> state(raw, motet_cluster_state_free);
    ClusterState result;
    for (std::int64_t index = 0; index < motet_cluster_state_size(raw); ++index) {
        Member member;
        member.address = motet_cluster_state_address(raw, index);
        member.uid = motet_cluster_state_uid(raw, index);
        member.status = motet_cluster_state_status(raw, index);
        member.roles = detail::split_roles(motet_cluster_state_roles(raw, index));
        if (motet_cluster_state_reachable(raw, index) == 0) {
            result.unreachable.push_back(member.address);
        }
        result.members.push_back(std::move(member));
    }
    if (const char *leader = motet_cluster_state_leader(raw)) {
        result.leader = leader;
    }
    return result;
}

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::ClusterState, "motet.cluster.State", MOTET_TYPE_CLUSTER_STATE);
MOTET_ENGINE_MESSAGE(motet::MemberJoined, "motet.cluster.MemberJoined", MOTET_TYPE_MEMBER_JOINED);
MOTET_ENGINE_MESSAGE(motet::MemberWeaklyUp, "motet.cluster.MemberWeaklyUp", MOTET_TYPE_MEMBER_WEAKLY_UP);
MOTET_ENGINE_MESSAGE(motet::MemberUp, "motet.cluster.MemberUp", MOTET_TYPE_MEMBER_UP);
MOTET_ENGINE_MESSAGE(motet::MemberLeft, "motet.cluster.MemberLeft", MOTET_TYPE_MEMBER_LEFT);
MOTET_ENGINE_MESSAGE(motet::MemberExited, "motet.cluster.MemberExited", MOTET_TYPE_MEMBER_EXITED);
MOTET_ENGINE_MESSAGE(motet::MemberDowned, "motet.cluster.MemberDowned", MOTET_TYPE_MEMBER_DOWNED);
MOTET_ENGINE_MESSAGE(motet::MemberRemoved, "motet.cluster.MemberRemoved", MOTET_TYPE_MEMBER_REMOVED);
MOTET_ENGINE_MESSAGE(motet::MemberUnreachable, "motet.cluster.MemberUnreachable", MOTET_TYPE_MEMBER_UNREACHABLE);
MOTET_ENGINE_MESSAGE(motet::MemberReachable, "motet.cluster.MemberReachable", MOTET_TYPE_MEMBER_REACHABLE);
MOTET_ENGINE_MESSAGE(motet::LeaderChanged, "motet.cluster.LeaderChanged", MOTET_TYPE_LEADER_CHANGED);
MOTET_ENGINE_MESSAGE(motet::JoinRefused, "motet.cluster.JoinRefused", MOTET_TYPE_JOIN_REFUSED);
