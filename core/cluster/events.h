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
    };
    Kind kind;
    Member member;                         // of the member_* kinds
    std::optional<MemberStatus> previous;  // its status before; none when it was not known
    std::optional<Address> address;        // the leader, or who refused or was refused
    Code code = Code::OK;                  // of join_refused
    std::string error;
};

struct ClusterSnapshot {
    std::vector<Member> members;  // in address order
    std::set<uint64_t> unreachable;
    std::optional<Address> leader;
};

class EventSource {
  public:
    // What has changed since the last call: removals first, then changes of status in address order, reachability,
    // leader.
    std::vector<ClusterEvent> update(const View &view);

    // What was told so far.
    ClusterSnapshot snapshot() const;

  private:
    void tell_removed(const View &view, std::vector<ClusterEvent> &events);
    void tell_statuses(const View &view, std::vector<ClusterEvent> &events);
    void tell_reachability(const View &view, std::vector<ClusterEvent> &events);

    std::map<UniqueAddress, Member> told_;
    std::set<uint64_t> unreachable_;
    std::optional<Address> leader_;
};

}  // namespace motet
