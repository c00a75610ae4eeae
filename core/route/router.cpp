#include "core/route/router.h"

#include <mutex>

#include "core/base/random.h"

namespace motet {

namespace {

// What the router itself does: it notices routees that end, and ends with the last one.
class Head final : public Behavior {
  public:
    Code receive(Context &context, const Envelope &envelope) override {
        if (envelope.type() != types::terminated) {
            return Code::UNHANDLED;
        }
        auto &router = static_cast<Router &>(*context.self().routing());
        if (router.remove(*envelope.sender())) {
            context.self().deliver_system(new SystemMessage{SystemKind::stop, {}});
        }
        return Code::OK;
    }
};

Ptr<const Props> head_props(Logic logic, uint64_t seed) {
    auto props = make_counted<Props>();
    props->make_behavior = [](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new Head);
    };
    props->make_routing = [logic, seed] { return std::unique_ptr<Routing>(new Router(logic, seed)); };
    return props;
}

}  // namespace

Status set_router(RouterSettings &settings, std::string_view name) {
    static constexpr std::pair<std::string_view, Logic> kLogics[] = {
        {"round-robin", Logic::round_robin}, {"random", Logic::random}, {"broadcast", Logic::broadcast}};
    for (const auto &[text, logic] : kLogics) {
        for (bool group : {false, true}) {
            if (name == std::string(text) + (group ? "-group" : "-pool")) {
                settings.logic = logic;
                settings.group = group;
                return {};
            }
        }
    }
    return {Code::BAD_VALUE, "router \"" + std::string(name) +
                                 "\": there are round-robin-, random- and broadcast-, each with pool or group"};
}

Result<Ptr<Cell>> Router::spawn(Cell &parent, Ptr<const Props> routee, const RouterSettings &settings,
                                const std::string &name, bool named) {
    System &system = parent.system();
    if (settings.group && settings.paths.empty()) {
        return Status(Code::BAD_VALUE, "a group router without paths: set router.paths");
    }
    if (!settings.group && (routee->foreign || !routee->make_behavior)) {
        return Status(Code::BAD_VALUE,
                      "a pool router makes its routees itself, of props with a handler that the engine runs");
    }
    std::vector<Ref> members;
    for (const std::string &path : settings.paths) {
        Result<Ref> member = system.resolve(path);
        if (!member.ok()) {
            return std::move(member.status());
        }
        members.push_back(std::move(member.value()));
    }
    Result<Ptr<Cell>> head = system.spawn(parent, head_props(settings.logic, system.next_incarnation()), name, named);
    if (!head.ok()) {
        return head;
    }
    auto &router = static_cast<Router &>(*head.value()->routing());
    for (Ref &member : members) {
        router.add(std::move(member));
    }
    for (int i = 0; !settings.group && i < settings.instances; ++i) {
        Result<Ptr<Cell>> child = system.spawn(*head.value(), routee, {}, false);
        if (!child.ok()) {
            head.value()->deliver_system(new SystemMessage{SystemKind::stop, {}});
            return child;
        }
        head.value()->watch(*child.value());
        router.add(Ref(std::move(child.value())));
    }
    return head;
}

void Router::close() {
    Routees released;  // freed after the lock is
    std::lock_guard lock(lock_);
    released = std::exchange(routees_, std::make_shared<const std::vector<Ref>>());
}

Router::Routees Router::routees() const {
    std::lock_guard lock(lock_);
    return routees_;
}

void Router::add(Ref routee) {
    std::lock_guard lock(lock_);
    auto changed = std::make_shared<std::vector<Ref>>(*routees_);
    changed->push_back(std::move(routee));
    routees_ = std::move(changed);
}

bool Router::remove(const ActorRef &routee) {
    std::lock_guard lock(lock_);
    auto changed = std::make_shared<std::vector<Ref>>(*routees_);
    std::erase_if(*changed, [&](const Ref &known) { return known->means(routee); });
    routees_ = std::move(changed);
    return routees_->empty();
}

Code Router::route(Envelope *envelope, Cell &router) {
    Routees routees = this->routees();
    if (routees->empty()) {
        return router.system().dead_letters().take(envelope, Code::STOPPED, router);
    }
    if (logic_ != Logic::broadcast) {
        uint64_t turn = turn_.fetch_add(1, std::memory_order_relaxed);
        return (*routees)[(logic_ == Logic::random ? Random::mix(seed_ + turn) : turn) % routees->size()]->deliver(
            envelope);
    }
    Code code = Code::OK;
    for (size_t i = 0; i + 1 < routees->size(); ++i) {
        Envelope *copy = Envelope::share(envelope->message(), envelope->sender(), envelope->trace());
        Code sent = copy ? (*routees)[i]->deliver(copy) : Code::NO_MEMORY;
        code = sent == Code::OK ? code : sent;
    }
    Code last = routees->back()->deliver(envelope);
    return last == Code::OK ? code : last;
}

}  // namespace motet
