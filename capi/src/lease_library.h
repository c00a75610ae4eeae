// Libraries that keep leases: loaded when the configuration names one, so that who does not need them does not need
// what they stand on. Knows: how they are found and called. Must never know: what keeps the leases.
#pragma once

#include <motet/config.h>
#include <motet/system.h>

#include "core/base/status.h"

namespace motet::capi {

// Has the library that cluster.downing.lease names, if any, keep the leases of a system's cluster. config: NULL for the
// defaults. Errors: IO (no such library), and those of the library.
Status keep_leases(motet_system_t *system, const motet_config_t *config);

}  // namespace motet::capi
