// Reachability: which members count as unreachable, from what all observers said. One observer alone convicts nobody
// who has another witness.
// Knows: members and their accusations. Must never know: how an observer came to its accusation.
#pragma once

#include <set>
#include <vector>

#include "core/cluster/state.h"

namespace motet {

// This many observers must agree that a member cannot be reached. Where fewer are left to ask, those: a node that hears
// nobody at all must be able to conclude that it is the one cut off.
constexpr size_t kCorroboration = 2;

// Whether an accusation still stands: its subject is a member and has not refuted it since.
bool stands(const Accusation &accusation, const Members &members);

// Those who accuse a member, as far as their word counts at the node self: not who is leaving or gone, and not whom
// self cannot reach.
std::vector<uint64_t> accusers_of(uint64_t subject, const Members &members, uint64_t self);

// The members that are unreachable as the node self sees it. Never self.
std::set<uint64_t> unreachable_members(const Members &members, uint64_t self);

}  // namespace motet
