#include "core/cluster/cluster.h"

#include "core/actor/path.h"
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
      machine_(self_, std::move(settings), Random::keyed(system_->uid(), 1)) {}

Result<Ptr<Cluster>> Cluster::create(Ptr<System> system, ClusterHooks hooks) {
    Result<ClusterSettings> settings = ClusterSettings::from(system->config());
    if (!settings.ok()) {
        return std::move(settings.status());
    }
    if (Status status = settings.value().check(system->address()); !status.ok()) {
        return status;
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
    system->events().greet(Topic::cluster, [cluster](const Ref &subscriber) { cluster->greet(subscriber); });
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
    if (timer_ != 0) {
        system_->timers().cancel(timer_);
        timer_ = 0;
    }
    timer_deadline_ = deadline;
    if (deadline == INT64_MAX) {
        return;
    }
    // The daemon is held by its parent; the tick of one that is gone is a dead letter of nobody.
    timer_ = system_->timers().schedule(deadline - system_->clock().now().mono, [daemon = daemon_, type = tick_type_] {
        Envelope *tick = daemon->stopped() ? nullptr : Envelope::make(type, {}, nullptr, {});
        if (tick) {
            daemon->deliver(tick);
        }
    });
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
        if (Envelope *envelope = Envelope::make(types::cluster_state, greeting->state, nullptr, {})) {
            greeting->subscriber->deliver(envelope);
            system_->events().admit(Topic::cluster, *greeting->subscriber);
        }
        return;
    }
    Effect &effect = std::get<Effect>(work);
    if (const auto *packet = std::get_if<SendPacket>(&effect)) {
        send(*packet);
    } else if (const auto *event = std::get_if<EmitEvent>(&effect)) {
        emit(event->event);
    } else if (const auto *log = std::get_if<WriteLog>(&effect)) {
        system_->log().log(log->level, log->text);
    } else if (const auto *end = std::get_if<EndMembership>(&effect)) {
        system_->log().info(end->downed ? "this node was declared down and is no member any more"
                                        : "this node has left the cluster");
        if (hooks_.ended) {
            hooks_.ended(end->downed);
        }
    }
}

void Cluster::emit(const ClusterEvent &event) {
    const bool other = !(event.member.node == self_);
    if (other && event.kind == ClusterEvent::Kind::member_removed) {
        receivers_.erase(event.member.node.address);
        if (hooks_.member) {
            hooks_.member(event.member.node.address, false);
        }
        if (hooks_.node_lost) {
            hooks_.node_lost(event.member.node, "it was removed from the cluster");
        }
    } else if (other && event.kind < ClusterEvent::Kind::member_removed && !event.previous && hooks_.member) {
        hooks_.member(event.member.node.address, true);
    }
    system_->events().publish(Topic::cluster, type_of(event.kind), encode_event(event));
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

void Cluster::greet(const Ref &subscriber) {
    std::unique_lock lock(mutex_);
    if (!stopped_) {
        work_.emplace_back(Greet{subscriber, encode_state(machine_.snapshot())});
        carry_out_all(lock);
    }
}

Status Cluster::join(const Address &address) {
    if (address.has_host() && !is_numeric_host(address.host)) {
        if (Result<std::string> found = look_up_host(address.host); !found.ok()) {
            return std::move(found.status());
        }
    }
    Status status(Code::CLOSED, "the system is closed");
    feed([&](Membership &machine, Now now) {
        refusal_ = {};
        status = machine.join(now, address);
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

void Cluster::refused(const Address &by, Code code, const std::string &reason) {
    feed([&](Membership &machine, Now now) { machine.on_refused(now, by, code, reason); });
}

Status Cluster::wait_up(Nanos timeout) {
    const auto is_up = [this] {
        const Member *own = machine_.state().find(self_.uid);
        return own && own->status >= MemberStatus::up;
    };
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::nanoseconds(timeout),
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

bool Cluster::leave_and_wait(Nanos timeout) {
    const Status leaving = leave(self_.address);
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::nanoseconds(timeout), [&] {
        return stopped_ || (ended_ && work_.empty() && !working_);
    }) && leaving.ok();
}

void Cluster::stop() {
    system_->events().greet(Topic::cluster, {});
    std::unique_lock lock(mutex_);
    stopped_ = true;
    work_.clear();
    if (timer_ != 0) {
        system_->timers().cancel(timer_);
        timer_ = 0;
    }
    changed_.notify_all();
    changed_.wait(lock, [this] { return !working_; });
    receivers_.clear();
    daemon_ = nullptr;  // which holds this in turn
}

}  // namespace motet
