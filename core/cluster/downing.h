// Downing is the split brain resolver: which members to declare down when some cannot be reached, decided alike on both
// sides of a split, each from its own view.
// Knows: members and who is unreachable. Must never know: how a decision is carried out.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/cluster/state.h"

namespace motet {

enum class DowningStrategy { keep_majority, static_quorum, keep_oldest, down_all, off };

struct DowningSettings {
    DowningStrategy strategy = DowningStrategy::keep_majority;
    Nanos stable_after = 5 * kSecond;
    std::string role;           // only members with it are counted; empty: all
    size_t quorum_size = 0;     // of static_quorum
    bool down_if_alone = true;  // of keep_oldest

    Status check() const;
};

// Whom to declare down now: all of the unreachable, or all of one's own side, or nobody.
std::vector<uint64_t> decide_downing(const DowningSettings &settings, const Members &members,
                                     const std::set<uint64_t> &unreachable);

// Waits until the picture has been stable for long enough that both sides see the same split.
class StabilityWindow {
  public:
    explicit StabilityWindow(Nanos stable_after) : stable_after_(stable_after) {}

    // To be called after every change, and whenever deadline() passes. True when a decision is due.
    bool due(Nanos now, const Members &members, const std::set<uint64_t> &unreachable);

    // For a node that was itself stopped: what it remembers is not how things are.
    void restart(Nanos now) { since_ = now; }

  private:
    Nanos stable_after_;
    Nanos since_ = 0;
    Id128 picture_;
};

}  // namespace motet
