#include "tests/sim/invariants.h"

#include <algorithm>

#include "core/cluster/reachability.h"

namespace motet {

namespace {

constexpr size_t kMostViolations = 10;

std::pair<uint64_t, uint64_t> key(const Id128 &id) { return {id.high, id.low}; }

// Over everything in a state, and written from the other end than Member::digest().
uint64_t hash_of(const Members &members) {
    const std::hash<std::string> text;
    uint64_t hash = 0;
    const auto add = [&hash](uint64_t value) { hash = hash * 0x100000001b3u + value + 1; };
    for (const auto &[uid, member] : members) {
        add(uid);
        add(text(member.node.address.text()));
        add(static_cast<uint64_t>(member.status));
        add(member.incarnation);
        add(member.up_number);
        add(text(member.version));
        for (const std::string &role : member.roles) {
            add(text(role));
        }
        add(member.observed);
        for (const Accusation &accusation : member.accusations) {
            add(accusation.subject);
            add(accusation.incarnation);
        }
    }
    return hash;
}

// The lifecycle: what may directly follow upon a status.
bool may_follow(MemberStatus before, MemberStatus after) {
    using enum MemberStatus;
    switch (after) {
    case joining:
        return false;
    case weakly_up:
        return before == joining;
    case up:
        return before <= weakly_up;
    case preparing_for_shutdown:
        return before == up;
    case ready_for_shutdown:
        return before == preparing_for_shutdown;
    case leaving:
        return before <= ready_for_shutdown;
    case exiting:
        return before == leaving;
    case down:
        return before <= exiting;
    case removed:
        return before == exiting || before == down;
    }
    return false;
}

}  // namespace

std::string Violation::text() const { return invariant + " at " + std::to_string(at / kMillisecond) + " ms: " + what; }

void Invariants::fail(const std::string &invariant, const std::string &what) {
    if (violations_.size() < kMostViolations) {
        violations_.push_back({invariant, simulation_.scheduler.now().mono, what + "\n" + simulation_.picture()});
    }
}

void Invariants::never_down(std::set<uint32_t> slots) {
    never_down_ = [this, slots = std::move(slots)](const Member &member, const Membership &) {
        return slots.count(simulation_.slot_of(member.node.address)) != 0;
    };
}

void Invariants::before(const Life &life, bool timer) {
    const Membership &machine = *life.machine;
    fingerprint_before_ = machine.state().fingerprint();
    const Member *own = machine.state().find(machine.self().uid);
    accusations_before_ = own ? own->accusations.size() : 0;
    was_member_ = own != nullptr;
    // Leaders and resolvers act when a timer calls them.
    was_converged_ = timer && was_member_ && converged(machine.view());
    const Members &members = machine.state().members();
    were_moving_ =
        timer && !machine.unreachable().empty() && std::any_of(members.begin(), members.end(), [](const auto &entry) {
            return !entry.second.gone() && entry.second.status != MemberStatus::up;
        });
}

bool Invariants::is_checked_wholly() {
    constexpr uint64_t kWholly = 100;
    return simulation_.size() <= kWholly || ++transitions_ % (simulation_.size() / kWholly * 4) == 0;
}

void Invariants::after(const Life &life, const std::vector<Effect> &effects) {
    const Membership &machine = *life.machine;
    const State &state = machine.state();
    Observer &observer = observers_[machine.self().uid];
    check_packets(life, effects);
    const bool changed = !(state.fingerprint() == fingerprint_before_) || !(state.fingerprint() == observer.checked);
    const bool wholly = (changed || state.seen_count() != observer.checked_seen ||
                         machine.unreachable() != observer.checked_unreachable) &&
                        is_checked_wholly();
    if (changed) {
        note_fingerprints(machine, effects);
        if (const Member *own = state.find(machine.self().uid)) {
            observer.incarnation = std::max(observer.incarnation, own->incarnation);
        }
        check_changed(life);
        check_no_verdict_after_a_pause(life);
    }
    if (wholly) {
        check_unique(life);
        check_equal_fingerprints_mean_equal_states(life);
        check_seen_is_true(life);
    }
    if (wholly && !machine.ended()) {
        check_unreachable_is_corroborated(life);
        check_events_rebuild_the_state(life);
        check_no_two_sides(life);
    }
    if (!machine.ended()) {
        check_returns_are_told(life, observer);
    }
    observer.checked = state.fingerprint();
    observer.checked_changes = state.changes();
    observer.checked_seen = state.seen_count();
    observer.checked_unreachable = machine.unreachable();
}

// A machine may have had several within one step; each one it acted upon is in a packet.
void Invariants::note_fingerprints(const Membership &machine, const std::vector<Effect> &effects) {
    std::set<std::pair<uint64_t, uint64_t>> &had = observers_[machine.self().uid].had;
    had.insert(key(machine.state().fingerprint()));
    for (const Effect &effect : effects) {
        const auto *packet = std::get_if<SendPacket>(&effect);
        const Result<Packet> decoded = packet ? decode(packet->bytes) : Result<Packet>(Status(Code::INVALID, ""));
        if (const Gossip *gossip = decoded.ok() ? std::get_if<Gossip>(&decoded.value().body) : nullptr) {
            had.insert(key(gossip->fingerprint));
        }
    }
}

// Who sees a status first is who brought it about.
void Invariants::check_changed(const Life &life) {
    const State &state = life.machine->state();
    const uint64_t before = observers_[life.machine->self().uid].checked_changes;
    if (state.changes() < before) {
        fail("lives go forward", life.machine->self().address.text() + " has forgotten what it knew");
    }
    state.each_change_since(before, [&](const Member &member) {
        check_move(life, member);
        check_member(life, member);
        return true;
    });
}

void Invariants::check_member(const Life &life, const Member &member) {
    std::unordered_map<uint64_t, Known> &known = observers_[life.machine->self().uid].known;
    const auto [found, fresh] = known.try_emplace(member.uid(), Known{member.status, member.incarnation});
    const bool back =
        member.status < found->second.status || (!member.removed() && member.incarnation < found->second.incarnation);
    if (!fresh && back) {
        fail("lives go forward", member.node.address.text() + " went back to " + status_name(member.status));
    }
    found->second = {member.status, member.incarnation};
    const auto owner = observers_.find(member.uid());
    if (owner == observers_.end() || member.incarnation > owner->second.incarnation) {
        fail("only the owner raises an incarnation", member.node.address.text());
    }
}

void Invariants::check_unique(const Life &life) {
    const Membership &machine = *life.machine;
    const bool one_life = !limits.two_lives_until_converged || converged(machine.view());
    std::unordered_set<uint32_t> living;
    std::unordered_set<uint32_t> numbers;
    for (const auto &[uid, member] : machine.state().members()) {
        if (one_life && !member.gone() && !living.insert(simulation_.slot_of(member.node.address)).second) {
            fail("one life for each address", member.node.address.text());
        }
        if (member.up_number != 0 && !numbers.insert(member.up_number).second) {
            fail("up-numbers are unique", member.node.address.text());
        }
    }
}

void Invariants::check_move(const Life &life, const Member &member) {
    const auto [found, fresh] = furthest_.try_emplace(member.uid(), MemberStatus::joining);
    const MemberStatus before = found->second;
    const MemberStatus after = member.status;
    if (after <= before) {
        return;
    }
    found->second = after;
    const bool founds = !was_member_ && life.machine->state().members().size() == 1;
    const bool leaders_alone =
        after == MemberStatus::up || after == MemberStatus::exiting || after == MemberStatus::removed;
    if (leaders_alone && !was_converged_ && !founds) {
        fail("a leader acts only when converged", std::string("moved somebody to ") + status_name(after));
    }
    if (!may_follow(before, after)) {
        fail("statuses follow the lifecycle",
             member.node.address.text() + " went from " + status_name(before) + " to " + status_name(after));
    }
    const Member *successor = life.machine->state().living_at(member.node.address);
    const bool replaced = successor && successor->uid() != member.uid();
    if (after == MemberStatus::down && !replaced && !were_moving_ && never_down_ &&
        never_down_(member, *life.machine)) {
        fail("nobody healthy is declared down",
             member.node.address.text() + " was, by " + life.machine->self().address.text());
    }
}

void Invariants::check_equal_fingerprints_mean_equal_states(const Life &life) {
    const State &state = life.machine->state();
    const uint64_t mask = limits.fingerprint_bits >= 64 ? UINT64_MAX : (uint64_t{1} << limits.fingerprint_bits) - 1;
    const std::pair<uint64_t, uint64_t> fingerprint{state.fingerprint().high & mask, state.fingerprint().low & mask};
    const uint64_t hash = hash_of(state.members());
    const auto [found, fresh] = states_.emplace(fingerprint, hash);
    if (!fresh && found->second != hash) {
        fail("equal fingerprints mean equal states", state.fingerprint().text());
    }
}

void Invariants::check_seen_is_true(const Life &life) {
    const State &state = life.machine->state();
    for (const uint64_t uid : state.seen()) {
        if (observers_[uid].had.count(key(state.fingerprint())) == 0) {
            fail("seen is true", life.machine->self().address.text() + " says so of uid " + std::to_string(uid));
        }
    }
}

void Invariants::check_packets(const Life &life, const std::vector<Effect> &effects) {
    for (const Effect &effect : effects) {
        const auto *packet = std::get_if<SendPacket>(&effect);
        if (packet && packet->bytes.size() > limits.packet) {
            fail("packets are small", std::to_string(packet->bytes.size()) + " bytes");
        }
    }
    using enum IgnoredPackets::Reason;
    for (const IgnoredPackets::Reason reason : {malformed, oversized, unknown_kind}) {
        if (life.machine->ignored().count(reason) > 0 && !simulation_.tamper) {
            fail("packets are well formed", "one that reached " + life.machine->self().address.text() + " is not");
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
        if (accusers < limits.accusers && !alone) {
            fail("unreachable is corroborated", "uid " + std::to_string(subject));
        }
    }
}

void Invariants::check_no_verdict_after_a_pause(const Life &life) {
    const Membership &machine = *life.machine;
    const Member *own = machine.state().find(machine.self().uid);
    const bool just_back = life.resumed_at - life.paused_at > limits.stop &&
                           simulation_.scheduler.now().mono - life.resumed_at < 1 * kSecond;
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
    const bool all_told = std::includes(life.told_unreachable.begin(), life.told_unreachable.end(),
                                        machine.unreachable().begin(), machine.unreachable().end());
    if (present != life.told || !all_told || !(leader == life.told_leader)) {
        fail("events rebuild the state", machine.self().address.text());
    }
}

// Written from the other end than FlapDamping: a first return is told at once; a second one within five minutes may be
// held back for two seconds, each further one for twice as long. All by the node's own clock.
void Invariants::check_returns_are_told(const Life &life, Observer &observer) {
    constexpr Nanos kTogether = 300 * kSecond;
    const Membership &machine = *life.machine;
    const Nanos now = life.clock.local(simulation_.scheduler.now().mono);
    for (const uint64_t uid : machine.unreachable()) {
        observer.returns[uid].away = true;
    }
    for (auto &[uid, returns] : observer.returns) {
        if (machine.unreachable().count(uid) != 0) {
            continue;
        }
        if (std::exchange(returns.away, false)) {
            returns.count = returns.count > 0 && now - returns.last <= kTogether ? returns.count + 1 : 1;
            returns.last = now;
        }
        const Nanos allowed =
            returns.count < 2 ? 0 : std::min(2 * kSecond << std::min(returns.count - 2, 30), limits.hold);
        if (life.told_unreachable.count(uid) != 0 && now - returns.last >= allowed) {
            fail("a return is told in time", "uid " + std::to_string(uid));
        }
    }
}

// Who is on both sides will soon tell one of them.
bool Invariants::have_in_common(const Membership &one, const Membership &other) const {
    const Members &members = one.state().members();
    return std::any_of(members.begin(), members.end(), [&](const auto &entry) {
        const Member *seen_by_other = other.state().find(entry.first);
        const uint32_t slot = simulation_.slot_of(entry.second.node.address);
        return !entry.second.gone() && seen_by_other && !seen_by_other->gone() && simulation_.active(slot) &&
               simulation_.life(slot).machine->self().uid == entry.first;
    });
}

void Invariants::check_no_two_sides(const Life &life) {
    const Membership &machine = *life.machine;
    const auto has_given_up = [](const Membership &one, uint64_t other) {
        const Member *member = one.state().find(other);
        return member ? member->gone() : one.state().was_removed(other);
    };
    for (uint32_t slot = 0; !two_sides_allowed_ && slot < simulation_.size(); ++slot) {
        if (!simulation_.active(slot) || slot == life.slot) {
            continue;
        }
        const Membership &other = *simulation_.life(slot).machine;
        const bool both = machine.state().find(machine.self().uid) && other.state().find(other.self().uid);
        if (both && has_given_up(machine, other.self().uid) && has_given_up(other, machine.self().uid) &&
            !have_in_common(machine, other)) {
            fail("never two surviving sides", machine.self().address.text() + " and " + other.self().address.text());
        }
    }
}

}  // namespace motet
