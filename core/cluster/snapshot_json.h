// to_json writes what a node knows of its cluster as a JSON object, as documented in motet/cluster.h.
// Knows: the names of the fields. Must never know: who reads them.
#pragma once

#include <string>

#include "core/cluster/events.h"

namespace motet {

std::string to_json(const ClusterSnapshot &snapshot);

// Parts of it.
std::string to_json(const ClusterSnapshot &snapshot, const Member &member);
std::string to_json(const std::optional<Address> &address);  // null: none

}  // namespace motet
