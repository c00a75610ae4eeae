// ActorTypes are the kinds of actors that a system can make by name, so that configuration and other nodes can ask for
// them.
// Knows: names and props. Must never know: who asks, nodes.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/actor/props.h"

namespace motet {

class ActorTypes {
  public:
    // Errors: BAD_NAME; NAME_TAKEN; INVALID, for props that no actors can be made of by name.
    Status add(const std::string &type, Ptr<const Props> props);

    // Props as they are asked for, made whole when they only name a type that is known here: its behaviour, dispatcher
    // and mailboxes, with the arguments, place and supervision that were asked for.
    Ptr<const Props> complete(Ptr<const Props> asked) const;

    // The props of a type; none when it is not known.
    Ptr<const Props> find(const std::string &type) const;

    std::vector<std::string> names() const;

    // Lets go of all, which may hold the system.
    void clear();

  private:
    mutable std::mutex mutex_;
    std::map<std::string, Ptr<const Props>> types_;  // under mutex_
};

}  // namespace motet
