// Selection is whom a path with patterns means, looked up anew for every message; and the ref of an exact path that
// names no actor, or not yet. Knows: elements of a path. Must never know: other nodes; theirs are looked up there.
#pragma once

#include <string>
#include <vector>

#include "core/message/actor_ref.h"

namespace motet {

class Cell;
class System;

class Selection final : public ActorRef {
  public:
    Selection(System &system, std::vector<std::string> elements, uint64_t incarnation);

    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override;
    System &system() const override { return *system_; }
    std::string path() const override;
    uint64_t incarnation() const override { return incarnation_; }

    // The actors of this node that match now.
    std::vector<Ref> receivers() const;
    static std::vector<Ref> lookup(System &system, const std::vector<std::string> &elements);

  private:
    Ptr<System> system_;
    const std::vector<std::string> elements_;
    const uint64_t incarnation_;  // 0: any
    const Ptr<const Hop> hop_;    // none of an exact path, which sends nobody a message that was not meant for it
};

}  // namespace motet
