// Cluster: membership and its events.
// Knows the C interface's cluster.
// Must never know how membership is agreed on.
#pragma once

#include <motet/cluster.h>
#include <motet/discovery.hpp>
#include <motet/lease.hpp>
#include <motet/signals.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace motet {

// Member is one node of the cluster as an event tells it.
struct Member {
    std::string address;
    std::uint64_t uid = 0;
    std::string status;  // one of those in motet/cluster.h, such as "up"
    std::optional<std::string> previous_status;
    std::vector<std::string> roles;
    std::int64_t up_number = 0;
    std::string version;

    [[nodiscard]] bool has_role(const std::string &role) const {
        return std::find(roles.begin(), roles.end(), role) != roles.end();
    }
    MOTET_FIELDS(address, uid, status, previous_status, roles, up_number, version)
};

// ClusterState is a picture of one moment; the first message that a subscriber to "cluster" receives.
struct ClusterState {
    std::vector<Member> members;
    std::vector<std::string> unreachable;
    std::optional<std::string> leader;
    std::map<std::string, std::string> role_leaders;  // by role
    MOTET_FIELDS(members, unreachable, leader, role_leaders)
};

// Suspicion is what an observer says of a member from which it has heard nothing. One alone makes nobody unreachable.
struct Suspicion {
    std::string observer;
    std::string subject;
    std::string reason;
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
struct MemberPreparingForShutdown : Member {};
struct MemberReadyForShutdown : Member {};

struct LeaderChanged {
    std::optional<std::string> leader;
    MOTET_FIELDS(leader)
};

struct RoleLeaderChanged {
    std::string role;
    std::optional<std::string> leader;
    MOTET_FIELDS(role, leader)
};

// ConvergenceBlocked names those who have kept the members from agreeing for a while; nobody: they agree again.
struct ConvergenceBlocked {
    std::vector<std::string> members;
    MOTET_FIELDS(members)
};

// ClusterShuttingDown says that the membership of this node ends.
struct ClusterShuttingDown {
    bool downed = false;
    MOTET_FIELDS(downed)
};

struct JoinRefused {
    std::optional<std::string> address;
    std::int32_t code = 0;
    std::string error;
    MOTET_FIELDS(address, code, error)
};

// What a subscriber to "cluster" is told first: one ClusterState, or the events that lead to it.
enum class InitialState : std::int32_t {
    as_snapshot = MOTET_INITIAL_STATE_AS_SNAPSHOT,
    as_events = MOTET_INITIAL_STATE_AS_EVENTS,
};

// Cluster is the membership of a system that somebody else owns.
class Cluster {
  public:
    explicit Cluster(motet_system_t *system) : system_(system) {}

    // Joins the cluster of the node at an address; its own address starts a new cluster.
    void join(const std::string &address) const { detail::check(motet_cluster_join(system_, address.c_str())); }

    // Joins through seed nodes; the first that answers lets this node in.
    void join_seeds(const std::vector<std::string> &seeds) const;

    // Has this node, or the one at an address, leave in good order.
    void leave() const { detail::check(motet_cluster_leave(system_, nullptr)); }
    void leave(const std::string &address) const { detail::check(motet_cluster_leave(system_, address.c_str())); }

    // Declares a member down.
    void down(const std::string &address) const { detail::check(motet_cluster_down(system_, address.c_str())); }

    // Prepares the end of the whole cluster: nobody joins or becomes up any more.
    void prepare_for_full_shutdown() const { detail::check(motet_cluster_prepare_for_full_shutdown(system_)); }

    // Subscribes an actor of this system to "cluster", as System::subscribe() does, with a choice of what comes first.
    void subscribe(const Ref &subscriber, InitialState initial) const {
        detail::check(motet_cluster_subscribe(system_, subscriber.get(), static_cast<std::int32_t>(initial)));
    }

    // Calls back once, at once if it is so already, else on a thread of the engine, which must not be blocked: when
    // this node is up; when it is removed from its cluster, or its system has ended.
    void on_up(std::function<void()> call) const { call_back(motet_cluster_on_up, std::move(call)); }
    void on_removed(std::function<void()> call) const { call_back(motet_cluster_on_removed, std::move(call)); }

    // Says what keeps the lease of cluster.downing.strategy = "lease-majority" from now on, in place of what was said
    // before. It is let go of when the system has ended, or another one was set.
    void set_lease(std::shared_ptr<Lease> lease) const;

    // Says what a node with cluster.discovery.method = "program" asks for others from now on; likewise.
    void set_discovery(std::shared_ptr<Discovery> discovery) const;

    // Waits until this node is Up. Not inside a handler.
    void wait_up(std::chrono::milliseconds timeout) const {
        detail::check(motet_cluster_wait_up(system_, timeout.count()));
    }

    // The present state as this node sees it.
    [[nodiscard]] ClusterState state() const;

    // Who suspects whom at present, and why.
    [[nodiscard]] std::vector<Suspicion> suspicions() const;

    // The present state as JSON; see motet_cluster_state_json().
    [[nodiscard]] std::string state_json() const { return motet_cluster_state_json(read_state().get()); }

  private:
    using RawState = std::unique_ptr<motet_cluster_state_t, decltype(&motet_cluster_state_free)>;

