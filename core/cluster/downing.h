// Downing is the split brain resolver's judgement: which members to declare down when some cannot be reached, decided
// alike on both sides of a split, each from its own view.
// Knows: members, who is unreachable, who has seen the present state. Must never know: time, how a decision is carried
// out.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/cluster/state.h"

namespace motet {

enum class DowningStrategy { keep_majority, static_quorum, keep_oldest, down_all, lease_majority, manual };

struct DowningSettings {
    DowningStrategy strategy = DowningStrategy::keep_majority;
    Nanos stable_after = 5 * kSecond;  // 0: derived from how fast changes spread
    Nanos down_all_when_unstable = 0;  // beyond stable_after; 0: never
    std::string role;                  // only members with it are counted; empty: all
    size_t quorum_size = 0;            // of static_quorum
    bool down_if_alone = true;         // of keep_oldest
    Nanos lease_delay = 2 * kSecond;   // of lease_majority: by which the smaller side asks later
    Nanos lease_timeout = 5 * kSecond;
    Nanos lease_release_after = 40 * kSecond;  // the removal of those who were downed

    Status check() const;
};

struct DowningDecision {
    std::vector<uint64_t> down;             // nobody: nothing is to be done, or nothing can be decided
    bool by_lease = false;                  // only who is granted the lease may do that
    bool smaller_side = false;              // and the smaller side asks later
    std::vector<uint64_t> down_if_refused;  // what to do without the lease
};

// Whom to declare down: all who cannot be reached, or all of one's own side, or all, or nobody; and of those who can be
// reached by some and not by others as few as make the rest whole again.
DowningDecision decide_downing(const DowningSettings &settings, const Members &members,
                               const std::set<uint64_t> &unreachable, const std::set<uint64_t> &seen = {});

}  // namespace motet
