#include "core/route/router_actor.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>

#include "core/actor/foreign.h"
#include "core/actor/system.h"
#include "core/route/protocol.h"
#include "core/route/router.h"

namespace motet {

namespace {

// Makes a routee of a pool. A pool whose routees live elsewhere has another one.
using RouteeFactory = std::function<Result<Routee>(Cell &router)>;

// nodes: where they are created in turn; none: here.
RouteeFactory children_of(Ptr<const Props> props, std::vector<Address> nodes = {}) {
    const auto next = std::make_shared<std::atomic<size_t>>(0);
    return [props = std::move(props), nodes = std::move(nodes), next](Cell &router) -> Result<Routee> {
        Ptr<const Props> placed = props;
        if (!nodes.empty()) {
            Ptr<Props> copy = props->copy();
            copy->node = nodes[next->fetch_add(1) % nodes.size()];
            placed = copy;
        }
        Result<Ptr<Cell>> child = router.system().spawn(router, placed, {}, false);
        if (!child.ok()) {
            return std::move(child.status());
        }
        return Routee{.ref = child.value(), .actor = child.value(), .own = true};
    };
}

constexpr int64_t kMaxPoolSize = 1'000'000;

// Makes routees of a pool and puts them to work. What could be made stays, also when an error is returned.
Status grow(Cell &self, Router &router, const RouteeFactory &make_routee, int64_t count) {
    std::vector<Routee> made;
    Status failed;
    while (failed.ok() && static_cast<int64_t>(made.size()) < count) {
        Result<Routee> routee = make_routee(self);
        if (routee.ok()) {
            made.push_back(std::move(routee.value()));
        } else {
            failed = std::move(routee.status());
        }
    }
    router.add(made);
    for (const Routee &routee : made) {
        self.watch(*routee.ref);  // after it is in the list: it may have ended already
    }
    return failed;
}

class RouterActor final : public Behavior {
  public:
    RouterActor(Cell &self, const RouterSettings &settings, RouteeFactory make_routee)
        : self_(self), router_(static_cast<Router &>(*self.routing())), make_routee_(std::move(make_routee)),
          resizer_(make_resizer(settings.resizer, self.incarnation())),
          least_(resizer_ ? settings.resizer.lower_bound : 1),
          most_(resizer_ ? settings.resizer.upper_bound : kMaxPoolSize) {}

    Code receive(Context &context, const Envelope &envelope) override;

  private:
    Code add(const Envelope &request);
    Code remove(const Envelope &request);
    Code adjust(const Envelope &request);
    Code refuse(const Envelope &request, Code cause);
    void check();
    void resize(int64_t change);
    void end(const std::vector<Routee> &taken);
    void ended(const ActorRef &gone);
    void restarted();
    int64_t size() const { return static_cast<int64_t>(router_.routees()->size()); }

