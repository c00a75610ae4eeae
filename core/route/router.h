// Router spreads the messages to one actor over others, its routees: a pool that it creates and supervises, or a group
// of actors that live elsewhere, on this node or others.
//
// The choice is made on the sender's thread, without a lock; there is no hop through the router's own mailbox, and
// routees see the original sender. What every actor understands by itself (poison pill, kill, identify), and what
// manages a router, is for the router's own actor: see router_actor.h.
//
// Knows: refs. Must never know: where routees live, what messages mean.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/snapshot.h"
#include "core/route/logic.h"
#include "core/route/routees.h"
#include "core/route/settings.h"
#include "core/route/shared_mailbox.h"

namespace motet {

class Router final : public Routing {
  public:
    // path: its own. mailbox: of a balancing pool, else none. seed: of what is random in it.
    Router(const RouterSettings &settings, std::string path, std::shared_ptr<SharedMailbox> mailbox, uint64_t seed);

    // Routing
    bool routes(TypeId type) const override;
    Code route(Envelope *envelope, Cell &router) override;
    void close(Cell &router) override;

    Snapshot<Routees>::Reading routees() const { return routees_.read(); }

    // Each takes effect before it returns: then nobody sends any more to a routee that was taken away. A router that
    // has ended, maybe before it was made whole, takes none: it would hold its own children, and they it.
    void add(const std::vector<Routee> &routees);
    std::vector<Routee> take(const std::function<bool(const Routee &)> &leaves);

    // Looks again who is at the paths of a group.
    void refresh();

    // Whether its routees take their messages from a mailbox that they share.
    bool shares_mailbox() const { return mailbox_ != nullptr; }

    // What each routee has to do, and how many messages were ever sent to a pool with a resizer.
    std::vector<Load> loads() const;
    uint64_t messages() const { return messages_.load(std::memory_order_relaxed); }

    // The router's actor begins to do what it was last asked to check.
    void begin_check() { check_pending_.store(false); }

  private:
    Code choose_and_send(Envelope *envelope, std::optional<uint64_t> key, bool to_all, Cell &router);
    Code send(Envelope *envelope, const Routee &routee, Cell &router);
    Code send_to_all(Envelope *envelope, const Routees &routees, Cell &router);
    Code refuse(Envelope *envelope, Cell &router) const;
    void ask_for_check(Cell &router);

    const RouterSettings settings_;
    const Ptr<const Hop> hop_;
    const uint64_t seed_;
    const std::unique_ptr<RoutingLogic> logic_;
    const std::shared_ptr<SharedMailbox> mailbox_;
    Snapshot<Routees> routees_;
    bool closed_ = false;  // looked at only while the routees are changed
    std::atomic<uint64_t> races_{0};
    std::atomic<uint64_t> messages_{0};
    std::atomic<bool> check_pending_{false};
};

}  // namespace motet
