#include "core/cluster/cluster.h"

#include "core/actor/path.h"
#include "core/base/host.h"
#include "core/cluster/event_body.h"
#include "core/remote/name_lookup.h"

namespace motet {

// The actor that receives packets and ticks.
class Cluster::Daemon final : public Behavior {
  public:
    explicit Daemon(Ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}

    Code receive(Context &, const Envelope &envelope) override {
        if (envelope.type() == cluster_->tick_type_) {
            cluster_->feed([](Membership &machine, Now now) { machine.on_timer(now); });
            return Code::OK;
        }
        if (envelope.type() != cluster_->packet_type_ || !envelope.sender()) {
            return Code::UNHANDLED;
        }
        const Result<ActorPath> from = ActorPath::parse(envelope.sender()->path());
        if (!from.ok() || !from.value().address) {
            return Code::UNHANDLED;
        }
        cluster_->feed(
            [&](Membership &machine, Now now) { machine.on_packet(now, *from.value().address, envelope.payload()); });
        return Code::OK;
    }

  private:
    Ptr<Cluster> cluster_;
};

Cluster::Cluster(Ptr<System> system, ClusterSettings settings, ClusterHooks hooks)
    : system_(std::move(system)), hooks_(std::move(hooks)), self_{system_->address(), system_->uid()},
      lease_name_(system_->config().text("cluster.downing.lease-name")),
      machine_(self_, std::move(settings), Random::keyed(system_->uid(), 1)) {}

// A node that is asked to join itself under another name would wait for an answer of somebody else.
static Status check_name(const System &system, const Address &address) {
    if (!(address == system.address()) && system.is_own(address)) {
        return Status(Code::BAD_ADDRESS, address.text() + " is this node itself, which the others know as " +
                                             system.address().text() + "; expected that");
    }
    return {};
}

// Whether any of them has an address; the others may get one later.
static Status check_resolves(const std::vector<Address> &seeds) {
    Status failure;
    for (const Address &seed : seeds) {
        if (seed.protocol != kTcpProtocol || is_numeric_host(seed.host)) {
            return {};
        }
        Result<std::vector<std::string>> found = look_up_host(seed.host);
        if (found.ok()) {
            return {};
        }
        failure = std::move(found.status());
    }
    return failure;
}

Result<Ptr<Cluster>> Cluster::create(Ptr<System> system, ClusterHooks hooks) {
    Result<ClusterSettings> settings = ClusterSettings::from(system->config());
    if (!settings.ok()) {
        return std::move(settings.status());
    }
    if (Status status = settings.value().check(system->address()); !status.ok()) {
        return status;
    }
    for (const Address &seed : settings.value().seeds) {
        if (Status status = check_name(*system, seed); !status.ok()) {
            return Status(status.code(), "cluster.seed-nodes: " + status.message());
        }
    }
    auto cluster = Ptr<Cluster>::adopt(new Cluster(system, std::move(settings.value()), std::move(hooks)));
    for (const auto &[name, type] : {std::pair("motet.cluster.Packet", &cluster->packet_type_),
                                     std::pair("motet.cluster.Tick", &cluster->tick_type_)}) {
        Result<TypeId> interned = system->types().intern_any(name);
        if (!interned.ok()) {
            return std::move(interned.status());
        }
        *type = interned.value();
    }
    if (const Config &config = system->config(); config.text("cluster.discovery.method") == "dns") {
        cluster->discovery_ =
            Ptr<Discovery>::adopt(new DnsDiscovery(system->name(), config.text("cluster.discovery.dns-name"),
                                                   static_cast<uint16_t>(config.integer("cluster.discovery.port"))));
    }
    auto props = make_counted<Props>();
    props->dispatcher = "internal";
    props->make_behavior = [cluster](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new Daemon(cluster));
    };
    Result<Ptr<Cell>> daemon = system->spawn(*system->system_guardian(), Ptr<const Props>(props), "cluster");
    if (!daemon.ok()) {
        return std::move(daemon.status());
    }
    cluster->daemon_ = std::move(daemon.value());
    system->events().greet(types::cluster_state, [cluster](const Ref &subscriber, TypeRange events) {
        cluster->greet(subscriber, events, false);
    });
    return cluster;
}

void Cluster::start() {
    feed([](Membership &machine, Now now) { machine.start(now); });
}

