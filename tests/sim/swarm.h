// The swarm makes plans from seeds: each plan has its own choice of kinds of faults, and weights for them, so that some
// histories have only one kind and some have many.
#pragma once

#include "tests/sim/plan.h"

namespace motet {

struct SwarmSettings {
    uint32_t least_nodes = 3;
    uint32_t most_nodes = 9;
    Nanos chaos = 60 * kSecond;
    uint32_t most_faults = 10;
    uint32_t most_late = UINT32_MAX;  // of nodes that start later than the others; each is a change for all of them
};

Plan make_plan(uint64_t seed, const SwarmSettings &settings = {});

}  // namespace motet
