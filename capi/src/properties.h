// The keys of motet_props_set().
// Knows: how a property is written. Must never know: actors.
#pragma once

#include <optional>
#include <string>

#include "core/actor/props.h"
#include "core/route/router.h"

namespace motet::capi {

// Sets one property. Errors: UNKNOWN_KEY, BAD_VALUE, with what would be accepted.
Status set_property(Props &props, std::optional<RouterSettings> &router, const std::string &key,
                    const std::string &value);

}  // namespace motet::capi
