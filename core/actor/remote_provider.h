// RemoteProvider is how the actors of a node reach those of other nodes; core/remote implements it.
// Knows: addresses and refs. Must never know: transports.
#pragma once

#include "core/actor/path.h"
#include "core/message/actor_ref.h"

namespace motet {

class RemoteProvider : public RefCounted {
  public:
    // The address other nodes reach this one by.
    virtual const Address &address() const = 0;

    // Whether an address is this node, under whatever name.
    virtual bool is_own(const Address &address) const = 0;

    // The ref of an actor, or of a selection, of another node. REQUIRES: path has an address that is not this node.
    // Errors: BAD_ADDRESS.
    virtual Result<Ref> ref(const ActorPath &path) = 0;
};

}  // namespace motet
