#include "core/cluster/membership.h"

#include <algorithm>

#include "core/cluster/gossip.h"
#include "core/cluster/reachability.h"
#include "core/cluster/ring.h"

namespace motet {

Membership::Membership(UniqueAddress self, ClusterSettings settings, Random random)
    : self_(std::move(self)), settings_(std::move(settings)), random_(random), state_(self_.uid), join_(settings_.join),
      monitor_(settings_.monitor), stability_(settings_.downing.stable_after) {}

void Membership::start(Now now) {
    started_ = true;
    next_tick_ = now.mono;
    next_heartbeat_ = now.mono + static_cast<Nanos>(random_.below(static_cast<uint64_t>(settings_.monitor.interval)));
    join_.start(self_.address, settings_.seeds, now);
}

std::vector<Effect> Membership::take_effects() { return std::exchange(effects_, {}); }

Nanos Membership::next_deadline() const {
    if (!started_ || ended_) {
        return INT64_MAX;
    }
    return member() ? std::min(next_tick_, next_heartbeat_) : next_tick_;
}

// A node that was itself stopped has missed what others sent: it must not take its own absence for theirs.
void Membership::enter(Now now) {
    if (member() && now.mono > next_deadline() + settings_.pause_guard) {
        log(LogLevel::warning, "this node was stopped or starved for " +
                                   std::to_string((now.mono - next_deadline()) / kMillisecond) +
                                   " ms: it accuses nobody for now");
        monitor_.restart_all(now.mono);
        stability_.restart(now.mono);
    }
}

void Membership::on_packet(Now now, const Address &from, std::span<const uint8_t> bytes) {
    if (!started_ || ended_) {
        return;
    }
    enter(now);
    Result<Packet> packet = decode(bytes);
    if (!packet.ok()) {
        if (ignored_.malformed++ == 0) {
            log(LogLevel::warning, "from " + from.text() + ": " + packet.status().message());
        }
        return;
    }
    handle(now, packet.value(), from);
    settle(now);
}

void Membership::on_timer(Now now) {
    if (!started_ || ended_) {
        return;
    }
    enter(now);
    if (now.mono >= next_tick_) {
        next_tick_ = now.mono + std::min(settings_.gossip_interval, settings_.leader_interval);
        step_join(now);
        if (member()) {
            judge(now);
            settle(now);
        }
        if (member() && !ended_) {
            lead(now);
            resolve_split(now);
            gossip(now);
            state_.expire_tombstones(now.mono);
        }
    }
    if (member() && !ended_ && now.mono >= next_heartbeat_) {
        next_heartbeat_ = now.mono + settings_.monitor.interval;
        heartbeat(now);
    }
    settle(now);
}

// Works out what follows from the state, until nothing more does.
void Membership::settle(Now now) {
    if (ended_ || (settled_ == state_.fingerprint() && !state_.members().empty())) {
        return;
    }
    const Member *own = state_.find(self_.uid);
    if (!own) {
        if (state_.was_removed(self_.uid)) {
            end(true);
        }
        return;
    }
    if (own->gone() || own->status == MemberStatus::exiting) {
        end(own->gone());
        return;
    }
    refute(now);
    unreachable_ = unreachable_members(state_.members(), self_.uid);
    std::erase_if(departed_, [this](uint64_t uid) { return !state_.find(uid); });
    std::set<uint64_t> unfit = unreachable_;
    for (const Accusation &accusation : state_.find(self_.uid)->accusations) {
        unfit.insert(accusation.subject);
    }
    monitor_.watch(subjects_of(self_.uid, state_.members(), cluster_, unfit, settings_.observers), now.mono);
    settled_ = state_.fingerprint();
    for (ClusterEvent &event : events_.update(view())) {
        effects_.push_back(EmitEvent{std::move(event)});
    }
}

// Its own opinions: what the monitor thinks of those it watches, written into this node's entry.
void Membership::judge(Now now) {
    std::vector<Accusation> accusations;
    const std::vector<Accusation> &before = state_.find(self_.uid)->accusations;
    for (const Monitor::Opinion &opinion : monitor_.opinions(now.mono)) {
        const Member *subject = state_.find(opinion.subject);
        if (opinion.alive || !subject || accusations.size() >= kMaxAccusations) {
            continue;
        }
        const auto earlier = std::find_if(before.begin(), before.end(),
                                          [&](const Accusation &a) { return a.subject == opinion.subject; });
        if (earlier == before.end()) {
            accusations.push_back({opinion.subject, subject->incarnation});
        } else if (stands(*earlier, state_.members())) {
            accusations.push_back(*earlier);
        } else {  // it has refuted: it gets a new chance
            monitor_.restart(opinion.subject, now.mono);
        }
    }
    set_accusations(now, std::move(accusations));
}

void Membership::set_accusations(Now now, std::vector<Accusation> accusations) {
    Member own = *state_.find(self_.uid);
    if (own.accusations == accusations) {
        return;
    }
    std::vector<uint64_t> accused;
    for (const Accusation &accusation : accusations) {
        if (std::find(own.accusations.begin(), own.accusations.end(), accusation) == own.accusations.end()) {
            accused.push_back(accusation.subject);
        }
    }
    own.accusations = std::move(accusations);
    ++own.observed;
    state_.apply(own, now.mono);
    for (const uint64_t uid : accused) {  // the accused is told first, so that it can refute
        send(uid, compose_gossip(state_, cluster_));
    }
}

// Against a single accuser a node speaks for itself. When several agree, only they can take it back.
void Membership::refute(Now now) {
    Member own = *state_.find(self_.uid);
    const size_t accusers = accusers_of(self_.uid, state_.members(), self_.uid).size();
    if (accusers == 0 || accusers >= kCorroboration) {
        return;
    }
    for (const auto &[uid, member] : state_.members()) {
        for (const Accusation &accusation : member.accusations) {
            if (accusation.subject == self_.uid) {
                own.incarnation = std::max(own.incarnation, accusation.incarnation + 1);
            }
        }
    }
    state_.apply(own, now.mono);
}

void Membership::lead(Now now) {
    if (now.mono < next_leading_) {
        return;
    }
    next_leading_ = now.mono + settings_.leader_interval;
    if (leader_of(view()) != self_.uid) {
        blocked_since_.reset();
        return;
    }
    std::vector<Member> actions;
    if (converged(view())) {
        blocked_since_.reset();
        actions = leader_actions(view(), settings_.up);
    } else if (unreachable_.empty()) {
        blocked_since_.reset();
    } else {
        blocked_since_ = blocked_since_.value_or(now.mono);
        if (settings_.weakly_up_after >= 0 && now.mono - *blocked_since_ >= settings_.weakly_up_after) {
            actions = weakly_up_actions(view(), settings_.up);
        }
    }
    for (const Member &action : actions) {
        state_.apply(action, now.mono);
    }
}

// Whether this node cannot reach somebody whom the others can, as far as it knows. Then its picture of who is on its
// side is not one to act upon.
bool Membership::has_lone_opinion() const {
    const std::vector<Accusation> &accusations = state_.find(self_.uid)->accusations;
    return std::any_of(accusations.begin(), accusations.end(), [this](const Accusation &accusation) {
        return stands(accusation, state_.members()) && unreachable_.count(accusation.subject) == 0;
    });
}

void Membership::resolve_split(Now now) {
    const bool due = stability_.due(now.mono, state_.members(), unreachable_);
    if (!due || leader_of(view()) != self_.uid || has_lone_opinion()) {
        return;
    }
    std::string names;
    for (const uint64_t uid : decide_downing(settings_.downing, state_.members(), unreachable_)) {
        Member downed = *state_.find(uid);
        downed.status = MemberStatus::down;
        names += (names.empty() ? "" : ", ") + downed.node.address.text();
        state_.apply(downed, now.mono);
    }
    if (!names.empty()) {
        log(LogLevel::warning, "split brain resolver declares down: " + names);
        tell_many(SIZE_MAX);
    }
}

// The last words: what is known, to enough members that it will not be lost, and that this node is gone.
void Membership::end(bool downed) {
    constexpr size_t kConfidants = 16;
    if (!state_.was_removed(self_.uid)) {
        tell_many(kConfidants);
        std::vector<uint64_t> told = others(true);
        for (size_t i = 0; i < std::min(told.size(), kConfidants); ++i) {
            send(told[i], Farewell{});
        }
    }
    ended_ = true;
    unreachable_.clear();
    if (const Member *own = state_.find(self_.uid)) {
        Member removed = *own;
        const MemberStatus previous = own->status;
        removed.status = MemberStatus::removed;
        effects_.push_back(EmitEvent{{ClusterEvent::Kind::member_removed, std::move(removed), previous}});
    }
    effects_.push_back(EndMembership{downed});
}

Status Membership::join(Now now, const Address &address) {
    if (ended_ || member()) {
        return Status(Code::BAD_STATE, ended_ ? "this node has left its cluster; a new life of it can join again"
                                              : "this node is a member of a cluster already");
    }
    if (address.system != self_.address.system || !address.has_host()) {
        return Status(Code::BAD_ADDRESS,
                      address.text() + " is not an address of a node of the system " + self_.address.system);
    }
    join_.start(self_.address, {address}, now);
    next_tick_ = now.mono;
    return {};
}

Status Membership::leave(Now now, const Address &address) {
    if (address == self_.address && !member() && !ended_) {
        join_.cancel();
        end(false);
        return {};
    }
    return change_status(now, address, MemberStatus::leaving);
}

Status Membership::down(Now now, const Address &address) { return change_status(now, address, MemberStatus::down); }

Status Membership::change_status(Now now, const Address &address, MemberStatus status) {
    if (ended_ || !member()) {
        return Status(Code::BAD_STATE, "this node is not a member of a cluster");
    }
    const Member *member = state_.living_at(address);
    if (!member) {
        return Status(Code::NOT_FOUND, address.text() + " is not a member");
    }
    Member next = *member;
    next.status = status;
    if (state_.apply(next, now.mono)) {
        tell_many(3);
        send(next.uid(), compose_gossip(state_, cluster_));
    }
    settle(now);
    return {};
}

void Membership::gossip(Now now) {
    if (now.mono < next_gossip_) {
        return;
    }
    next_gossip_ = now.mono + settings_.gossip_interval;
    const std::vector<uint64_t> targets = others(true);
    std::vector<uint64_t> unaware;
    for (const uint64_t uid : targets) {
        if (state_.seen().count(uid) == 0) {
            unaware.push_back(uid);
        }
    }
    constexpr size_t kFanout = 3;
    size_t packets = kFanout;
    if (unaware.empty()) {
        if (now.mono < next_idle_gossip_) {
            return;
        }
        packets = 1;
    }
    next_idle_gossip_ = now.mono + settings_.idle_interval;
    std::set<uint64_t> chosen;
    for (size_t i = 0; i < packets; ++i) {
        const bool prefer_unaware = !unaware.empty() && random_.unit() < 0.8;
        const std::vector<uint64_t> &pool = prefer_unaware ? unaware : targets;
        if (!pool.empty()) {
            chosen.insert(pool[random_.below(pool.size())]);
        }
    }
    for (const uint64_t uid : chosen) {
        send(uid, compose_gossip(state_, cluster_));
    }
}

void Membership::tell_many(size_t most) {
    std::vector<uint64_t> targets = others(true);
    for (size_t i = 0; i < std::min(most, targets.size()); ++i) {
        std::swap(targets[i], targets[i + random_.below(targets.size() - i)]);
        send(targets[i], compose_gossip(state_, cluster_));
    }
}

void Membership::heartbeat(Now now) {
    for (Monitor::Sending &sending : monitor_.beat(self_.uid, others(true), now.mono, random_)) {
        send(sending.to, std::move(sending.body));
    }
}

std::vector<uint64_t> Membership::others(bool reachable_only) const {
    std::vector<uint64_t> others;
    for (const auto &[uid, member] : state_.members()) {
        if (uid != self_.uid && departed_.count(uid) == 0 && (!reachable_only || unreachable_.count(uid) == 0)) {
            others.push_back(uid);
        }
    }
    return others;
}

void Membership::send(uint64_t uid, Body body) {
    if (const Member *member = state_.find(uid)) {
        send(member->node.address, uid, std::move(body));
    }
}

void Membership::send(const Address &to, uint64_t uid, Body body) {
    effects_.push_back(SendPacket{to, encode({self_.uid, uid, std::move(body)})});
}

}  // namespace motet
