// Watches are the two sides of death watch of one actor: whom it watches, and who watches it.
// Knows: refs. Must never know: how the news travels. Whom it watches is thread-safe; who watches it belongs to the
// actor.
#pragma once

#include <vector>

#include "core/base/spin_lock.h"
#include "core/message/actor_ref.h"

namespace motet {

class Watches {
  public:
    // Whom the actor watches. True: that was not so before.
    bool add_target(const ActorRef &target);
    bool remove_target(const ActorRef &target);

    // The first news of a target's end; false when it is not watched or the news is on its way already.
    bool announce(const ActorRef &target);

    // Forgets and gives back all targets.
    std::vector<Ref> take_targets();

    // Who watches the actor.
    void add_watcher(Ref watcher);
    void remove_watcher(const ActorRef &watcher);
    std::vector<Ref> take_watchers();

  private:
    struct Target {
        Ref ref;
        bool announced = false;
    };

    SpinLock lock_;
    std::vector<Target> targets_;  // under lock_
    std::vector<Ref> watchers_;
};

}  // namespace motet
