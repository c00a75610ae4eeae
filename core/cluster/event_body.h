// Event bodies: what a subscriber to "cluster" finds in its messages, as documented in motet/cluster.h.
// Knows: the keys. Must never know: who subscribes.
#pragma once

#include "core/cluster/events.h"
#include "core/message/signals.h"

namespace motet {

// The type of the message that tells an event.
TypeId type_of(ClusterEvent::Kind kind);

ByteVector encode_event(const ClusterEvent &event);
ByteVector encode_state(const ClusterSnapshot &snapshot);

}  // namespace motet