    Cell &self_;
    Router &router_;
    const RouteeFactory make_routee_;  // none for a group
    const std::unique_ptr<Resizer> resizer_;
    const int64_t least_;  // size of a pool
    const int64_t most_;
};

Code RouterActor::receive(Context &context, const Envelope &envelope) {
    switch (envelope.type()) {
    case types::get_routees:
        (void)context.reply(types::routees, encode_routees(router_.routees()->list));
        return Code::OK;
    case types::add_routee:
        return add(envelope);
    case types::remove_routee:
        return remove(envelope);
    case types::adjust_pool_size:
        return adjust(envelope);
    case types::router_check:
        check();
        return Code::OK;
    case types::terminated:
        ended(*envelope.sender());
        return Code::OK;
    case types::post_restart:
        restarted();
        return Code::OK;
    default:
        return Code::UNHANDLED;
    }
}

Code RouterActor::add(const Envelope &request) {
    if (router_.shares_mailbox()) {
        return Code::UNHANDLED;  // only its own routees know how to take from it
    }
    std::optional<std::string> path = decode_routee(request.payload());
    Result<Routee> routee = path ? Routee::find(self_.system(), *path) : Status(Code::MALFORMED, "");
    if (!routee.ok() || routee.value().ref->means(self_)) {
        return refuse(request, Code::MALFORMED);
    }
    router_.add({routee.value()});
    if (routee.value().ref->incarnation() != 0) {
        self_.watch(*routee.value().ref);
    }
    return Code::OK;
}

// What was sent to a routee that is taken away has reached it: its poison pill comes after that.
Code RouterActor::remove(const Envelope &request) {
    std::optional<std::string> path = decode_routee(request.payload());
    Result<Routee> wanted = path ? Routee::find(self_.system(), *path) : Status(Code::MALFORMED, "");
    if (!wanted.ok()) {
        return refuse(request, Code::MALFORMED);
    }
    end(router_.take([&](const Routee &routee) { return routee.ref->means(*wanted.value().ref); }));
    return Code::OK;
}

Code RouterActor::adjust(const Envelope &request) {
    if (!make_routee_) {
        return Code::UNHANDLED;
    }
    std::optional<int64_t> change = decode_change(request.payload());
    if (!change) {
        return refuse(request, Code::MALFORMED);
    }
    resize(std::clamp(*change, -kMaxPoolSize, kMaxPoolSize));
    return Code::OK;
}

// Looks at what senders have noticed: a routee that is not where it was, or that it is time to look at the pool's size.
void RouterActor::check() {
    router_.begin_check();
    router_.refresh();
    if (resizer_) {
        resize(resizer_->change(router_.loads(), router_.messages(), self_.system().clock().now().mono));
    }
}

// Changes the size of the pool, within its bounds.
void RouterActor::resize(int64_t change) {
    const int64_t now = size();
    const int64_t wanted = std::clamp<int64_t>(now + change, least_, most_);
    if (wanted > now) {
        Status grown = grow(self_, router_, make_routee_, wanted - now);
        if (!grown.ok()) {
            self_.system().log().warning(self_.full_path() + ": the pool did not grow: " + grown.message());
        }
        return;
    }
    std::set<const ActorRef *> leaving;  // the youngest that are its own
    {
        const auto routees = router_.routees();
        for (size_t i = routees->size(); i > 0 && static_cast<int64_t>(leaving.size()) < now - wanted; --i) {
            if ((*routees)[i - 1].own) {
                leaving.insert((*routees)[i - 1].ref.get());
            }
        }
    }
    end(router_.take([&](const Routee &routee) { return leaving.contains(routee.ref.get()); }));
}

// A message that cannot be understood is a dead letter.
Code RouterActor::refuse(const Envelope &request, Code cause) {
    if (Envelope *copy = request.copy()) {
        self_.system().dead_letters().take(copy, cause, self_);
    }
    return Code::OK;
}

void RouterActor::end(const std::vector<Routee> &taken) {
    for (const Routee &routee : taken) {
        if (!routee.own) {
            self_.unwatch(*routee.ref);
        } else if (Envelope *pill = Envelope::make(types::poison_pill, {}, &self_, {})) {
            routee.ref->deliver(pill);
        }
    }
}

// A pool ends with the last of its routees, unless it may grow again.
void RouterActor::ended(const ActorRef &gone) {
    router_.take([&](const Routee &routee) { return ActorRef::same(*routee.ref, gone); });
    if (make_routee_ && !resizer_ && router_.routees()->empty() && self_.children().empty()) {
        self_.deliver_system(new SystemMessage{.kind = SystemKind::stop, .subject = {}, .trace = CurrentTrace::get()});
    }
}

// Its routees have ended with the instance before: there are as many new ones.
void RouterActor::restarted() {
    const std::vector<Routee> before = router_.take([](const Routee &routee) { return routee.own; });
    resize(static_cast<int64_t>(before.size()));
}

Ptr<const Props> actor_props(const RouterSettings &settings, const RouteeFactory &make_routee,
                             const std::shared_ptr<SharedMailbox> &mailbox, const Props &routees,
                             const std::string &path, uint64_t seed) {
    auto props = make_counted<Props>();
    props->make_behavior = [settings, make_routee](Context &context) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new RouterActor(context.self(), settings, make_routee));
    };
    props->make_routing = [settings, path, mailbox, seed] {
        return std::unique_ptr<Routing>(new Router(settings, path, mailbox, seed));
    };
    props->dispatcher = "internal";
    // What its routees escalate restarts it, as often as they may be restarted.
    props->supervision.max_retries = routees.supervision.max_retries;
    props->supervision.within = routees.supervision.within;
    if (routees.foreign_number != 0) {  // which is the router's now, and its language keeps props under it
        props->foreign = routees.foreign;
        props->foreign_number = routees.foreign_number;
    }
    return props;
}

