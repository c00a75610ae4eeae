#include "tests/sim/invariants.h"

#include <algorithm>

#include "core/cluster/reachability.h"

namespace motet {

namespace {

std::pair<uint64_t, uint64_t> key(const Id128 &id) { return {id.high, id.low}; }

}  // namespace

void Invariants::fail(const std::string &name, const std::string &what) {
    if (violations_.size() < 10) {
        violations_.push_back(name + " at " + std::to_string(simulation_.scheduler.now().mono / kMillisecond) +
                              " ms: " + what + "\n" + simulation_.picture());
    }
}

void Invariants::before(const Life &life) {
    const Membership &machine = *life.machine;
    was_member_ = !machine.state().members().empty();
    was_converged_ = was_member_ && converged(machine.view());
    const Member *own = machine.state().find(machine.self().uid);
    accusations_before_ = own ? own->accusations.size() : 0;
}

void Invariants::after(const Life &life, const std::vector<Effect> &effects) {
    const Membership &machine = *life.machine;
    note_fingerprints(machine, effects);
    if (const Member *own = machine.state().find(machine.self().uid)) {
        uint32_t &highest = own_incarnation_[own->uid()];
        highest = std::max(highest, own->incarnation);
    }
    check_packets(effects);
    check_leader_acts_when_converged(life);
    check_lives_go_forward(life);
    check_incarnations_are_the_owners(life);
    check_one_life_per_address(life);
    check_up_numbers_are_unique(life);
    check_equal_fingerprints_mean_equal_states(life);
    check_seen_is_true(life);
    check_no_verdict_after_a_pause(life);
    check_nobody_healthy_is_down(life);
    if (!machine.ended()) {
        check_unreachable_is_corroborated(life);
        check_events_rebuild_the_state(life);
        check_no_two_sides(life);
    }
}

// A machine may have had several within one step; each one it acted upon is in a packet.
void Invariants::note_fingerprints(const Membership &machine, const std::vector<Effect> &effects) {
    std::set<std::pair<uint64_t, uint64_t>> &had = had_[machine.self().uid];
    had.insert(key(machine.state().fingerprint()));
    for (const Effect &effect : effects) {
        const auto *packet = std::get_if<SendPacket>(&effect);
        const Result<Packet> decoded = packet ? decode(packet->bytes) : Result<Packet>(Status(Code::INVALID, ""));
        if (const Gossip *gossip = decoded.ok() ? std::get_if<Gossip>(&decoded.value().body) : nullptr) {
            had.insert(key(gossip->fingerprint));
        }
    }
}

void Invariants::check_lives_go_forward(const Life &life) {
    const Membership &machine = *life.machine;
    for (const auto &[uid, member] : machine.state().members()) {
        const std::pair<uint64_t, uint64_t> edge{machine.self().uid, uid};
        const auto found = known_.find(edge);
        if (found != known_.end() &&
            (member.status < found->second.status || member.incarnation < found->second.incarnation)) {
            fail("lives go forward", member.node.address.text() + " went back to " + status_name(member.status));
        }
        known_[edge] = {member.status, member.incarnation};
    }
    for (auto &[edge, known] : known_) {
        if (edge.first == machine.self().uid && !machine.state().find(edge.second)) {
            known.status = MemberStatus::removed;
        }
    }
}

void Invariants::check_incarnations_are_the_owners(const Life &life) {
    for (const auto &[uid, member] : life.machine->state().members()) {
        if (member.incarnation > own_incarnation_[uid]) {
            fail("only the owner raises an incarnation", member.node.address.text());
        }
    }
}

void Invariants::check_one_life_per_address(const Life &life) {
    std::set<std::string> living;
    for (const auto &[uid, member] : life.machine->state().members()) {
        if (!member.gone() && !living.insert(member.node.address.text()).second && converged(life.machine->view())) {
            fail("one life for each address", member.node.address.text());
        }
    }
}

void Invariants::check_up_numbers_are_unique(const Life &life) {
    std::set<uint32_t> numbers;
    for (const auto &[uid, member] : life.machine->state().members()) {
        if (member.up_number != 0 && !numbers.insert(member.up_number).second) {
            fail("up-numbers are unique", member.node.address.text());
        }
    }
}

void Invariants::check_leader_acts_when_converged(const Life &life) {
    const Membership &machine = *life.machine;
    const bool founds = !was_member_ && machine.state().members().size() == 1;
    const auto check = [&](uint64_t uid, MemberStatus status) {
        const auto found = furthest_.find(uid);
        const MemberStatus before = found == furthest_.end() ? MemberStatus::joining : found->second;
        if (status <= before && found != furthest_.end()) {
            return;
        }
        furthest_[uid] = status;
        const bool leaders_alone =
            status == MemberStatus::up || status == MemberStatus::exiting || status == MemberStatus::removed;
        if (leaders_alone && status > before && !was_converged_ && !founds) {
            fail("a leader acts only when converged", std::string("moved somebody to ") + status_name(status));
        }
    };
    for (const auto &[uid, member] : machine.state().members()) {
        check(uid, member.status);
    }
    for (const auto &[uid, status] : std::map(furthest_)) {
        if (machine.state().was_removed(uid)) {
            check(uid, MemberStatus::removed);
        }
    }
}

void Invariants::check_equal_fingerprints_mean_equal_states(const Life &life) {
    const State &state = life.machine->state();
    const auto [found, fresh] = states_.emplace(key(state.fingerprint()), state.members());
    if (!fresh && found->second != state.members()) {
        fail("equal fingerprints mean equal states", state.fingerprint().text());
    }
}

void Invariants::check_seen_is_true(const Life &life) {
    const State &state = life.machine->state();
    for (const uint64_t uid : state.seen()) {
        if (had_[uid].count(key(state.fingerprint())) == 0) {
            fail("seen is true", "uid " + std::to_string(uid));
        }
    }
}

void Invariants::check_packets(const std::vector<Effect> &effects) {
    for (const Effect &effect : effects) {
        const auto *packet = std::get_if<SendPacket>(&effect);
        if (packet && (packet->bytes.size() > kMaxPacket || !decode(packet->bytes).ok())) {
            fail("packets are small and well formed", std::to_string(packet->bytes.size()) + " bytes");
        }
    }
}

// Written from the other end than unreachable_members(): whoever is unreachable must have two accusers, or this node
// accuses it and has nobody left who could agree or disagree.
void Invariants::check_unreachable_is_corroborated(const Life &life) {
    const Membership &machine = *life.machine;
    const Members &members = machine.state().members();
    const Member *self = machine.state().find(machine.self().uid);
    for (const uint64_t subject : machine.unreachable()) {
        const auto accuses = [subject](const Member &observer) {
            return std::any_of(observer.accusations.begin(), observer.accusations.end(),
                               [subject](const Accusation &a) { return a.subject == subject; });
        };
        size_t accusers = 0;
        size_t others_left = 0;
        for (const auto &[uid, member] : members) {
            accusers += accuses(member) ? 1 : 0;
            const bool accused_by_self =
                self && std::any_of(self->accusations.begin(), self->accusations.end(),
                                    [uid = uid](const Accusation &a) { return a.subject == uid; });
            others_left +=
                uid != machine.self().uid && uid != subject && member.status < MemberStatus::leaving && !accused_by_self
                    ? 1
                    : 0;
        }
        const bool alone = self && accuses(*self) && others_left == 0;
        if (accusers < kCorroboration && !alone) {
            fail("unreachable is corroborated", "uid " + std::to_string(subject));
        }
    }
}

void Invariants::check_no_verdict_after_a_pause(const Life &life) {
    const Membership &machine = *life.machine;
    const Member *own = machine.state().find(machine.self().uid);
    const bool just_back = life.resumed_at >= 0 && simulation_.scheduler.now().mono - life.resumed_at < 1 * kSecond;
    if (just_back && own && own->accusations.size() > accusations_before_) {
        fail("who was stopped accuses nobody", own->node.address.text());
    }
}

void Invariants::check_events_rebuild_the_state(const Life &life) {
    const Membership &machine = *life.machine;
    std::map<uint64_t, MemberStatus> present;
    for (const auto &[uid, member] : machine.state().members()) {
        present[uid] = member.status;
    }
    std::optional<Address> leader;
    if (const auto uid = leader_of(machine.view())) {
        leader = machine.state().find(*uid)->node.address;
    }
    if (present != life.told || machine.unreachable() != life.told_unreachable || !(leader == life.told_leader)) {
        fail("events rebuild the state", machine.self().address.text());
    }
}

void Invariants::check_no_two_sides(const Life &life) {
    const Membership &machine = *life.machine;
    const auto has_given_up = [](const Membership &one, uint64_t other) {
        const Member *member = one.state().find(other);
        return member ? member->gone() : one.state().was_removed(other);
    };
    for (uint32_t slot = 0; slot < simulation_.size(); ++slot) {
        if (!simulation_.active(slot) || slot == life.slot) {
            continue;
        }
        const Membership &other = *simulation_.life(slot).machine;
        const bool both = machine.state().find(machine.self().uid) && other.state().find(other.self().uid);
        if (both && has_given_up(machine, other.self().uid) && has_given_up(other, machine.self().uid)) {
            fail("never two surviving sides", machine.self().address.text() + " and " + other.self().address.text());
        }
    }
}

void Invariants::check_nobody_healthy_is_down(const Life &life) {
    for (const auto &[uid, member] : life.machine->state().members()) {
        const uint32_t slot = member.node.address.port - 1000u;
        if (member.status == MemberStatus::down && never_down_.count(slot) != 0) {
            fail("nobody healthy is declared down", member.node.address.text());
        }
    }
}

}  // namespace motet
