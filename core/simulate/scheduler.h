// Scheduler is the heart of a simulation: a simulated clock and everything that is still to happen, in the order of
// (time, sequence). The same calls always give the same history.
// Knows: times and what to call. Must never know: threads, real clocks.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "core/base/clock.h"

namespace motet {

class Scheduler final : public Clock {
  public:
    static constexpr uint64_t kMostAtOnce = 10'000'000;

    Now now() const override { return {now_, kEpoch + now_}; }

    // Calls what at a time, or now if that has passed.
    void at(Nanos time, std::function<void()> what);
    void after(Nanos delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

    // Lets the next thing happen. False when nothing is left.
    bool step();

    // The same, of what happens without time passing.
    bool step_now();

    // Whether something is happening now, and the caller part of it.
    bool stepping() const { return depth_ > 0; }

    // Forgets what is still to happen; nothing is added any more.
    void close();

    // Lets everything happen up to and including a time, which then is the present; see kMostAtOnce.
    void run_until(Nanos time);
    void run_for(Nanos duration) { run_until(now_ + duration); }

    // Lets things happen until a condition holds, at most until a time, or until kMostAtOnce things have happened
    // without time passing. Whether it held.
    bool run_until(Nanos time, const std::function<bool()> &condition);

    uint64_t steps() const { return steps_; }

  private:
    static constexpr Nanos kEpoch = 1'700'000'000 * kSecond;

    struct Event {
        Nanos time;
        uint64_t sequence;
        std::function<void()> what;
    };
    struct Later {
        bool operator()(const Event &a, const Event &b) const {
            return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
        }
    };

    Nanos now_ = 0;
    uint64_t sequence_ = 0;
    uint64_t steps_ = 0;
    int depth_ = 0;  // of steps within steps
    bool closed_ = false;
    std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace motet
