// Resizer says when a pool should have more routees or fewer. It is asked now and then; it does nothing itself.
// Knows: how busy routees are. Must never know: actors, who makes routees.
#pragma once

#include <memory>
#include <vector>

#include "core/base/clock.h"

namespace motet {

// What one routee has to do.
struct Load {
    bool busy = false;   // it runs, or is about to
    int64_t queued = 0;  // messages that wait for it
};

enum class ResizerKind { off, pressure, optimal_size };

struct ResizerSettings {
    ResizerKind kind = ResizerKind::off;
    int lower_bound = 1;
    int upper_bound = 10;
    int messages_per_resize = 10;

    // Of pressure.
    int pressure_threshold = 1;      // a routee counts as busy: 0 when it runs, 1 when one more waits, n when n wait
    double rampup_rate = 0.2;        // grow by this part when all are busy
    double backoff_threshold = 0.3;  // shrink when a smaller part is busy
    double backoff_rate = 0.1;       // by this part

    // Of the exploration of the optimal size.
    Nanos action_interval = 5 * kSecond;
    Nanos downsize_after_underutilized_for = 72 * 3600 * kSecond;
    double downsize_ratio = 0.8;         // of the most routees that were busy meanwhile
    double chance_of_exploration = 0.4;  // otherwise the best size known nearby is approached
    double explore_step_size = 0.1;      // at most this part
    double chance_of_ramping_down_when_full = 0.2;
    int optimization_range = 16;           // sizes that are looked at, half of them on each side
    double weight_of_latest_metric = 0.5;  // the rest is what was measured before
};

class Resizer {
  public:
    virtual ~Resizer() = default;

    // How many routees more the pool should have; fewer when below 0. messages: that were ever sent to the pool.
    virtual int64_t change(const std::vector<Load> &loads, uint64_t messages, Nanos now) = 0;
};

// nullptr when there is none. seed: of what is random in it.
std::unique_ptr<Resizer> make_resizer(const ResizerSettings &settings, uint64_t seed);

}  // namespace motet
