// Indirect connections: members that some cannot reach while others can. Taking out as few as touch every link that
// does not work, a minimum vertex cover, leaves members who all reach each other. Knows: members and their accusations.
// Must never know: strategies, time.
#pragma once

#include <set>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

// Two members, of whom at least one says that it cannot reach the other.
struct BadLink {
    uint64_t one;
    uint64_t other;
};

// Those of the unreachable who are connected nevertheless, by way of others: they have seen the present state, their
// own unreachability included, or their word about a member who can be reached has come here.
std::set<uint64_t> indirectly_connected(const Members &members, const std::set<uint64_t> &unreachable,
                                        const std::set<uint64_t> &seen);

// The links that do not work, without those that touch anybody of apart or anybody who is gone.
std::vector<BadLink> bad_links(const Members &members, const std::set<uint64_t> &apart);

// As few members as touch every link: exactly up to 20 members, by the most links first beyond. Of several such sets
// the one that spares the oldest.
std::set<uint64_t> minimum_cover(const std::vector<BadLink> &links, const Members &members);

}  // namespace motet
