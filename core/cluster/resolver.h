// SplitBrainResolver decides when to declare members down, and by whom: by the first member that nobody has anything
// against, once the picture has been stable for long enough that both sides see the same split; with a lease where the
// strategy wants one.
// Knows: time, views, settings. Must never know: how a decision is carried out, what a lease is.
#pragma once

#include <optional>
#include <vector>

#include "core/cluster/convergence.h"
#include "core/cluster/downing.h"

namespace motet {

// How long it takes until all know the last of some changes, as this node has seen it lately.
class ChangeSpread {
  public:
    void observe(Nanos now, const State &state);
    Nanos longest() const;  // of the newest samples; 0 before the first

  private:
    static constexpr size_t kSamples = 100;
    Id128 known_;
    std::optional<Nanos> since_;  // the last change, until all have seen it
    std::vector<Nanos> samples_;
    size_t next_ = 0;
};

// Waits until nothing has changed for long enough.
class StabilityWindow {
  public:
    // To be called often. True when a decision is due.
    bool due(Nanos now, Nanos stable_after, const Members &members, const std::set<uint64_t> &unreachable);

    // For a node that was itself stopped: what it remembers is not how things are. since: when it will know better.
    void restart(Nanos since);

    // Since when somebody has been unreachable without anything having been decided.
    std::optional<Nanos> unrest_since() const { return unrest_since_; }
    void decided() { unrest_since_.reset(); }

  private:
    Nanos since_ = 0;
    Id128 picture_;
    std::optional<Nanos> unrest_since_;
};

class SplitBrainResolver {
  public:
    // heartbeat_interval: one round of the failure detection; silence: what it allows at least.
    SplitBrainResolver(const DowningSettings &settings, Nanos heartbeat_interval, Nanos silence)
        : settings_(settings), round_(heartbeat_interval), silence_(silence) {}

    struct Step {
        std::vector<uint64_t> down;
        std::string why;
        bool acquire = false;  // ask for the lease; the answer goes to lease_answered()
        bool release = false;  // give it back
    };
    // To be called often.
    Step step(Now now, const View &view);

    // granted: this node holds the lease now.
    Step lease_answered(Now now, const View &view, bool granted);

    void restart(Nanos since) { window_.restart(since); }

    // The window that applies now, when all who seem to be here have seen the present state: as set, or derived.
    Nanos stable_after() const;

  private:
    static constexpr Nanos kLongest = 30 * kSecond;  // that is waited for

    enum class Lease { none, delayed, asked, held };

    void ask(Now now, Step &step);
    Step refused(const View &view, const std::string &why);
    void release_when_over(Now now, const View &view, Step &step);
    static bool decides(const View &view);
    Nanos patience(const View &view) const;  // the window, or longer

    DowningSettings settings_;
    Nanos round_;
    Nanos silence_;
    ChangeSpread spread_;
    StabilityWindow window_;
    Lease lease_ = Lease::none;
    Nanos lease_since_ = 0;  // of that
    std::vector<uint64_t> downed_by_lease_;
};

}  // namespace motet
