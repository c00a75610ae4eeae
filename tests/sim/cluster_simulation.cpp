#include "tests/sim/cluster_simulation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace motet {

Nanos LocalClock::true_time(Nanos local) const {
    const double ahead = std::ceil(static_cast<double>(local - base_) / rate_);
    return since_ + static_cast<Nanos>(ahead) + (rate_ == 1 ? 0 : 1);
}

void LocalClock::set_rate(double rate, Nanos now) {
    base_ = local(now);
    since_ = now;
    rate_ = rate;
}

ClusterSimulation::ClusterSimulation(uint64_t seed, uint32_t nodes, ClusterSettings settings,
                                     NetworkSettings network_settings)
    : network(scheduler, network_settings, Random::keyed(seed, 1)), seed_(seed), settings_(std::move(settings)),
      lives_(nodes) {
    settings_.seeds = {address(0)};
    if (nodes > 1) {
        settings_.seeds.push_back(address(1));
    }
}

Address ClusterSimulation::address(uint32_t slot) const {
    return Address::tcp("Sim", "10.0.0.1", static_cast<uint16_t>(1000 + slot));
}

void ClusterSimulation::start(uint32_t slot, uint64_t uid) {
    if (active(slot)) {
        return;
    }
    crash(slot);
    Random random = Random::keyed(seed_, 1000 + lives_begun_++);
    const uint64_t fresh = random.next();
    uid = uid != 0 ? uid : fresh;
    const Nanos now = scheduler.now().mono;
    const LocalClock clock(static_cast<Nanos>(random.below(static_cast<uint64_t>(1000 * kSecond))), now);
    auto machine = std::make_unique<Membership>(UniqueAddress{address(slot), uid}, settings_, random);
    lives_[slot] =
        std::make_unique<Life>(Life{.slot = slot, .machine = std::move(machine), .clock = clock, .begun = now});
    feed(*lives_[slot], [](Membership &membership, Now time) { membership.start(time); });
}

void ClusterSimulation::crash(uint32_t slot) { lives_[slot] = nullptr; }

void ClusterSimulation::pause(uint32_t slot) {
    if (alive(slot) && !lives_[slot]->paused) {
        lives_[slot]->paused = true;
        lives_[slot]->paused_at = scheduler.now().mono;
    }
}

void ClusterSimulation::resume(uint32_t slot) {
    if (!alive(slot) || !lives_[slot]->paused) {
        return;
    }
    Life &life = *lives_[slot];
    life.paused = false;
    life.resumed_at = scheduler.now().mono;
    // Whether timers or packets come first after a stop is up to the operating system, so here up to the seed.
    if (Random::keyed(seed_, static_cast<uint64_t>(life.resumed_at)).below(2) == 0) {
        wake(slot, life.machine->self().uid);
    }
    for (const auto &input : std::exchange(life.waiting, {})) {
        input();
    }
    wake(slot, life.machine->self().uid);
}

void ClusterSimulation::command(uint32_t slot, uint32_t by, Status (Membership::*what)(Now, const Address &)) {
    if (active(by)) {
        reach(by, lives_[by]->machine->self().uid, [this, slot, what](Membership &machine, Now now) {
            const Status status = (machine.*what)(now, address(slot));  // it may know nothing of that node
            (void)status;
        });
    }
}

void ClusterSimulation::set_lag(uint32_t slot, Nanos lag) {
    if (alive(slot)) {
        lives_[slot]->lag = lag;
        plan_wake(*lives_[slot]);
    }
}

void ClusterSimulation::set_clock_rate(uint32_t slot, double rate) {
    if (alive(slot)) {
        lives_[slot]->clock.set_rate(rate, scheduler.now().mono);
        lives_[slot]->wake_at = INT64_MAX;
        plan_wake(*lives_[slot]);
    }
}

void ClusterSimulation::feed(Life &life, const Input &input, bool timer) {
    for (Checker *checker : checkers_) {
        checker->before(life, timer);
    }
    const Now now = scheduler.now();
    input(*life.machine, {life.clock.local(now.mono), now.wall});
    const std::vector<Effect> effects = life.machine->take_effects();
    for (const Effect &effect : effects) {
        carry_out(life, effect);
    }
    for (Checker *checker : checkers_) {
        checker->after(life, effects);
    }
    plan_wake(life);
}

void ClusterSimulation::reach(uint32_t slot, uint64_t uid, const Input &input) {
    const auto arrive = [this, slot, uid, input] {
        if (is(slot, uid)) {
            feed(*lives_[slot], input);
        }
    };
    if (!is(slot, uid)) {
        return;
    }
    Life &life = *lives_[slot];
    if (life.paused) {
        life.waiting.push_back(arrive);
    } else if (life.lag > 0) {
        scheduler.after(life.lag, arrive);
    } else {
        arrive();
    }
}

void ClusterSimulation::plan_wake(Life &life) {
    const Nanos deadline = life.machine->next_deadline();
    if (deadline == INT64_MAX) {
        return;
    }
    const Nanos time = std::max(life.clock.true_time(deadline) + life.lag, scheduler.now().mono);
    if (time < life.wake_at) {
        life.wake_at = time;
        scheduler.at(time, [this, slot = life.slot, uid = life.machine->self().uid, time] {
            if (is(slot, uid) && lives_[slot]->wake_at == time) {
                wake(slot, uid);
            }
        });
    }
}

