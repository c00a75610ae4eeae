// The properties of props: keys and values, as motet_props_set() and the deployments of the configuration write them.
// Knows: how a property is written. Must never know: actors, and what rooms above make of other keys.
#pragma once

#include <map>
#include <string>

#include "core/actor/props.h"
#include "core/base/status.h"

namespace motet {

using Properties = std::map<std::string, std::string>;

// Sets one property. Errors: UNKNOWN_KEY, BAD_VALUE, with what would be accepted; then nothing has changed.
Status set_actor_property(Props &props, const std::string &key, const std::string &value);

// Sets all of them. Errors: the same, of the first that is refused.
Status set_actor_properties(Props &props, const Properties &properties);

}  // namespace motet