    [[nodiscard]] RawState read_state() const {
        motet_cluster_state_t *raw = nullptr;
        detail::check(motet_cluster_state(system_, &raw));
        return {raw, motet_cluster_state_free};
    }

    using CallBack = motet_error_t *(*)(motet_system_t *, motet_cluster_fn, void *, motet_release_fn);
    void call_back(CallBack at, std::function<void()> call) const {
        using Call = std::function<void()>;
        detail::check(at(
            system_, [](void *argument) { (*static_cast<Call *>(argument))(); }, new Call(std::move(call)),
            [](void *argument) { delete static_cast<Call *>(argument); }));
    }

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

inline void Cluster::join_seeds(const std::vector<std::string> &seeds) const {
    std::string joined;
    for (const std::string &seed : seeds) {
        joined += (joined.empty() ? "" : ",") + seed;
    }
    detail::check(motet_cluster_join_seeds(system_, joined.c_str()));
}

inline void Cluster::set_lease(std::shared_ptr<Lease> lease) const {
    using Kept = std::shared_ptr<Lease>;
    auto kept = lease == nullptr ? nullptr : std::make_unique<Kept>(std::move(lease));
    const auto ask = [](motet_lease_request_t *raw, void *argument) noexcept {
        LeaseRequest::Request::pass_on<LeaseRequest>(raw, [&](const LeaseRequest &request) {
            Lease &asked = **static_cast<Kept *>(argument);
            switch (motet_lease_request_operation(raw)) {
            case MOTET_LEASE_ACQUIRE:
                return asked.acquire(request);
            case MOTET_LEASE_CHECK:
                return asked.check(request);
            default:
                return asked.release(request);
            }
        });
    };
    const motet_lease_fn function = kept ? +ask : nullptr;
    detail::check(motet_lease_set(system_, function, kept.release(),
                                  [](void *argument) { delete static_cast<Kept *>(argument); }));
}

inline void Cluster::set_discovery(std::shared_ptr<Discovery> discovery) const {
    using Kept = std::shared_ptr<Discovery>;
    auto kept = discovery == nullptr ? nullptr : std::make_unique<Kept>(std::move(discovery));
    const auto ask = [](motet_discovery_request_t *raw, void *argument) noexcept {
        DiscoveryRequest::Request::pass_on<DiscoveryRequest>(
            raw, [&](const DiscoveryRequest &request) { (*static_cast<Kept *>(argument))->lookup(request); });
    };
    const motet_discovery_fn function = kept ? +ask : nullptr;
    detail::check(motet_discovery_set(system_, function, kept.release(),
                                      [](void *argument) { delete static_cast<Kept *>(argument); }));
}

inline ClusterState Cluster::state() const {
    const RawState state = read_state();
    motet_cluster_state_t *raw = state.get();
    ClusterState result;
    for (std::int64_t index = 0; index < motet_cluster_state_size(raw); ++index) {
        Member member;
        member.address = motet_cluster_state_address(raw, index);
        member.uid = motet_cluster_state_uid(raw, index);
        member.status = motet_cluster_state_status(raw, index);
        member.roles = detail::split_roles(motet_cluster_state_roles(raw, index));
        member.up_number = motet_cluster_state_up_number(raw, index);
        member.version = motet_cluster_state_version(raw, index);
        if (motet_cluster_state_reachable(raw, index) == 0) {
            result.unreachable.push_back(member.address);
        }
        for (const std::string &role : member.roles) {
            if (const char *leader = motet_cluster_state_role_leader(raw, role.c_str())) {
                result.role_leaders[role] = leader;
            }
        }
        result.members.push_back(std::move(member));
    }
    if (const char *leader = motet_cluster_state_leader(raw)) {
        result.leader = leader;
    }
    return result;
}

inline std::vector<Suspicion> Cluster::suspicions() const {
    const RawState state = read_state();
    std::vector<Suspicion> suspicions;
    for (std::int64_t index = 0; index < motet_cluster_state_suspicions(state.get()); ++index) {
        suspicions.push_back({motet_cluster_state_suspicion_observer(state.get(), index),
                              motet_cluster_state_suspicion_subject(state.get(), index),
                              motet_cluster_state_suspicion_reason(state.get(), index)});
    }
    return suspicions;
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
MOTET_ENGINE_MESSAGE(motet::MemberPreparingForShutdown, "motet.cluster.MemberPreparingForShutdown",
                     MOTET_TYPE_MEMBER_PREPARING_FOR_SHUTDOWN);
MOTET_ENGINE_MESSAGE(motet::MemberReadyForShutdown, "motet.cluster.MemberReadyForShutdown",
                     MOTET_TYPE_MEMBER_READY_FOR_SHUTDOWN);
MOTET_ENGINE_MESSAGE(motet::RoleLeaderChanged, "motet.cluster.RoleLeaderChanged", MOTET_TYPE_ROLE_LEADER_CHANGED);
MOTET_ENGINE_MESSAGE(motet::ConvergenceBlocked, "motet.cluster.ConvergenceBlocked", MOTET_TYPE_CONVERGENCE_BLOCKED);
MOTET_ENGINE_MESSAGE(motet::ClusterShuttingDown, "motet.cluster.ShuttingDown", MOTET_TYPE_CLUSTER_SHUTTING_DOWN);
