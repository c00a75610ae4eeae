// RemoteProvider is how the actors of a node reach those of other nodes; core/remote implements it.
// Knows: addresses and refs. Must never know: transports.
#pragma once

#include "core/actor/name.h"
#include "core/actor/path.h"
#include "core/message/actor_ref.h"

namespace motet {

class Cell;
struct Props;

class RemoteProvider : public RefCounted {
  public:
    // The address other nodes reach this one by.
    virtual const Address &address() const = 0;

    // Whether an address is this node, under whatever name.
    virtual bool is_own(const Address &address) const = 0;

    // The ref of an actor, or of a selection, of another node. REQUIRES: path has an address that is not this node.
    // Errors: BAD_ADDRESS.
    virtual Result<Ref> ref(const ActorPath &path) = 0;

    // Creates an actor on another node, props.node, and returns the child of parent that stands for it. Errors:
    // INVALID, BAD_VALUE, TOO_LARGE, BAD_ADDRESS, and those of System::create(). What is refused there is a failure of
    // the child.
    virtual Result<Ptr<Cell>> spawn(Cell &parent, const Props &props, ActorName name) = 0;
};

}  // namespace motet
