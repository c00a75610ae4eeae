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

// Those who have said that they cannot reach a member, and have not taken it back, as far as their word counts at the
// node self: not who is leaving or gone, and not whom self cannot reach.
std::vector<uint64_t> witnesses_against(uint64_t subject, const State &state, uint64_t self);

// Those of them whose accusation stands.
std::vector<uint64_t> accusers_of(uint64_t subject, const State &state, uint64_t self);

// The members that are unreachable as the node self sees it. Never self.
std::set<uint64_t> unreachable_members(const State &state, uint64_t self);

// Whether somebody else is accused, though not by enough.
bool any_suspected(const State &state, uint64_t self, const std::set<uint64_t> &unreachable);

}  // namespace motet
