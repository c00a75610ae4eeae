#include "core/cluster/convergence.h"

#include <algorithm>

namespace motet {

namespace {

bool conditions_met(const View &view, const UpConditions &conditions) {
    const Members &members = view.state.members();
    if (members.size() < conditions.min_members) {
        return false;
    }
    return std::all_of(
        conditions.min_members_by_role.begin(), conditions.min_members_by_role.end(), [&](const auto &wanted) {
            const auto has = [&](const auto &entry) { return entry.second.has_role(wanted.first); };
            return static_cast<size_t>(std::count_if(members.begin(), members.end(), has)) >= wanted.second;
        });
}

std::vector<const Member *> in_address_order(const Members &members) {
    std::vector<const Member *> order;
    for (const auto &[uid, member] : members) {
        order.push_back(&member);
    }
    std::sort(order.begin(), order.end(), [](const Member *a, const Member *b) { return a->node < b->node; });
    return order;
}

// Nobody waits for such a member: its process is known to have ended, or cannot be reached.
bool has_ended(const View &view, const Member &member) {
    if (!view.reachable(member.uid()) || view.departed.count(member.uid()) != 0) {
        return true;
    }
    const Member *successor = view.state.living_at(member.node.address);
    return successor && successor->uid() != member.uid();
}

Member with_status(const Member &member, MemberStatus status) {
    Member next = member;
    next.status = status;
    return next;
}

}  // namespace

std::vector<uint64_t> convergence_blockers(const View &view) {
    const Members &members = view.state.members();
    const bool any_full =
        std::any_of(members.begin(), members.end(), [](const auto &entry) { return entry.second.full(); });
    std::vector<uint64_t> blockers;
    for (const auto &[uid, member] : members) {
        if (member.status >= MemberStatus::exiting) {
            continue;
        }
        const bool must_see = any_full ? member.full() : member.arriving();
        if (!view.reachable(uid) || (must_see && view.state.seen().count(uid) == 0)) {
            blockers.push_back(uid);
        }
    }
    return blockers;
}

std::optional<uint64_t> leader_of(const View &view) {
    const Member *first_full = nullptr;
    const Member *first_other = nullptr;
    for (const auto &[uid, member] : view.state.members()) {
        if (member.gone() || !view.reachable(uid)) {
            continue;
        }
        const Member *&first = member.full() ? first_full : first_other;
        if (!first || member.node < first->node) {
            first = &member;
        }
    }
    const Member *leader = first_full ? first_full : first_other;
    return leader ? std::optional<uint64_t>(leader->uid()) : std::nullopt;
}

std::vector<Member> leader_actions(const View &view, const UpConditions &conditions) {
    const Members &members = view.state.members();
    const bool may_rise = conditions_met(view, conditions);
    uint32_t youngest = 0;
    for (const auto &[uid, member] : members) {
        youngest = std::max(youngest, member.up_number);
    }
    std::vector<Member> actions;
    for (const Member *member : in_address_order(members)) {
        if (member->arriving() && may_rise) {
            actions.push_back(with_status(*member, MemberStatus::up));
            actions.back().up_number = ++youngest;
        } else if (member->status == MemberStatus::leaving) {
            actions.push_back(with_status(*member, MemberStatus::exiting));
        } else if (member->status >= MemberStatus::exiting && member->uid() != view.self && has_ended(view, *member)) {
            actions.push_back(with_status(*member, MemberStatus::removed));
        }
    }
    return actions;
}

std::vector<Member> weakly_up_actions(const View &view, const UpConditions &conditions) {
    std::vector<Member> actions;
    if (!conditions_met(view, conditions)) {
        return actions;
    }
    for (const Member *member : in_address_order(view.state.members())) {
        if (member->status == MemberStatus::joining && view.reachable(member->uid())) {
            actions.push_back(with_status(*member, MemberStatus::weakly_up));
        }
    }
    return actions;
}

}  // namespace motet
