// Ring: who watches whom. Members stand on a circle in an order of hashes; each is watched by the kObservers that
// follow it, so that watching costs every node the same however large the cluster is. Knows: members and who of them is
// fit to watch. Must never know: how one watches.
#pragma once

#include <set>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

constexpr size_t kObservers = 6;

// Whom self has to watch. Members that are unreachable or gone do not count as watchers: the next one steps in.
std::vector<uint64_t> subjects_of(uint64_t self, const Members &members, const Id128 &cluster,
                                  const std::set<uint64_t> &unfit);

}  // namespace motet