void ClusterSimulation::wake(uint32_t slot, uint64_t uid) {
    if (!is(slot, uid) || lives_[slot]->paused) {
        return;
    }
    Life &life = *lives_[slot];
    life.wake_at = INT64_MAX;
    if (life.clock.local(scheduler.now().mono) >= life.machine->next_deadline()) {
        feed(
            life, [](Membership &machine, Now now) { machine.on_timer(now); }, true);
    } else {
        plan_wake(life);
    }
}

void ClusterSimulation::carry_out(Life &life, const Effect &effect) {
    record(static_cast<uint64_t>(scheduler.now().mono));
    record(life.slot * 8 + effect.index());
    if (const auto *event = std::get_if<EmitEvent>(&effect)) {
        note(life, event->event);
    } else if (const auto *packet = std::get_if<SendPacket>(&effect)) {
        transmit(life, *packet);
    } else if (std::holds_alternative<BeginExit>(effect)) {
        // A node that leaves has things to do before it goes, for as long as the seed wants.
        const uint64_t uid = life.machine->self().uid;
        const uint64_t busy = Random::keyed(seed_, uid).below(static_cast<uint64_t>(2 * kSecond));
        scheduler.after(static_cast<Nanos>(busy), [this, slot = life.slot, uid] {
            reach(slot, uid, [](Membership &machine, Now) { machine.confirm_exit(); });
        });
    }
}

void ClusterSimulation::note(Life &life, const ClusterEvent &event) {
    record(static_cast<uint64_t>(event.kind) ^ event.member.uid());
    if (on_event) {
        on_event(life, event);
    }
    if (checkers_.empty() || (swallow && swallow(event))) {
        return;
    }
    if (event.kind < ClusterEvent::Kind::member_removed) {
        life.told[event.member.uid()] = event.member.status;
    } else if (event.kind == ClusterEvent::Kind::member_removed) {
        life.told.erase(event.member.uid());
        life.told_unreachable.erase(event.member.uid());
    } else if (event.kind == ClusterEvent::Kind::member_unreachable) {
        life.told_unreachable.insert(event.member.uid());
    } else if (event.kind == ClusterEvent::Kind::member_reachable) {
        life.told_unreachable.erase(event.member.uid());
    } else if (event.kind == ClusterEvent::Kind::leader_changed) {
        life.told_leader = event.address;
    }
}

void ClusterSimulation::transmit(Life &life, const SendPacket &packet) {
    ++packets;
    bytes_sent += packet.bytes.size();
    for (size_t at = 0; at < packet.bytes.size(); at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, packet.bytes.data() + at, std::min<size_t>(8, packet.bytes.size() - at));
        record(word);
    }
    const uint32_t to = slot_of(packet.to);
    const auto shared = std::make_shared<const PacketBytes>(tamper ? tampered(packet.bytes) : packet.bytes);
    network.send(life.slot, to, [this, from = life.slot, to, shared] {
        if (alive(to)) {
            reach(to, lives_[to]->machine->self().uid, [this, from, shared](Membership &machine, Now now) {
                machine.on_packet(now, address(from), *shared);
            });
        }
    });
}

PacketBytes ClusterSimulation::tampered(const PacketBytes &bytes) const {
    Result<Packet> packet = decode(bytes);
    Gossip *gossip = packet.ok() ? std::get_if<Gossip>(&packet.value().body) : nullptr;
    if (!gossip) {
        return bytes;
    }
    tamper(*gossip);
    return encode(packet.value());
}

void ClusterSimulation::record(uint64_t value) { history = Random::mix(history ^ value); }

bool ClusterSimulation::agreed() const {
    const Membership *first = nullptr;
    size_t count = 0;
    for (uint32_t slot = 0; slot < size(); ++slot) {
        if (!active(slot)) {
            continue;
        }
        const Membership &machine = *lives_[slot]->machine;
        first = first ? first : &machine;
        ++count;
        const Member *own = machine.state().find(machine.self().uid);
        if (!own || own->status != MemberStatus::up || !machine.unreachable().empty() ||
            !(machine.state().fingerprint() == first->state().fingerprint())) {
            return false;
        }
    }
    return first && first->state().members().size() == count;
}

std::string ClusterSimulation::picture() const {
    std::string text;
    constexpr uint32_t kFew = 10;
    for (uint32_t slot = 0; slot < size(); ++slot) {
        if (size() > kFew && !alive(slot)) {
            continue;
        }
        text += "node " + std::to_string(slot) + (alive(slot) ? (active(slot) ? ":" : ": ended") : ": crashed");
        if (active(slot)) {
            const Membership &machine = *lives_[slot]->machine;
            for (const auto &[uid, member] : machine.state().members()) {
                text += " " + std::to_string(slot_of(member.node.address)) + "=" + status_name(member.status) +
                        (machine.unreachable().count(uid) != 0 ? "!" : "") + (machine.state().has_seen(uid) ? "" : "?");
                for (const Accusation &accusation : member.accusations) {
                    if (const Member *subject = machine.state().find(accusation.subject)) {
                        text += ">" + std::to_string(slot_of(subject->node.address));
                    }
                }
            }
        }
        text += "\n";
    }
    return text;
}

}  // namespace motet
