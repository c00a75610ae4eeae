// FlapDamping keeps a member that comes and goes from being told as coming and going: the more often it has returned
// lately, the longer it has to stay reachable until it is told so. Only what users are told is damped; what the cluster
// itself concludes is not.
// Knows: who is a member, who is unreachable, and since when not any more. Must never know: why.
// Source of the idea: C. Villamizar, R. Chandra, R. Govindan, "BGP Route Flap Damping", RFC 2439, 1998.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

class FlapDamping {
  public:
    // Returns within this time count together.
    static constexpr Nanos kWindow = 300 * kSecond;
    // How long the second of them has to last; each further one twice as long as the one before.
    static constexpr Nanos kFirstHold = 2 * kSecond;

    // longest: how long a return has to last at most; 0: nothing is damped.
    explicit FlapDamping(Nanos longest) : longest_(longest) {}

    struct Hold {
        uint64_t uid;
        int returns;
        Nanos duration;
    };

    // Who is to be told as unreachable: who is, and whose return has not lasted for long enough. begun: the holds that
    // begin now.
    std::set<uint64_t> update(Nanos now, const State &state, const std::set<uint64_t> &unreachable,
                              std::vector<Hold> &begun);

    // Whether somebody is held back, so that update() is to be called again without news.
    bool holding() const;

  private:
    struct Seen {
        bool unreachable = false;
        int returns = 0;  // each within kWindow of the one before
        Nanos last_return = 0;
        Nanos held_until = 0;  // 0: it is not
    };

    void returned(Nanos now, uint64_t uid, Seen &seen, std::vector<Hold> &begun) const;

    const Nanos longest_;
    std::map<uint64_t, Seen> members_;  // that were unreachable within kWindow
};

}  // namespace motet
