// Ring: who watches whom. Members stand on a circle in the order of their uids, which are random; each is watched by
// the few that follow it, so that watching costs every node the same however large the cluster is. Knows: members and
// who of them is fit to watch. Must never know: how one watches.
#pragma once

#include <set>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

// Whom self has to watch, when each member has so many observers. Members that are unreachable, leaving or gone do not
// count as watchers: the next one steps in.
std::vector<uint64_t> subjects_of(uint64_t self, const Members &members, const std::set<uint64_t> &unfit,
                                  size_t observers);

}  // namespace motet