template <typename Input> void Cluster::feed(Input input) {
    std::unique_lock lock(mutex_);
    if (stopped_) {
        return;
    }
    input(machine_, system_->clock().now());
    for (Effect &effect : machine_.take_effects()) {
        note(effect);
        work_.emplace_back(std::move(effect));
    }
    set_timer();
    carry_out_all(lock);
}

void Cluster::note(const Effect &effect) {
    const auto *event = std::get_if<EmitEvent>(&effect);
    if (event && event->event.kind == ClusterEvent::Kind::join_refused && machine_.gave_up_joining()) {
        refusal_ = Status(Code::JOIN_REFUSED, event->event.error);
    }
    ended_ = ended_ || std::holds_alternative<EndMembership>(effect);
    changed_.notify_all();
}

void Cluster::set_timer() {
    const Nanos deadline = machine_.next_deadline();
    if (deadline == timer_deadline_) {
        return;
    }
    system_->timers().cancel(timer_);
    timer_deadline_ = deadline;
    if (deadline == INT64_MAX) {
        return;
    }
    // The daemon is held by its parent; the tick of one that is gone is a dead letter of nobody.
    auto tick = [](RefCounted &object, int64_t type, uint64_t) {
        auto &daemon = static_cast<Cell &>(object);
        Envelope *envelope = daemon.stopped() ? nullptr : Envelope::make(static_cast<TypeId>(type), {}, nullptr, {});
        if (envelope) {
            daemon.deliver(envelope);
        }
    };
    system_->timers().schedule_at(timer_, deadline, {tick, daemon_, tick_type_});
}

void Cluster::carry_out_all(std::unique_lock<std::mutex> &lock) {
    if (working_) {
        return;
    }
    working_ = true;
    while (!work_.empty()) {
        Work next = std::move(work_.front());
        work_.pop_front();
        lock.unlock();
        carry_out(next);
        lock.lock();
    }
    working_ = false;
    changed_.notify_all();
}

void Cluster::carry_out(Work &work) {
    if (auto *greeting = std::get_if<Greet>(&work)) {
        for (const auto &[type, body] : greeting->messages) {
            Envelope *envelope = Envelope::make(type, body, nullptr, {});
            if (!envelope) {
                return;  // without the beginning the rest would make no sense
            }
            greeting->subscriber->deliver(envelope);
        }
        system_->events().admit(greeting->events, *greeting->subscriber);
        return;
    }
    Effect &effect = std::get<Effect>(work);
    if (const auto *packet = std::get_if<SendPacket>(&effect)) {
        send(*packet);
    } else if (const auto *event = std::get_if<EmitEvent>(&effect)) {
        emit(event->event);
    } else if (const auto *log = std::get_if<WriteLog>(&effect)) {
        system_->log().log(log->level, log->text);
    } else if (std::holds_alternative<LookUp>(effect)) {
        look_up();
    } else if (std::holds_alternative<AcquireLease>(effect)) {
        acquire_lease();
    } else if (std::holds_alternative<ReleaseLease>(effect)) {
        release_lease();
    } else if (std::holds_alternative<BeginExit>(effect)) {
        pass(exiting_passed_);
        if (hooks_.exiting) {
            hooks_.exiting();
        }
    } else if (const auto *given_up = std::get_if<GiveUpJoining>(&effect)) {
        if (hooks_.gave_up) {
            hooks_.gave_up(given_up->incompatible);
        }
    } else if (const auto *end = std::get_if<EndMembership>(&effect)) {
        system_->log().info(end->downed ? "this node was declared down and is no member any more"
                                        : "this node has left the cluster");
        pass(exiting_passed_);
        pass(end_passed_);
        pass(removed_passed_);
        if (hooks_.ended) {
            hooks_.ended(end->downed);
        }
    }
}

void Cluster::emit(const ClusterEvent &event) {
    const bool other = event.of_member() && !(event.member.node == self_);
    if (other && event.kind == ClusterEvent::Kind::member_removed) {
        receivers_.erase(event.member.node.address);
        if (hooks_.member) {
            hooks_.member(event.member.node.address, false);
        }
        if (hooks_.node_lost) {
            hooks_.node_lost(event.member.node, "it was removed from the cluster");
        }
    } else if (other && !event.previous && hooks_.member) {
        hooks_.member(event.member.node.address, true);
    }
    system_->events().publish(type_of(event.kind), encode_event(event));
    if (event.kind == ClusterEvent::Kind::member_up && event.member.node == self_) {
        pass(up_passed_);
    }
}

