// Events tell the users of a cluster what has changed, in order: who replays them from a snapshot has what is now.
// Knows: what was told last. Must never know: who subscribes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/cluster/convergence.h"

namespace motet {

struct ClusterEvent {
    enum class Kind {
        member_joined,
        member_weakly_up,
        member_up,
        member_left,
        member_exited,
        member_downed,
        member_removed,
        member_unreachable,
        member_reachable,
        leader_changed,
        join_refused,
        member_preparing_for_shutdown,
        member_ready_for_shutdown,
        role_leader_changed,
        convergence_blocked,
        shutting_down,
    };
    Kind kind;
    Member member;                         // of the member_* kinds
    std::optional<MemberStatus> previous;  // its status before; none when it was not known
    std::optional<Address> address;        // the leader, or who refused or was refused
    Code code = Code::OK;                  // of join_refused
    std::string error;
    std::string role;               // of role_leader_changed
    std::vector<Address> blockers;  // of convergence_blocked; none: it is so no more
    bool downed = false;            // of shutting_down

    bool of_member() const {
        return kind <= Kind::member_removed || kind == Kind::member_preparing_for_shutdown ||
               kind == Kind::member_ready_for_shutdown;
    }
};

// Why a member is suspected: an observer has heard nothing from it for so long, by no way.
struct Suspicion {
    Address observer;
    Address subject;
    uint32_t silence_ms;

    std::string reason() const;
};

struct ClusterSnapshot {
    UniqueAddress self;
    Id128 cluster;                // zero: none
    std::vector<Member> members;  // in address order
    std::set<uint64_t> unreachable;
    std::optional<Address> leader;
    std::map<std::string, Address> role_leaders;
    std::set<uint64_t> seen;                  // who is known to have this state
    std::vector<uint64_t> blockers;           // of convergence
    std::map<std::string, uint64_t> ignored;  // packets that were not acted upon, by reason

    const Member *own() const;  // nullptr: this node is no member
    const Member *find(const Address &address) const;
    std::vector<Suspicion> suspicions() const;
};

// The events that lead from nothing to a snapshot.
std::vector<ClusterEvent> events_leading_to(const ClusterSnapshot &snapshot);

class EventSource {
  public:
    // What has changed since the last call: removals first, then changes of status in address order, reachability,
    // leader. unreachable: who is to be told so.
    std::vector<ClusterEvent> update(const View &view, const std::set<uint64_t> &unreachable);

    // What was told so far: members, who is unreachable, leaders.
    ClusterSnapshot snapshot() const;

  private:
    void tell_removed(const std::vector<const Member *> &changed, std::vector<ClusterEvent> &events);
    void tell_statuses(const std::vector<const Member *> &changed, std::vector<ClusterEvent> &events);
    void tell_leaders(const View &view, const std::vector<const Member *> &changed, std::vector<ClusterEvent> &events);
    void tell_reachability(const std::set<uint64_t> &unreachable, std::vector<ClusterEvent> &events);

    std::map<UniqueAddress, Member> told_;
    uint64_t told_changes_ = 0;  // of the state, up to which all is told
    std::set<uint64_t> unreachable_;
    std::optional<Address> leader_;
    std::map<std::string, Address> role_leaders_;
};

// Names those who keep the cluster from converging, once they have done so for a while, and tells when that is over.
class ConvergenceWatch {
  public:
    // To be called often.
    std::optional<ClusterEvent> update(Nanos now, const View &view);

  private:
    static constexpr Nanos kPatience = 3 * kSecond;
    std::optional<Nanos> blocked_since_;
    std::vector<Address> named_;
};

}  // namespace motet
