// Router spreads the messages to one actor over others, its routees: a pool that it creates and supervises, or a group
// of actors that live elsewhere, on this node or others.
//
// The choice is made on the sender's thread; there is no hop through the router's own mailbox, and routees see the
// original sender. What every actor understands by itself (poison pill, kill, identify) is for the router.
//
// Knows: refs. Must never know: where routees live, what messages mean.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/actor/cell.h"
#include "core/actor/system.h"
#include "core/base/spin_lock.h"

namespace motet {

enum class Logic { round_robin, random, broadcast };

struct RouterSettings {
    Logic logic = Logic::round_robin;
    bool group = false;
    int instances = 1;               // of a pool
    std::vector<std::string> paths;  // of a group
};

// "round-robin-pool", "random-group", ...: sets logic and group. Errors: BAD_VALUE, listing the names.
Status set_router(RouterSettings &settings, std::string_view name);

class Router final : public Routing {
  public:
    Router(Logic logic, uint64_t seed) : logic_(logic), seed_(seed) {}

    // Creates a router below parent, with its routees: when it returns, all are there. routee: what the members of a
    // pool are made of. Errors: BAD_VALUE (a group without paths, a pool of a foreign dispatcher), and those of
    // System::spawn().
    static Result<Ptr<Cell>> spawn(Cell &parent, Ptr<const Props> routee, const RouterSettings &settings,
                                   const std::string &name, bool named);

    Code route(Envelope *envelope, Cell &router) override;
    void close() override;

    void add(Ref routee);

    // True: there are no routees left.
    bool remove(const ActorRef &routee);

  private:
    using Routees = std::shared_ptr<const std::vector<Ref>>;
    Routees routees() const;

    const Logic logic_;
    const uint64_t seed_;
    std::atomic<uint64_t> turn_{0};
    mutable SpinLock lock_;
    Routees routees_ = std::make_shared<const std::vector<Ref>>();  // under lock_; the list itself never changes
};

}  // namespace motet
