#include "tests/sim/cluster_simulation.h"

#include <utility>

namespace motet {

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

void ClusterSimulation::start(uint32_t slot) {
    Random random = Random::keyed(seed_, 1000 + lives_begun_++);
    const uint64_t uid = random.next();
    auto life = std::make_unique<Life>();
    life->slot = slot;
    life->machine = std::make_unique<Membership>(UniqueAddress{address(slot), uid}, settings_, random);
    lives_[slot] = std::move(life);
    feed(*lives_[slot], [](Membership &machine, Now now) { machine.start(now); });
}

void ClusterSimulation::crash(uint32_t slot) {
    if (lives_[slot]) {
        dead_.push_back(std::move(lives_[slot]));
    }
}

void ClusterSimulation::pause(uint32_t slot) {
    if (alive(slot)) {
        lives_[slot]->paused = true;
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
        feed(life, [](Membership &machine, Now now) { machine.on_timer(now); });
    }
    for (const auto &input : std::exchange(life.waiting, {})) {
        input();
    }
    wake(slot, life.machine->self().uid);
}

void ClusterSimulation::leave(uint32_t slot) {
    feed(*lives_[slot], [this, slot](Membership &machine, Now now) {
        const Status status = machine.leave(now, address(slot));
        (void)status;
    });
}

void ClusterSimulation::feed(Life &life, const Input &input) {
    for (Checker *checker : checkers_) {
        checker->before(life);
    }
    input(*life.machine, scheduler.now());
    const std::vector<Effect> effects = life.machine->take_effects();
    for (const Effect &effect : effects) {
        carry_out(life, effect);
    }
    for (Checker *checker : checkers_) {
        checker->after(life, effects);
    }
    const Nanos deadline = life.machine->next_deadline();
    if (deadline != INT64_MAX) {
        scheduler.at(deadline, [this, slot = life.slot, uid = life.machine->self().uid] { wake(slot, uid); });
    }
}

void ClusterSimulation::wake(uint32_t slot, uint64_t uid) {
    if (is(slot, uid) && !lives_[slot]->paused && scheduler.now().mono >= lives_[slot]->machine->next_deadline()) {
        feed(*lives_[slot], [](Membership &machine, Now now) { machine.on_timer(now); });
    }
}

void ClusterSimulation::carry_out(Life &life, const Effect &effect) {
    record(static_cast<uint64_t>(scheduler.now().mono));
    record(life.slot * 8 + effect.index());
    if (const auto *event = std::get_if<EmitEvent>(&effect)) {
        const ClusterEvent &told = event->event;
        record(static_cast<uint64_t>(told.kind) ^ told.member.uid());
        if (told.kind < ClusterEvent::Kind::member_removed) {
            life.told[told.member.uid()] = told.member.status;
        } else if (told.kind == ClusterEvent::Kind::member_removed) {
            life.told.erase(told.member.uid());
            life.told_unreachable.erase(told.member.uid());
        } else if (told.kind == ClusterEvent::Kind::member_unreachable) {
            life.told_unreachable.insert(told.member.uid());
        } else if (told.kind == ClusterEvent::Kind::member_reachable) {
            life.told_unreachable.erase(told.member.uid());
        } else if (told.kind == ClusterEvent::Kind::leader_changed) {
            life.told_leader = told.address;
        }
    }
    const auto *packet = std::get_if<SendPacket>(&effect);
    if (!packet) {
        return;
    }
    ++packets;
    for (const uint8_t byte : packet->bytes) {
        record(byte);
    }
    const uint32_t to = slot_of(packet->to);
    network.send(life.slot, to, [this, from = address(life.slot), to, bytes = tampered(packet->bytes)] {
        if (!alive(to)) {
            return;
        }
        const uint64_t uid = lives_[to]->machine->self().uid;
        const auto arrive = [this, from, to, uid, bytes] {
            if (is(to, uid)) {
                feed(*lives_[to], [&](Membership &machine, Now now) { machine.on_packet(now, from, bytes); });
            }
        };
        if (lives_[to]->paused) {
            lives_[to]->waiting.push_back(arrive);
        } else {
            arrive();
        }
    });
}

PacketBytes ClusterSimulation::tampered(const PacketBytes &bytes) const {
    Result<Packet> packet = decode(bytes);
    Gossip *gossip = tamper && packet.ok() ? std::get_if<Gossip>(&packet.value().body) : nullptr;
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
    for (uint32_t slot = 0; slot < size(); ++slot) {
        text += "node " + std::to_string(slot) + (alive(slot) ? (active(slot) ? ":" : ": ended") : ": crashed");
        if (active(slot)) {
            const Membership &machine = *lives_[slot]->machine;
            for (const auto &[uid, member] : machine.state().members()) {
                text += " " + std::to_string(slot_of(member.node.address)) + "=" + status_name(member.status) +
                        (machine.unreachable().count(uid) != 0 ? "!" : "") +
                        (machine.state().seen().count(uid) != 0 ? "" : "?");
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
