#include "core/route/router.h"

#include <algorithm>

#include "core/actor/system.h"
#include "core/base/random.h"
#include "core/route/protocol.h"
#include "core/route/race.h"

namespace motet {

namespace {

// A message may pass through routers of routers; more than this many are taken for a circle.
constexpr int kMaxDepth = 32;

class Depth {
  public:
    Depth() { ++depth_; }
    ~Depth() { --depth_; }
    bool too_deep() const { return depth_ > kMaxDepth; }

  private:
    static thread_local int depth_;
};
thread_local int Depth::depth_ = 0;

}  // namespace

Router::Router(const RouterSettings &settings, std::string path, std::shared_ptr<SharedMailbox> mailbox, uint64_t seed)
    : settings_(settings), hop_(make_counted<Hop>(std::move(path))), seed_(seed), logic_(make_logic(settings, seed)),
      mailbox_(std::move(mailbox)) {}

bool Router::routes(TypeId type) const {
    return type >= types::first_user || type == types::broadcast || type == types::consistent_hashable_envelope;
}

void Router::close(Cell &router) {
    routees_.change([this](Routees &) { closed_ = true; });
    take([](const Routee &) { return true; });
    if (mailbox_) {
        mailbox_->close(router);
    }
}

void Router::add(const std::vector<Routee> &routees) {
    routees_.change([&](Routees &all) {
        if (closed_) {
            return;
        }
        all.list.insert(all.list.end(), routees.begin(), routees.end());
        logic_->arrange(all);
    });
}

std::vector<Routee> Router::take(const std::function<bool(const Routee &)> &leaves) {
    std::vector<Routee> taken = routees_.change([&](Routees &all) {
        auto gone = std::stable_partition(all.list.begin(), all.list.end(),
                                          [&](const Routee &routee) { return !leaves(routee); });
        std::vector<Routee> leaving(std::make_move_iterator(gone), std::make_move_iterator(all.list.end()));
        all.list.erase(gone, all.list.end());
        logic_->arrange(all);
        return leaving;
    });
    for (const Routee &routee : taken) {
        if (mailbox_ && routee.actor) {
            mailbox_->leave(*routee.actor);
        }
    }
    return taken;
}

void Router::refresh() {
    std::vector<Routee> list = routees()->list;
    bool changed = false;
    for (Routee &routee : list) {
        changed = routee.refresh() || changed;
    }
    if (changed) {
        routees_.change([&](Routees &all) { all.list = std::move(list); });
    }
}

std::vector<Load> Router::loads() const {
    std::vector<Load> loads;
    const int64_t shared = mailbox_ ? mailbox_->waiting() : 0;
    const Snapshot<Routees>::Reading routees = this->routees();
    for (const Routee &routee : *routees) {
        loads.push_back(routee.actor ? Load{!routee.actor->idle(), routee.actor->waiting() + shared} : Load{});
    }
    return loads;
}

// Has the router's actor look at the size of a pool, or at who is at the paths of a group.
void Router::ask_for_check(Cell &router) {
    if (!check_pending_.exchange(true)) {
        Envelope *check = Envelope::make(types::router_check, {}, nullptr, {});
        if (!check || router.deliver(check) != Code::OK) {
            check_pending_.store(false);
        }
    }
}

Code Router::route(Envelope *envelope, Cell &router) {
    Depth depth;
    if (depth.too_deep()) {
        return router.system().dead_letters().take(envelope, Code::INVALID, router);
    }
    if (envelope->type() >= types::first_user) [[likely]] {
        return choose_and_send(envelope, std::nullopt, false, router);
    }
    Unwrapped inner;
    if (Code code = unwrap(*envelope, router.system(), inner); code != Code::OK) {
        return router.system().dead_letters().take(envelope, code, router);
    }
    if (envelope->passed_on()) {
        inner.envelope->set_hops(envelope->hops());
    }
    const bool to_all = envelope->type() == types::broadcast;
    envelope->destroy();
    return choose_and_send(inner.envelope, inner.key, to_all, router);
}

Code Router::choose_and_send(Envelope *envelope, std::optional<uint64_t> key, bool to_all, Cell &router) {
    if (settings_.resizer.kind != ResizerKind::off &&
        messages_.fetch_add(1, std::memory_order_relaxed) % settings_.resizer.messages_per_resize == 0) {
        ask_for_check(router);
    }
    std::vector<Ref> racers;
    {
        Snapshot<Routees>::Reading routees = this->routees();
        if (routees->empty()) {
            return refuse(envelope, router);
        }
        const Choice choice = to_all ? Choice{Choice::Who::all} : logic_->choose(envelope->message(), key, *routees);
        if (choice.who != Choice::Who::nobody) {
            envelope->pass(hop_);
        }
        switch (choice.who) {
        case Choice::Who::one:
            return send(envelope, (*routees)[choice.index], router);
        case Choice::Who::all:
            return send_to_all(envelope, *routees, router);
        case Choice::Who::whoever_is_free:
            return mailbox_->put(envelope, router);
        case Choice::Who::nobody:
            return router.system().dead_letters().take(envelope, Code::INVALID, router);
        case Choice::Who::first_answer:
            break;
        }
        if (!if_memory_allows([&] { racers.reserve(routees->size()); })) {
            return router.system().dead_letters().take(envelope, Code::NO_MEMORY, router);
        }
        for (const Routee &routee : *routees) {
            racers.push_back(hold(&routee.target()));
        }
    }
    const bool in_turn = settings_.logic == Logic::tail_chopping;
    if (in_turn) {
        Random random = Random::keyed(seed_, races_.fetch_add(1, std::memory_order_relaxed));
        for (size_t i = racers.size(); i > 1; --i) {
            std::swap(racers[i - 1], racers[random.below(i)]);
        }
    }
    return Race::start(envelope, std::move(racers), settings_.within, in_turn ? settings_.interval : 0, hold(&router));
}

Code Router::send(Envelope *envelope, const Routee &routee, Cell &router) {
    if (routee.stale()) [[unlikely]] {
        ask_for_check(router);
    }
    return routee.target().deliver(envelope);
}

Code Router::send_to_all(Envelope *envelope, const Routees &routees, Cell &router) {
    Code code = Code::OK;
    for (size_t i = 0; i + 1 < routees.size(); ++i) {
        Envelope *copy = envelope->copy();
        const Code sent = copy ? send(copy, routees[i], router) : Code::NO_MEMORY;
        code = code == Code::OK ? sent : code;
    }
    const Code last = send(envelope, routees[routees.size() - 1], router);
    return code == Code::OK ? last : code;
}

// There are no routees. Who waits for the first answer of them is told.
Code Router::refuse(Envelope *envelope, Cell &router) const {
    if (settings_.logic == Logic::scatter_gather || settings_.logic == Logic::tail_chopping) {
        Race::fail(*envelope, Code::STOPPED, router.path() + ": there are no routees", router);
    }
    return router.system().dead_letters().take(envelope, Code::STOPPED, router);
}

}  // namespace motet
