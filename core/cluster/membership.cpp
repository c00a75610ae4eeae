#include "core/cluster/membership.h"

#include <algorithm>

#include "core/cluster/gossip.h"
#include "core/cluster/reachability.h"
#include "core/cluster/ring.h"

namespace motet {

using Reason = IgnoredPackets::Reason;

Membership::Membership(UniqueAddress self, ClusterSettings settings, Random random)
    : self_(std::move(self)), settings_(std::move(settings)), random_(random), state_(self_.uid), join_(settings_.join),
      monitor_(settings_.monitor),
      resolver_(settings_.downing, settings_.monitor.interval, settings_.monitor.phi.acceptable_pause),
      damping_(settings_.flap_damping) {}

void Membership::start(Now now) {
    started_ = true;
    next_tick_ = now.mono;
    next_heartbeat_ = now.mono + static_cast<Nanos>(random_.below(static_cast<uint64_t>(settings_.monitor.interval)));
    if (settings_.join.discovery_interval > 0) {
        join_.start_discovery(now);
    } else {
        join_.start(self_.address, settings_.seeds, now);
    }
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
        resolver_.restart(now.mono + monitor_.time_to_notice());
    }
}

void Membership::on_packet(Now now, const Address &from, std::span<const uint8_t> bytes) {
    if (!started_ || ended_) {
        return;
    }
    enter(now);
    Result<Packet> packet = decode(bytes);
    if (!packet.ok()) {
        const Code code = packet.status().code();
        ignore(now,
               code == Code::TOO_LARGE          ? Reason::oversized
               : code == Code::VERSION_MISMATCH ? Reason::unknown_kind
                                                : Reason::malformed,
               from, packet.status().message());
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
            resolve_split(now, resolver_.step(now, view()));
            gossip(now);
            seek(now);
            state_.expire_tombstones(now.mono);
            if (std::optional<ClusterEvent> blocked = convergence_watch_.update(now.mono, view())) {
                effects_.emplace_back(EmitEvent{std::move(*blocked)});
            }
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
    const bool waits = held_since_ || damping_.holding();
    if (ended_ || (settled_ == state_.fingerprint() && !waits && !state_.members().empty())) {
        return;
    }
    const Member *own = state_.find(self_.uid);
    if (!own) {
        if (state_.was_removed(self_.uid)) {
            end(true);
        }
        return;
    }
    const bool exiting = own->status == MemberStatus::exiting;
    if (own->gone() || (exiting && exit_confirmed_)) {
        end(own->gone());
        return;
    }
    if (exiting && !std::exchange(exiting_, true)) {
        effects_.emplace_back(BeginExit{});
    }
    refute(now);
    unreachable_ = hold_back(now, unreachable_members(state_, self_.uid));
    std::erase_if(departed_, [this](uint64_t uid) { return !state_.find(uid); });
    std::set<uint64_t> unfit = unreachable_;
    for (const Accusation &accusation : state_.find(self_.uid)->accusations) {
        unfit.insert(accusation.subject);
    }
    monitor_.watch(subjects_of(self_.uid, state_.members(), unfit, settings_.observers), now.mono);
    settled_ = state_.fingerprint();
    for (ClusterEvent &event : events_.update(view(), damp(now))) {
        effects_.emplace_back(EmitEvent{std::move(event)});
    }
}

// Who is told as unreachable.
std::set<uint64_t> Membership::damp(Now now) {
    std::vector<FlapDamping::Hold> holds;
    std::set<uint64_t> told = damping_.update(now.mono, state_, unreachable_, holds);
    for (const FlapDamping::Hold &hold : holds) {
        log(LogLevel::warning,
            state_.find(hold.uid)->node.address.text() + " has returned " + std::to_string(hold.returns) +
                " times in a row, none after long: it is told as reachable when it has been so for " +
                std::to_string(hold.duration / kMillisecond) + " ms");
    }
    return told;
}

// Those that fail at once are told at once: who is newly unreachable is held back for a short time, as long as somebody
// else is accused who may soon be so too.
std::set<uint64_t> Membership::hold_back(Now now, std::set<uint64_t> unreachable) {
    constexpr Nanos kLongest = 1 * kSecond;
    const bool any_new =
        !std::includes(unreachable_.begin(), unreachable_.end(), unreachable.begin(), unreachable.end());
    held_since_ = any_new ? std::optional<Nanos>(held_since_.value_or(now.mono)) : std::nullopt;
    if (any_new && now.mono - *held_since_ < kLongest && any_suspected(state_, self_.uid, unreachable)) {
        std::erase_if(unreachable, [this](uint64_t uid) { return unreachable_.count(uid) == 0; });
        return unreachable;
    }
    held_since_.reset();
    return unreachable;
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
            const auto silence = static_cast<uint32_t>(std::min<Nanos>(opinion.silence / kMillisecond, kMaxSilence));
            accusations.push_back({opinion.subject, subject->incarnation, silence});
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
    const size_t accusers = accusers_of(self_.uid, state_, self_.uid).size();
    if (accusers == 0 || accusers >= kCorroboration) {
        return;
    }
    Member own = *state_.find(self_.uid);
    for (const uint64_t uid : state_.accusing()) {
        for (const Accusation &accusation : state_.find(uid)->accusations) {
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

void Membership::on_lease(Now now, bool granted) {
    if (member() && !ended_) {
        resolve_split(now, resolver_.lease_answered(now, view(), granted));
        settle(now);
    } else if (granted) {
        effects_.emplace_back(ReleaseLease{});
    }
}

void Membership::resolve_split(Now now, SplitBrainResolver::Step step) {
    if (step.acquire) {
        effects_.emplace_back(AcquireLease{});
    }
    if (step.release) {
        effects_.emplace_back(ReleaseLease{});
    }
    std::string names;
    for (const uint64_t uid : step.down) {
        Member downed = *state_.find(uid);
        downed.status = MemberStatus::down;
        names += (names.empty() ? "" : ", ") + downed.node.address.text();
        state_.apply(downed, now.mono);
    }
    if (!names.empty()) {
        log(LogLevel::warning, "split brain resolver, " + step.why + ": declares down " + names);
        tell_many(SIZE_MAX);
    }
}

// The last words: what is known, to enough members that it will not be lost, and that this node is gone.
void Membership::end(bool downed) {
    constexpr size_t kConfidants = 16;
    if (!state_.was_removed(self_.uid)) {
        tell_many(kConfidants);
        std::vector<uint64_t> told = others();
        for (size_t i = 0; i < std::min(told.size(), kConfidants); ++i) {
            send(told[i], Farewell{});
        }
    }
    ended_ = true;
    unreachable_.clear();
    ClusterEvent shutting_down{ClusterEvent::Kind::shutting_down};
    shutting_down.downed = downed;
    effects_.emplace_back(EmitEvent{std::move(shutting_down)});
    if (const Member *own = state_.find(self_.uid)) {
        Member removed = *own;
        const MemberStatus previous = own->status;
        removed.status = MemberStatus::removed;
        effects_.emplace_back(EmitEvent{{ClusterEvent::Kind::member_removed, std::move(removed), previous}});
    }
    effects_.emplace_back(EndMembership{downed});
}

Status Membership::join(Now now, const std::vector<Address> &seeds) {
    if (ended_ || member()) {
        return Status(Code::BAD_STATE, ended_ ? "this node has left its cluster; a new life of it can join again"
                                              : "this node is a member of a cluster already");
    }
    if (seeds.empty()) {
        return Status(Code::BAD_ADDRESS,
                      "no seed nodes to join; expected at least one address of a node of the system " +
                          self_.address.system);
    }
    if (Status status = check_seeds(seeds, self_.address); !status.ok()) {
        return status;
    }
    join_.start(self_.address, seeds, now);
    next_tick_ = now.mono;
    return {};
}

void Membership::discovered(Now now, std::vector<Address> addresses) {
    join_.discovered(self_.address, std::move(addresses), now);
}

Status Membership::leave(Now now, const Address &address) {
    if (address == self_.address && !member() && !ended_) {
        join_.cancel();
        end(false);
        return {};
    }
    return change_status(now, address, MemberStatus::leaving);
}

void Membership::confirm_exit() {
    exit_confirmed_ = true;
    if (exiting_ && !ended_) {
        end(false);
    }
}

Status Membership::down(Now now, const Address &address) { return change_status(now, address, MemberStatus::down); }

Status Membership::prepare_for_shutdown(Now now) {
    if (ended_ || !member()) {
        return Status(Code::BAD_STATE, "this node is not a member of a cluster");
    }
    std::vector<Member> up;
    for (const auto &[uid, member] : state_.members()) {
        if (member.status == MemberStatus::up) {
            up.push_back(member);
        }
    }
    for (Member &member : up) {
        member.status = MemberStatus::preparing_for_shutdown;
        state_.apply(member, now.mono);
    }
    tell_many(3);
    settle(now);
    return {};
}

ClusterSnapshot Membership::snapshot() const {
    ClusterSnapshot snapshot = events_.snapshot();
    snapshot.self = self_;
    snapshot.cluster = cluster_;
    snapshot.seen = state_.seen();
    snapshot.blockers = convergence_blockers(view());
    snapshot.ignored = ignored_.counts();
    return snapshot;
}

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
    differences_told_ = 0;
    std::vector<uint64_t> unaware = state_.unaware();
    std::erase_if(unaware, [this](uint64_t uid) { return !is_target(uid); });
    constexpr size_t kFanout = 3;
    size_t packets = kFanout;
    if (unaware.empty()) {
        if (now.mono < next_idle_gossip_) {
            return;
        }
        packets = 1;
    }
    next_idle_gossip_ = now.mono + settings_.idle_interval;
    const std::vector<uint64_t> targets = others();
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
    tell_unreachable();
}

// Those who are unreachable may only be so because what would clear them has not come through.
void Membership::tell_unreachable() {
    if (!unreachable_.empty()) {
        const auto skipped = static_cast<ptrdiff_t>(random_.below(unreachable_.size()));
        send(*std::next(unreachable_.begin(), skipped), compose_gossip(state_, cluster_));
    }
}

// Those whom nobody speaks to any more are tried for ever, by one member of the whole cluster at a time: a removed node
// that lives learns that it is removed, and a seed without a cluster that there is one.
void Membership::seek(Now now) {
    constexpr Nanos kInterval = 6 * kSecond;
    if (now.mono < next_seeking_) {
        return;
    }
    next_seeking_ = now.mono + kInterval / 2 + static_cast<Nanos>(random_.below(kInterval));
    if (random_.below(state_.members().size()) != 0) {
        return;
    }
    std::vector<UniqueAddress> lost = state_.removed_places();
    for (const Address &seed : settings_.seeds) {
        if (!(seed == self_.address) && !state_.living_at(seed)) {
            lost.push_back({seed, 0});
        }
    }
    if (lost.empty()) {
        return;
    }
    const UniqueAddress &place = lost[random_.below(lost.size())];
    if (place.uid == 0) {
        send(place.address, 0, Hello{kClusterProtocol, self_.address.system, cluster_});
    } else {
        send(place.address, place.uid, compose_gossip(state_, cluster_));
    }
}

void Membership::tell_many(size_t most) {
    std::vector<uint64_t> targets = others();
    for (size_t i = 0; i < std::min(most, targets.size()); ++i) {
        std::swap(targets[i], targets[i + random_.below(targets.size() - i)]);
        send(targets[i], compose_gossip(state_, cluster_));
    }
}

void Membership::heartbeat(Now now) {
    const bool help_needed = monitor_.misses_any(now.mono);
    const std::vector<uint64_t> helpers = help_needed ? others() : std::vector<uint64_t>();
    for (Monitor::Sending &sending : monitor_.beat(self_.uid, helpers, now.mono, random_)) {
        send(sending.to, std::move(sending.body));
    }
}

bool Membership::is_target(uint64_t uid) const {
    return uid != self_.uid && departed_.count(uid) == 0 && unreachable_.count(uid) == 0;
}

std::vector<uint64_t> Membership::others() const {
    std::vector<uint64_t> others;
    std::copy_if(state_.uids().begin(), state_.uids().end(), std::back_inserter(others),
                 [this](uint64_t uid) { return is_target(uid); });
    return others;
}

void Membership::send(uint64_t uid, Body body) {
    if (const Member *member = state_.find(uid)) {
        send(member->node.address, uid, std::move(body));
    }
}

void Membership::send(const Address &to, uint64_t uid, Body body) {
    effects_.emplace_back(SendPacket{to, encode({self_.uid, uid, std::move(body)})});
}

}  // namespace motet
