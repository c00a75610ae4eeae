// RoutingLogic says which of its routees a router sends a message to. One class for each logic; make_logic() makes the
// one that is set.
// Knows: a list of routees. Must never know: how messages are sent.
#pragma once

#include <memory>
#include <optional>

#include "core/message/message.h"
#include "core/route/routees.h"
#include "core/route/settings.h"

namespace motet {

struct Choice {
    enum class Who {
        one,              // the routee with the index
        all,              // each of them
        first_answer,     // as many as it takes to get an answer
        whoever_is_free,  // the first who has nothing to do
        nobody,           // the message lacks what the choice needs
    };
    Who who;
    size_t index = 0;
};

class RoutingLogic {
  public:
    virtual ~RoutingLogic() = default;

    // Prepares a new list, before it is used.
    virtual void arrange(Routees &) const {}

    // Chooses for a message. key: the hash of the key that was given with it. From any thread. REQUIRES: there are
    // routees.
    virtual Choice choose(const Message &message, std::optional<uint64_t> key, const Routees &routees) = 0;
};

// seed: of what is random in it.
std::unique_ptr<RoutingLogic> make_logic(const RouterSettings &settings, uint64_t seed);

}  // namespace motet