void Cluster::send(const SendPacket &packet) {
    const Ref receiver = receiver_at(packet.to);
    if (!receiver) {
        return;
    }
    if (Envelope *envelope = Envelope::make(packet_type_, packet.bytes, daemon_.get(), {})) {
        receiver->deliver(envelope);
    }
}

Ref Cluster::receiver_at(const Address &address) {
    constexpr size_t kMaxReceivers = 2 * kMaxMembers;
    const auto known = receivers_.find(address);
    if (known != receivers_.end()) {
        return known->second;
    }
    ActorPath path;
    path.address = address;
    path.elements = {"system", "cluster"};
    Result<Ref> ref = system_->resolve(path);
    if (!ref.ok()) {
        system_->log().warning("cluster: " + ref.status().message());
        return {};
    }
    if (receivers_.size() >= kMaxReceivers) {
        receivers_.clear();
    }
    return receivers_[address] = std::move(ref.value());
}

void Cluster::set_discovery(Ptr<Discovery> discovery) {
    const std::lock_guard lock(mutex_);
    std::swap(discovery_, discovery);
}

// Who finds nothing asks again; that is logged once until something is found.
void Cluster::look_up() {
    Ptr<Discovery> discovery;
    {
        const std::lock_guard lock(mutex_);
        discovery = discovery_;
    }
    if (!discovery) {
        return;  // the program has not given it yet
    }
    discovery->look_up([self = Ptr<Cluster>(this)](Result<std::vector<Address>> found) {
        if (!found.ok()) {
            const bool again = [&] {
                const std::lock_guard lock(self->mutex_);
                return std::exchange(self->discovery_failed_, true);
            }();
            if (!again) {
                self->system_->log().warning("no nodes were found: " + found.status().message());
            }
            return;
        }
        for (Address &address : found.value()) {
            if (self->system_->is_own(address)) {
                address = self->self_.address;
            }
        }
        self->feed([&](Membership &machine, Now now) {
            self->discovery_failed_ = false;
            machine.discovered(now, std::move(found.value()));
        });
    });
}

void Cluster::set_lease(Ptr<Lease> lease) {
    const std::lock_guard lock(mutex_);
    std::swap(lease_, lease);
}

Ptr<Lease> Cluster::lease() const {
    const std::lock_guard lock(mutex_);
    return lease_;
}

Lease::Request Cluster::lease_request(Lease::Operation operation) const {
    const std::string name = lease_name_.empty() ? system_->name() + "-split-brain-resolver" : lease_name_;
    return {operation, name, self_.address.text() + "#" + std::to_string(self_.uid)};
}

void Cluster::acquire_lease() {
    const auto answered = [self = Ptr<Cluster>(this)](const Status &outcome) {
        if (!outcome.ok()) {
            self->system_->log().warning("the lease was not granted: " + outcome.message());
        }
        self->feed([&](Membership &machine, Now now) { machine.on_lease(now, outcome.ok()); });
    };
    if (const Ptr<Lease> lease = this->lease()) {
        lease->request(lease_request(Lease::Operation::acquire), answered);
    } else {
        answered(Status(Code::BAD_STATE, "cluster.downing.strategy is lease-majority, but no lease was given"));
    }
}

// Only what is still held is given back: the third party may have let it run out, and granted it to another.
void Cluster::release_lease() {
    const Ptr<Lease> lease = this->lease();
    if (!lease) {
        return;
    }
    lease->request(lease_request(Lease::Operation::check),
                   [lease, give_back = lease_request(Lease::Operation::release)](const Status &held) {
                       if (held.ok()) {
                           lease->request(give_back, [](const Status &) {});
                       }
                   });
}

void Cluster::greet(const Ref &subscriber, TypeRange events, bool as_events) {
    std::unique_lock lock(mutex_);
    if (stopped_) {
        return;
    }
    Greet greeting{subscriber, events, {}};
    const ClusterSnapshot snapshot = machine_.snapshot();
    if (as_events) {
        for (const ClusterEvent &event : events_leading_to(snapshot)) {
            greeting.messages.emplace_back(type_of(event.kind), encode_event(event));
        }
    } else {
        greeting.messages.emplace_back(types::cluster_state, encode_state(snapshot));
    }
    work_.emplace_back(std::move(greeting));
    carry_out_all(lock);
}

