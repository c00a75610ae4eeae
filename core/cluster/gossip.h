// Gossip exchange: what to tell a member, and what to make of what it tells. News first; when news does not explain why
// two nodes differ, hashes of buckets find the difference, at a cost that grows with the difference and not with the
// cluster.
// Knows: one state. Must never know: who is told, or when.
#pragma once

#include <vector>

#include "core/cluster/codec.h"
#include "core/cluster/state.h"

namespace motet {

// A packet with the news, as much as fits, newest first.
Gossip compose_gossip(const State &state, const Id128 &cluster);

// The welcome of a joiner: the one who answers, the joiner, and as many others as fit. The joiner asks for the rest.
Gossip compose_welcome(const State &state, const Id128 &cluster, uint64_t self, uint64_t joiner);

// What one member has become, for who does not know it yet: that it was removed.
Gossip compose_obituary(const State &state, const Id128 &cluster, const Member &tombstone);

// What a node may do, or has done, about a difference that news does not explain: ask for it, tell it.
struct Repair {
    bool ask = false;
    bool tell = false;
};

struct GossipOutcome {
    bool changed = false;
    Repair repair;
    std::vector<Gossip> answers;
};

// Joins what a member told into the state. self: whose word on itself nobody else's can exceed.
GossipOutcome receive_gossip(State &state, const Gossip &gossip, uint64_t from, uint64_t self, Nanos now,
                             Repair repair = {true, true});

}  // namespace motet
