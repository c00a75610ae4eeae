#include "core/cluster/events.h"

#include <algorithm>

#include "core/cluster/reachability.h"

namespace motet {

namespace {

using Kind = ClusterEvent::Kind;

Kind kind_of(MemberStatus status) {
    switch (status) {
    case MemberStatus::joining:
        return Kind::member_joined;
    case MemberStatus::weakly_up:
        return Kind::member_weakly_up;
    case MemberStatus::up:
        return Kind::member_up;
    case MemberStatus::preparing_for_shutdown:
        return Kind::member_preparing_for_shutdown;
    case MemberStatus::ready_for_shutdown:
        return Kind::member_ready_for_shutdown;
    case MemberStatus::leaving:
        return Kind::member_left;
    case MemberStatus::exiting:
        return Kind::member_exited;
    case MemberStatus::down:
        return Kind::member_downed;
    case MemberStatus::removed:
        break;
    }
    return Kind::member_removed;
}

ClusterEvent leader_event(const std::optional<Address> &leader) {
    ClusterEvent event{Kind::leader_changed};
    event.address = leader;
    return event;
}

ClusterEvent role_leader_event(const std::string &role, const std::optional<Address> &leader) {
    ClusterEvent event{Kind::role_leader_changed};
    event.role = role;
    event.address = leader;
    return event;
}

}  // namespace

std::vector<ClusterEvent> EventSource::update(const View &view, const std::set<uint64_t> &unreachable) {
    std::vector<ClusterEvent> events;
    std::vector<const Member *> changed;
    view.state.each_change_since(told_changes_, [&changed](const Member &member) {
        changed.push_back(&member);
        return true;
    });
    told_changes_ = view.state.changes();
    std::sort(changed.begin(), changed.end(), AddressOrder());
    tell_removed(changed, events);
    tell_statuses(changed, events);
    tell_reachability(unreachable, events);
    tell_leaders(view, changed, events);
    return events;
}

void EventSource::tell_leaders(const View &view, const std::vector<const Member *> &changed,
                               std::vector<ClusterEvent> &events) {
    const auto address_of_leader = [&](std::string_view role) {
        const std::optional<uint64_t> uid = leader_of(view, role);
        return uid ? std::optional<Address>(view.state.find(*uid)->node.address) : std::nullopt;
    };
    if (std::optional<Address> leader = address_of_leader({}); !(leader == leader_)) {
        leader_ = leader;
        events.push_back(leader_event(leader));
    }
    std::set<std::string> roles;
    for (const Member *member : changed) {
        roles.insert(member->roles.begin(), member->roles.end());
    }
    for (const auto &[role, leader] : role_leaders_) {
        roles.insert(role);
    }
    for (const std::string &role : roles) {
        const std::optional<Address> leader = address_of_leader(role);
        const auto known = role_leaders_.find(role);
        if (leader == (known == role_leaders_.end() ? std::nullopt : std::optional<Address>(known->second))) {
            continue;
        }
        events.push_back(role_leader_event(role, leader));
        if (leader) {
            role_leaders_[role] = *leader;
        } else {
            role_leaders_.erase(role);
        }
    }
}

void EventSource::tell_removed(const std::vector<const Member *> &changed, std::vector<ClusterEvent> &events) {
    for (const Member *now : changed) {
        const auto at = told_.find(now->node);
        if (!now->removed() || at == told_.end()) {
            continue;
        }
        Member member = at->second;
        const MemberStatus previous = member.status;
        member.status = MemberStatus::removed;
        unreachable_.erase(member.uid());
        events.push_back({Kind::member_removed, std::move(member), previous});
        told_.erase(at);
    }
}

void EventSource::tell_statuses(const std::vector<const Member *> &changed, std::vector<ClusterEvent> &events) {
    for (const Member *member : changed) {
        if (member->removed()) {
            continue;
        }
        const auto found = told_.find(member->node);
        if (found == told_.end()) {
            events.push_back({kind_of(member->status), *member, std::nullopt});
        } else if (found->second.status != member->status) {
            events.push_back({kind_of(member->status), *member, found->second.status});
        }
        told_[member->node] = *member;
    }
}

void EventSource::tell_reachability(const std::set<uint64_t> &unreachable, std::vector<ClusterEvent> &events) {
    if (unreachable_ == unreachable) {
        return;
    }
    for (const bool reachable : {false, true}) {
        for (const auto &[node, member] : told_) {
            const bool was = unreachable_.count(member.uid()) == 0;
            if (was == reachable || (unreachable.count(member.uid()) == 0) != reachable) {
                continue;
            }
            const Kind kind = reachable ? Kind::member_reachable : Kind::member_unreachable;
            events.push_back({kind, member, member.status});
        }
    }
    unreachable_ = unreachable;
}

ClusterSnapshot EventSource::snapshot() const {
    ClusterSnapshot snapshot;
    for (const auto &[node, member] : told_) {
        snapshot.members.push_back(member);
    }
    snapshot.unreachable = unreachable_;
    snapshot.leader = leader_;
    snapshot.role_leaders = role_leaders_;
    return snapshot;
}

std::string Suspicion::reason() const {
    return "nothing came from it for " + std::to_string(silence_ms) +
           " ms, neither to its observer nor by way of others";
}

const Member *ClusterSnapshot::own() const {
    const auto found = std::find_if(members.begin(), members.end(), [this](const Member &m) { return m.node == self; });
    return found == members.end() ? nullptr : &*found;
}

const Member *ClusterSnapshot::find(const Address &address) const {
    const Member *found = nullptr;
    for (const Member &member : members) {
        if (member.node.address == address && (!found || found->gone())) {
            found = &member;
        }
    }
    return found;
}

std::vector<Suspicion> ClusterSnapshot::suspicions() const {
    Members by_uid;
    for (const Member &member : members) {
        by_uid[member.uid()] = member;
    }
    std::vector<Suspicion> suspicions;
    for (const Member &observer : members) {
        for (const Accusation &accusation : observer.accusations) {
            if (stands(accusation, by_uid)) {
                suspicions.push_back(
                    {observer.node.address, by_uid[accusation.subject].node.address, accusation.silence_ms});
            }
        }
    }
    return suspicions;
}

std::vector<ClusterEvent> events_leading_to(const ClusterSnapshot &snapshot) {
    std::vector<ClusterEvent> events;
    for (const Member &member : snapshot.members) {
        events.push_back({kind_of(member.status), member, std::nullopt});
    }
    for (const Member &member : snapshot.members) {
        if (snapshot.unreachable.count(member.uid()) != 0) {
            events.push_back({Kind::member_unreachable, member, member.status});
        }
    }
    if (snapshot.leader) {
        events.push_back(leader_event(snapshot.leader));
    }
    for (const auto &[role, leader] : snapshot.role_leaders) {
        events.push_back(role_leader_event(role, leader));
    }
    return events;
}

std::optional<ClusterEvent> ConvergenceWatch::update(Nanos now, const View &view) {
    std::vector<Address> blockers;
    if (converged(view)) {
        blocked_since_.reset();
    } else {
        blocked_since_ = blocked_since_.value_or(now);
        if (now - *blocked_since_ < kPatience) {
            return std::nullopt;
        }
        for (const uint64_t uid : convergence_blockers(view)) {
            blockers.push_back(view.state.find(uid)->node.address);
        }
    }
    if (blockers == named_) {
        return std::nullopt;
    }
    named_ = blockers;
    ClusterEvent event{Kind::convergence_blocked};
    event.blockers = std::move(blockers);
    return event;
}

}  // namespace motet
