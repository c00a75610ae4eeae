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

// Calls visit for those who keep the cluster from converging, as long as that returns true. Whether it always did.
template <typename Visit> bool each_blocker(const View &view, Visit visit) {
    const State &state = view.state;
    const auto pass = [&](uint64_t uid, bool reachable) {
        const Member *member = state.find(uid);
        if (!member || member->status >= MemberStatus::exiting) {
            return true;
        }
        const bool must_see = state.any_full() ? member->full() : member->arriving();
        return (reachable && !must_see) || visit(uid);
    };
    const auto &unreachable = view.unreachable;
    return state.each_unaware([&](uint64_t uid) { return pass(uid, view.reachable(uid)); }) &&
           std::all_of(unreachable.begin(), unreachable.end(),
                       [&](uint64_t uid) { return !state.has_seen(uid) || pass(uid, false); });
}

}  // namespace

std::vector<uint64_t> convergence_blockers(const View &view) {
    std::vector<uint64_t> blockers;
    each_blocker(view, [&blockers](uint64_t uid) {
        blockers.push_back(uid);
        return true;
    });
    std::sort(blockers.begin(), blockers.end());
    return blockers;
}

bool converged(const View &view) {
    return each_blocker(view, [](uint64_t) { return false; });
}

bool is_ending(const Members &members) {
    return std::any_of(members.begin(), members.end(), [](const auto &entry) { return entry.second.ending(); });
}

std::optional<uint64_t> leader_of(const View &view, std::string_view role) {
    std::optional<uint64_t> first_other;
    for (const Member *member : view.state.by_address()) {
        if (member->gone() || !view.reachable(member->uid()) || (!role.empty() && !member->has_role(role))) {
            continue;
        }
        if (member->full()) {
            return member->uid();
        }
        first_other = first_other.value_or(member->uid());
        if (!view.state.any_full()) {
            break;
        }
    }
    return first_other;
}

std::vector<Member> leader_actions(const View &view, const UpConditions &conditions) {
    const Members &members = view.state.members();
    const bool may_rise = conditions_met(view, conditions);
    uint32_t youngest = view.state.last_up_number();
    const bool ending = is_ending(members);
    std::vector<Member> actions;
    for (const Member *member : view.state.by_address()) {
        if (member->arriving() && may_rise && !ending) {
            actions.push_back(with_status(*member, MemberStatus::up));
            actions.back().up_number = ++youngest;
        } else if (member->status == MemberStatus::preparing_for_shutdown) {
            actions.push_back(with_status(*member, MemberStatus::ready_for_shutdown));
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
    if (!conditions_met(view, conditions) || is_ending(view.state.members())) {
        return actions;
    }
    for (const Member *member : view.state.by_address()) {
        if (member->status == MemberStatus::joining && view.reachable(member->uid())) {
            actions.push_back(with_status(*member, MemberStatus::weakly_up));
        }
    }
    return actions;
}

}  // namespace motet
