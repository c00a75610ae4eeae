// Convergence: whether all agree, who leads, and what a leader then does. There is no election: every node computes the
// leader from its own view.
// Knows: one view of the cluster. Must never know: how the view came about, or how an action becomes known.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

struct View {
    const State &state;
    uint64_t self;
    const std::set<uint64_t> &unreachable;
    const std::set<uint64_t> &departed;  // said farewell before they ended

    bool reachable(uint64_t uid) const { return unreachable.count(uid) == 0; }
};

// What must be there before anybody becomes Up.
struct UpConditions {
    size_t min_members = 1;
    std::map<std::string, size_t> min_members_by_role;
};

// Who keeps the cluster from converging: unreachable, or has not seen the present state; ascending. Empty: converged.
std::vector<uint64_t> convergence_blockers(const View &view);
bool converged(const View &view);

// The first in address order that is Up or Leaving and reachable, else the first of the others that are not gone; of a
// role, where one is named.
std::optional<uint64_t> leader_of(const View &view, std::string_view role = {});

// Whether a shutdown of the whole cluster is being prepared: then nobody joins, and nobody rises.
bool is_ending(const Members &members);

// The new versions of members by which a leader moves them on; only to be applied when converged.
std::vector<Member> leader_actions(const View &view, const UpConditions &conditions);

// The same for a leader that cannot converge because members are unreachable: Joining to WeaklyUp.
std::vector<Member> weakly_up_actions(const View &view, const UpConditions &conditions);

}  // namespace motet
