// Routees are whom a router sends to: a list that is never changed, only replaced.
// Knows: refs. Must never know: who of them gets which message.
#pragma once

#include <string_view>
#include <vector>

#include "core/actor/cell.h"
#include "core/message/actor_ref.h"
#include "core/route/hash_ring.h"

namespace motet {

struct Routee {
    Ref ref;
    Ptr<Cell> actor;       // the actor itself, when it is on this node and was there
    bool own = false;      // the router has made it, and ends it
    bool by_path = false;  // whoever is at the path of ref, on this node: actor is who was there

    // The routee that a path names. Without an incarnation whoever is ever there is meant. Errors: BAD_NAME,
    // BAD_ADDRESS.
    static Result<Routee> find(System &system, std::string_view path);

    // Looks again who is at the path. Whether that is somebody else.
    bool refresh();

    // Whether ref has to look for the actor for every message: there was none, or it has stopped.
    bool stale() const { return by_path && (!actor || actor->stopped()); }

    // Whom to send to now.
    ActorRef &target() const { return by_path && !stale() ? static_cast<ActorRef &>(*actor) : *ref; }
};

struct Routees {
    std::vector<Routee> list;
    HashRing ring;  // of the paths; only for consistent hashing

    bool empty() const { return list.empty(); }
    size_t size() const { return list.size(); }
    const Routee &operator[](size_t index) const { return list[index]; }
    auto begin() const { return list.begin(); }
    auto end() const { return list.end(); }
};

}  // namespace motet