Result<std::vector<Routee>> members_of(System &system, const RouterSettings &settings, const std::string &own_path) {
    std::vector<Routee> members;
    for (const std::string &path : settings.paths) {
        Result<Routee> member = Routee::find(system, path);
        if (!member.ok()) {
            return std::move(member.status());
        }
        if (member.value().ref->path() == own_path) {
            return Status(Code::BAD_VALUE, "props: router.paths names " + own_path + ", which is the router itself");
        }
        members.push_back(std::move(member.value()));
    }
    return members;
}

class RouterSpawner final : public Spawner {
  public:
    explicit RouterSpawner(RouterSettings settings) : settings_(std::move(settings)) {}

    const RouterSettings &settings() const { return settings_; }
    Result<Ptr<Cell>> spawn(Cell &parent, const Props &props, ActorName name) const override;

  private:
    const RouterSettings settings_;
};

Result<Ptr<Cell>> RouterSpawner::spawn(Cell &parent, const Props &props, ActorName name) const {
    System &system = parent.system();
    if (Status wrong = settings_.check(); !wrong.ok()) {
        return wrong;
    }
    const bool made_there = !settings_.nodes.empty() && !props.type.empty();
    if (!settings_.group && !made_there && !props.foreign && !props.make_behavior) {
        return Status(Code::BAD_VALUE, "props: router is " + settings_.name() +
                                           ", whose routees are made of the props, but these have no handler: a group "
                                           "takes actors that were made elsewhere");
    }
    const std::string path = parent.path() + "/" + name.text();
    Result<std::vector<Routee>> members = members_of(system, settings_, path);
    if (!members.ok()) {
        return std::move(members.status());
    }
    Ptr<Props> routee = props.copy();
    routee->spawner = nullptr;
    routee->foreign_props = std::exchange(routee->foreign_number, 0);
    std::shared_ptr<SharedMailbox> mailbox;
    if (settings_.logic == Logic::balancing) {
        Result<MailboxSettings> of_routees = system.mailboxes().of(props);
        if (!of_routees.ok()) {
            return std::move(of_routees.status());
        }
        mailbox = std::make_shared<SharedMailbox>(std::move(of_routees.value()));
    }
    const RouteeFactory make_routee = settings_.group ? RouteeFactory()
                                      : mailbox       ? children_of(mailbox->for_routees(*routee))
                                                      : children_of(routee, settings_.nodes);
    Result<Ptr<Cell>> made = system.create(
        parent, actor_props(settings_, make_routee, mailbox, props, path, system.next_incarnation()), std::move(name));
    if (!made.ok()) {
        return made;
    }
    Cell &self = *made.value();
    auto &router = static_cast<Router &>(*self.routing());
    router.add(members.value());
    Status grown = settings_.group ? Status() : grow(self, router, make_routee, settings_.first_size());
    if (!grown.ok()) {
        self.deliver_system(new SystemMessage{SystemKind::stop, {}});
        return grown;
    }
    return made;
}

}  // namespace

std::shared_ptr<const Spawner> router_spawner(RouterSettings settings) {
    return std::make_shared<RouterSpawner>(std::move(settings));
}

RouterSettings router_of(const Props &props) {
    const auto *spawner = dynamic_cast<const RouterSpawner *>(props.spawner.get());
    return spawner ? spawner->settings() : RouterSettings();
}

}  // namespace motet
