// The properties of props, those of routers among them: what motet_props_set() and the configuration set.
// Knows: which properties are a router's. Must never know: actors.
#pragma once

#include "core/actor/properties.h"

namespace motet {

// Sets one property. Errors: UNKNOWN_KEY, BAD_VALUE, with what would be accepted; then nothing has changed.
Status set_property(Props &props, const std::string &key, const std::string &value);

// Sets what is deployed. A router that it names takes the place of the whole router of the props, and must make sense;
// properties of a router alone, or with router = from-code, change that of the props. Errors: the same.
Status deploy(Props &props, const Properties &properties);

}  // namespace motet
