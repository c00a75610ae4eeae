// The actor of a router: it makes and supervises the routees of a pool, notices routees that end, and does what the
// messages that manage a router ask for. Its handler runs apart from those of users, so that a pool can grow when all
// of its routees are busy.
// Knows: the router, the messages that manage it. Must never know: what is sent to routees.
#pragma once

#include <memory>

#include "core/actor/cell.h"
#include "core/actor/props.h"
#include "core/route/settings.h"

namespace motet {

// Makes routers of these settings, with their routees: when spawn() returns, all are there. The props are what the
// members of a pool are made of. Errors of spawn(): BAD_VALUE (settings that make no router, a pool of props
// without a handler), BAD_NAME and BAD_ADDRESS (paths), and those of System::create().
std::shared_ptr<const Spawner> router_spawner(RouterSettings settings);

// The settings of the router that props describe; none are given when it is no router.
RouterSettings router_of(const Props &props);

}  // namespace motet
