#include "core/cluster/events.h"

namespace motet {

namespace {

using Kind = ClusterEvent::Kind;

Kind kind_of(MemberStatus status) { return static_cast<Kind>(status); }

static_assert(static_cast<int>(Kind::member_joined) == static_cast<int>(MemberStatus::joining));
static_assert(static_cast<int>(Kind::member_removed) == static_cast<int>(MemberStatus::removed));

}  // namespace

std::vector<ClusterEvent> EventSource::update(const View &view) {
    std::vector<ClusterEvent> events;
    tell_removed(view, events);
    tell_statuses(view, events);
    tell_reachability(view, events);
    std::optional<Address> leader;
    if (const std::optional<uint64_t> uid = leader_of(view)) {
        leader = view.state.find(*uid)->node.address;
    }
    if (!(leader == leader_)) {
        leader_ = leader;
        ClusterEvent event{Kind::leader_changed};
        event.address = leader;
        events.push_back(std::move(event));
    }
    return events;
}

void EventSource::tell_removed(const View &view, std::vector<ClusterEvent> &events) {
    for (auto at = told_.begin(); at != told_.end();) {
        Member member = at->second;
        if (view.state.find(member.uid())) {
            ++at;
            continue;
        }
        const MemberStatus previous = member.status;
        member.status = MemberStatus::removed;
        unreachable_.erase(member.uid());
        events.push_back({Kind::member_removed, std::move(member), previous});
        at = told_.erase(at);
    }
}

void EventSource::tell_statuses(const View &view, std::vector<ClusterEvent> &events) {
    std::map<UniqueAddress, const Member *> ordered;
    for (const auto &[uid, member] : view.state.members()) {
        ordered[member.node] = &member;
    }
    for (const auto &[node, member] : ordered) {
        const auto found = told_.find(node);
        if (found == told_.end()) {
            events.push_back({kind_of(member->status), *member, std::nullopt});
        } else if (found->second.status != member->status) {
            events.push_back({kind_of(member->status), *member, found->second.status});
        }
        told_[node] = *member;
    }
}

void EventSource::tell_reachability(const View &view, std::vector<ClusterEvent> &events) {
    for (const bool reachable : {false, true}) {
        for (const auto &[node, member] : told_) {
            const bool was = unreachable_.count(member.uid()) == 0;
            if (was == reachable || view.reachable(member.uid()) != reachable) {
                continue;
            }
            const Kind kind = reachable ? Kind::member_reachable : Kind::member_unreachable;
            events.push_back({kind, member, member.status});
        }
    }
    unreachable_ = view.unreachable;
}

ClusterSnapshot EventSource::snapshot() const {
    ClusterSnapshot snapshot;
    for (const auto &[node, member] : told_) {
        snapshot.members.push_back(member);
    }
    snapshot.unreachable = unreachable_;
    snapshot.leader = leader_;
    return snapshot;
}

}  // namespace motet
