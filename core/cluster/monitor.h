// Monitor watches the members it is given: sends heartbeats, asks others to try when one falls silent, and comes to an
// opinion on each.
// Knows: when it heard from whom. Must never know: what the cluster makes of an opinion.
#pragma once

#include <map>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/cluster/codec.h"
#include "core/detect/phi_accrual.h"

namespace motet {

struct MonitorSettings {
    Nanos interval = 1 * kSecond;  // between two heartbeats
    PhiAccrualSettings phi;
};

class Monitor {
  public:
    explicit Monitor(const MonitorSettings &settings) : settings_(settings) {}

    // From now on exactly these are watched.
    void watch(const std::vector<uint64_t> &subjects, Nanos now);

    // Anything at all came from a member.
    void heard(uint64_t uid, Nanos now);

    // A member answered heartbeat number sequence; by_way_of_another: through a helper. True when that is news.
    bool answered(uint64_t uid, uint32_t sequence, bool by_way_of_another, Nanos now);

    // The member has refuted, or this node has been stopped: what was missed counts for nothing.
    void restart(uint64_t uid, Nanos now);
    void restart_all(Nanos now);

    // Whether a subject has been silent for so long that others are asked to try.
    bool misses_any(Nanos now) const;

    // What to send in a round, once every interval: to each subject a heartbeat, and for each that is silent a request
    // to a few helpers.
    struct Sending {
        uint64_t to;
        Body body;
    };
    std::vector<Sending> beat(uint64_t self, const std::vector<uint64_t> &possible_helpers, Nanos now, Random &random);

    // The present opinion on every subject: whether it seems alive, and for how long nothing has come from it.
    struct Opinion {
        uint64_t subject;
        bool alive;
        Nanos silence;
    };
    std::vector<Opinion> opinions(Nanos now) const;

    // The present suspicion of a subject; 0 for others.
    double phi(uint64_t uid, Nanos now) const;

    // How long who ends right after restart_all() may pass for alive.
    Nanos time_to_notice() const { return settings_.phi.acceptable_pause + 3 * settings_.interval; }

  private:
    struct Subject {
        explicit Subject(const PhiAccrualSettings &phi) : detector(phi) {}
        PhiAccrual detector;
        uint32_t last_answer = 0;  // the number of the newest heartbeat answered
        Nanos last_heard = 0;
    };
    Subject fresh(Nanos now) const;
    bool misses(const Subject &subject, Nanos now) const;

    MonitorSettings settings_;
    std::map<uint64_t, Subject> subjects_;
    uint32_t sequence_ = 0;
};

}  // namespace motet
