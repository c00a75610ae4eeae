// RouterSettings describe a router, as the properties "router" and "router.*" of props do.
// Knows: the properties, what each accepts, and which go together. Must never know: actors.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/message/address.h"
#include "core/route/resizer.h"

namespace motet {

enum class Logic {
    round_robin,
    random,
    smallest_mailbox,
    balancing,
    broadcast,
    scatter_gather,
    tail_chopping,
    consistent_hashing,
};

struct RouterSettings {
    Logic logic = Logic::round_robin;
    bool group = false;
    int instances = 1;                         // of a pool
    std::vector<Address> nodes;                // of a pool: where its routees are created in turn; empty: here
    std::vector<std::string> paths;            // of a group
    Nanos within = 5 * kSecond;                // scatter-gather and tail-chopping: for an answer
    Nanos interval = 10 * kMillisecond;        // tail-chopping: before the next routee is asked
    int virtual_nodes_factor = 10;             // consistent hashing: places on the ring for each routee
    std::string hash_key;                      // consistent hashing: field of a message that is its key
    ResizerSettings resizer;                   // of a pool
    std::set<std::string, std::less<>> given;  // the keys that were set

    // "round-robin-pool"
    std::string name() const;

    // Sets a property. Errors: UNKNOWN_KEY; BAD_VALUE, saying what is accepted.
    Status set(std::string_view key, std::string_view value);

    // Whether what was set makes a router: a group has paths, nothing is set that its kind has no use for, no bounds
    // contradict each other. Errors: BAD_VALUE.
    Status check() const;

    // How many routees a pool begins with.
    int first_size() const;
};

}  // namespace motet