void Cluster::subscribe_with_events(const ActorRef &subscriber) {
    greet(hold(&subscriber), {types::cluster_state, types::cluster_shutting_down}, true);
}

Status Cluster::join(const std::vector<Address> &seeds) {
    for (const Address &seed : seeds) {
        if (Status named = check_name(*system_, seed); !named.ok()) {
            return named;
        }
    }
    if (Status resolves = check_resolves(seeds); !resolves.ok()) {
        return resolves;
    }
    Status status(Code::CLOSED, "the system is closed");
    feed([&](Membership &machine, Now now) {
        status = machine.join(now, seeds);
        refusal_ = status.ok() ? Status() : std::move(refusal_);
    });
    return status;
}

Status Cluster::leave(const Address &address) {
    Status status(Code::CLOSED, "the system is closed");
    feed([&](Membership &machine, Now now) { status = machine.leave(now, address); });
    return status;
}

Status Cluster::down(const Address &address) {
    Status status(Code::CLOSED, "the system is closed");
    feed([&](Membership &machine, Now now) { status = machine.down(now, address); });
    return status;
}

Status Cluster::prepare_for_shutdown() {
    Status status(Code::CLOSED, "the system is closed");
    feed([&](Membership &machine, Now now) { status = machine.prepare_for_shutdown(now); });
    return status;
}

void Cluster::refused(const Address &by, Code code, const std::string &reason) {
    feed([&](Membership &machine, Now now) { machine.on_refused(now, by, code, reason); });
}

Status Cluster::wait_up(Nanos timeout) {
    const auto is_up = [this] {
        const Member *own = machine_.state().find(self_.uid);
        return own && own->status >= MemberStatus::up;
    };
    std::unique_lock lock(mutex_);
    system_->await(lock, changed_, std::max<Nanos>(timeout, 0),
                   [&] { return stopped_ || ended_ || !refusal_.ok() || is_up(); });
    if (stopped_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    if (ended_) {
        return Status(Code::CLOSED, "this node is no member of its cluster any more");
    }
    if (is_up()) {
        return {};
    }
    if (!refusal_.ok()) {
        return Status(refusal_.code(), refusal_.message());
    }
    return Status(Code::TIMEOUT, "this node was not up after " + std::to_string(timeout / kMillisecond) + " ms");
}

ClusterSnapshot Cluster::snapshot() const {
    std::lock_guard lock(mutex_);
    return machine_.snapshot();
}

double Cluster::phi(const UniqueAddress &node) const {
    const Now now = system_->clock().now();
    std::lock_guard lock(mutex_);
    return machine_.phi(node.uid, now);
}

void Cluster::confirm_exit() {
    feed([](Membership &machine, Now) { machine.confirm_exit(); });
}

void Cluster::when_up(std::function<void()> call) { when(up_passed_, std::move(call)); }

void Cluster::when_removed(std::function<void()> call) { when(removed_passed_, std::move(call)); }

void Cluster::when_exiting(std::function<void()> call) { when(exiting_passed_, std::move(call)); }

void Cluster::when_ended(std::function<void()> call) { when(end_passed_, std::move(call)); }

void Cluster::when(Milestone &milestone, std::function<void()> call) {
    {
        std::lock_guard lock(mutex_);
        if (!milestone.passed) {
            milestone.waiting.push_back(std::move(call));
            return;
        }
    }
    call();
}

void Cluster::pass(Milestone &milestone) {
    std::vector<std::function<void()>> waiting;
    {
        std::lock_guard lock(mutex_);
        milestone.passed = true;
        waiting.swap(milestone.waiting);
    }
    for (const auto &call : waiting) {
        call();
    }
}

void Cluster::stop() {
    system_->events().greet(types::cluster_state, {});
    pass(removed_passed_);
    std::unique_lock lock(mutex_);
    stopped_ = true;
    work_.clear();
    system_->timers().cancel(timer_);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !working_; });
    up_passed_.waiting.clear();
    exiting_passed_.waiting.clear();
    end_passed_.waiting.clear();
    receivers_.clear();
    const Ptr<Lease> lease = std::move(lease_);  // freed without the lock
    const Ptr<Discovery> discovery = std::move(discovery_);
    daemon_ = nullptr;  // which holds this in turn
}

}  // namespace motet
