// Watches are the two sides of death watch of one actor: whom it watches, and who watches it.
// Knows: refs. Must never know: how the news travels. Whom it watches is thread-safe; who watches it belongs to the
// actor.
#pragma once

#include <memory>
#include <vector>

#include "core/base/spin_lock.h"
#include "core/message/actor_ref.h"

namespace motet {

class Watches {
  public:
    Watches() = default;

    // Those of an actor that has ended and never had any: closed.
    static Watches &none();

    // Whom the actor watches. When that was not so before, tells the target. Both is one step: of two threads that
    // watch and unwatch, the one that comes last does so at the target too.
    void watch(ActorRef &target, std::unique_ptr<SystemMessage> message);
    void unwatch(ActorRef &target, std::unique_ptr<SystemMessage> message);

    // The first news of a target's end; false when it is not watched or the news is on its way already.
    bool announce(const ActorRef &target);

    // The news of a target's end is handed to the actor; false when it does not watch it any more.
    bool hear(const ActorRef &target);

    // Forgets and gives back all targets; from now on there are none.
    struct Target {
        Ref ref;
        bool announced = false;
    };
    std::vector<Target> close();

    // Who watches the actor.
    void add_watcher(Ref watcher);
    void remove_watcher(const ActorRef &watcher);
    std::vector<Ref> take_watchers();

  private:
    explicit Watches(bool closed) : closed_(closed) {}
    Ref remove(const ActorRef &target);  // REQUIRES lock_

    SpinLock lock_;
    bool closed_ = false;          // under lock_
    std::vector<Target> targets_;  // under lock_
    std::vector<Ref> watchers_;
};

}  // namespace motet
