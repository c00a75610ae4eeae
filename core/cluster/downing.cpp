#include "core/cluster/downing.h"

#include <algorithm>
#include <iterator>

#include "core/cluster/indirect.h"

namespace motet {

namespace {

// The counted members of one side of a split.
struct Side {
    std::vector<const Member *> full;      // Up and Leaving; on the other side also Down, see split_of()
    std::vector<const Member *> arriving;  // Joining and WeaklyUp
    std::vector<uint64_t> all;             // not gone, of any role

    size_t staying() const {
        return static_cast<size_t>(std::count_if(full.begin(), full.end(),
                                                 [](const Member *m) { return m->status != MemberStatus::leaving; }));
    }
    bool holds(const Member *member) const { return std::find(full.begin(), full.end(), member) != full.end(); }
};

struct Split {
    Side reachable;
    Side unreachable;
};

// Who is Down may have declared that itself, after others had counted it as theirs and gone on: until it is removed it
// counts for the other side.
Split split_of(const Members &members, const std::set<uint64_t> &unreachable, const std::string &role) {
    Split split;
    for (const auto &[uid, member] : members) {
        const bool down = member.status == MemberStatus::down;
        if (member.gone() && !down) {
            continue;
        }
        Side &side = down || unreachable.count(uid) != 0 ? split.unreachable : split.reachable;
        if (!down) {
            side.all.push_back(uid);
        }
        if (!role.empty() && !member.has_role(role)) {
            continue;
        }
        if (member.full() || down) {
            side.full.push_back(&member);
        } else if (member.arriving()) {
            side.arriving.push_back(&member);
        }
    }
    return split;
}

template <typename Before> const Member *first_full(const Split &split, Before before) {
    const Member *first = nullptr;
    for (const Side *side : {&split.reachable, &split.unreachable}) {
        for (const Member *member : side->full) {
            if (!first || before(*member, *first)) {
                first = member;
            }
        }
    }
    return first;
}

// The side with more survives; with as many, the one with the lowest address.
bool is_majority(const Split &split) {
    const size_t here = split.reachable.full.size();
    const size_t there = split.unreachable.full.size();
    const Member *lowest = first_full(split, [](const Member &a, const Member &b) { return a.node < b.node; });
    return here > there || (here == there && lowest && split.reachable.holds(lowest));
}

// The other side may know more than this one: that who was leaving here has left, and that who was joining there is Up.
// Only a side that would win by that picture too may go on, so that never both do.
bool majority_survives(const Split &split) {
    const size_t worst_here = split.reachable.staying();
    const size_t worst_there = split.unreachable.full.size() + split.unreachable.arriving.size();
    const bool same_picture = worst_here == split.reachable.full.size() && worst_there == split.unreachable.full.size();
    return is_majority(split) && (same_picture || worst_here > worst_there);
}

bool quorum_survives(const Split &split, size_t quorum) {
    const size_t worst_there = split.unreachable.full.size() + split.unreachable.arriving.size();
    return split.reachable.full.size() + worst_there <= 2 * quorum - 1 && split.reachable.staying() >= quorum;
}

bool with_oldest(const Split &split, bool down_if_alone) {
    const Member *oldest = first_full(split, older);
    if (!oldest) {
        return false;
    }
    const bool is_here = split.reachable.holds(oldest);
    const Side &with = is_here ? split.reachable : split.unreachable;
    const Side &without = is_here ? split.unreachable : split.reachable;
    const bool abandoned = down_if_alone && with.full.size() == 1 && without.full.size() >= 2;
    return is_here != abandoned;
}

// The same side once who leaves has left, and once who joins is Up, the youngest of all.
Side later(const Side &side, bool left, bool arrived) {
    Side next = side;
    if (left) {
        std::erase_if(next.full, [](const Member *member) { return member->status == MemberStatus::leaving; });
    }
    if (arrived) {
        next.full.insert(next.full.end(), next.arriving.begin(), next.arriving.end());
    }
    return next;
}

// As with the majority: by every picture that the other side may have.
bool oldest_survives(const Split &split, bool down_if_alone) {
    for (const bool left : {false, true}) {
        for (const bool arrived : {false, true}) {
            const Split possible = {later(split.reachable, left, arrived), later(split.unreachable, left, arrived)};
            if (!with_oldest(possible, down_if_alone)) {
                return false;
            }
        }
    }
    return true;
}

bool survives(const DowningSettings &settings, const Split &split) {
    switch (settings.strategy) {
    case DowningStrategy::keep_majority:
        return majority_survives(split);
    case DowningStrategy::static_quorum:
        return quorum_survives(split, settings.quorum_size);
    case DowningStrategy::keep_oldest:
        return oldest_survives(split, settings.down_if_alone);
    case DowningStrategy::down_all:
    case DowningStrategy::lease_majority:
    case DowningStrategy::manual:
        break;
    }
    return false;
}

std::vector<uint64_t> together(std::vector<uint64_t> uids, const std::vector<uint64_t> &more) {
    uids.insert(uids.end(), more.begin(), more.end());
    return uids;
}

// Of a split in which nobody is connected indirectly.
DowningDecision decide_split(const DowningSettings &settings, const Split &split) {
    DowningDecision decision;
    if (split.unreachable.all.empty()) {
        return decision;
    }
    switch (settings.strategy) {
    case DowningStrategy::manual:
        break;
    case DowningStrategy::down_all:
        decision.down = together(split.reachable.all, split.unreachable.all);
        break;
    case DowningStrategy::lease_majority:
        decision = {split.unreachable.all, true, !is_majority(split), split.reachable.all};
        break;
    default:
        decision.down = survives(settings, split) ? split.unreachable.all : split.reachable.all;
    }
    return decision;
}

// Whether those who stay when the cover is gone may go on, when nobody else is missing.
bool rest_survives(const DowningSettings &settings, const Split &before, const Split &rest) {
    const size_t left = rest.reachable.staying();
    if (settings.strategy == DowningStrategy::static_quorum) {
        return left >= settings.quorum_size;
    }
    return 2 * left > before.reachable.full.size() + before.reachable.arriving.size() + before.unreachable.full.size();
}

}  // namespace

Status DowningSettings::check() const {
    if (strategy == DowningStrategy::static_quorum && quorum_size == 0) {
        return Status(
            Code::BAD_VALUE,
            "cluster.downing.strategy static-quorum needs a cluster.downing.quorum-size of at least 1, not 0");
    }
    if (strategy != DowningStrategy::static_quorum && quorum_size != 0) {
        return Status(Code::BAD_VALUE, "cluster.downing.quorum-size of " + std::to_string(quorum_size) +
                                           " is for cluster.downing.strategy static-quorum alone; expected 0, or that "
                                           "strategy");
    }
    if (stable_after < 0) {
        return Status(Code::BAD_VALUE, "stable-after must not be negative");
    }
    return {};
}

DowningDecision decide_downing(const DowningSettings &settings, const Members &members,
                               const std::set<uint64_t> &unreachable, const std::set<uint64_t> &seen) {
    const std::set<uint64_t> indirect = indirectly_connected(members, unreachable, seen);
    if (indirect.empty() || settings.strategy == DowningStrategy::down_all ||
        settings.strategy == DowningStrategy::manual) {
        return decide_split(settings, split_of(members, unreachable, settings.role));
    }
    std::set<uint64_t> apart;
    std::set_difference(unreachable.begin(), unreachable.end(), indirect.begin(), indirect.end(),
                        std::inserter(apart, apart.end()));
    const std::set<uint64_t> cover = minimum_cover(bad_links(members, apart), members);
    const std::vector<uint64_t> cut(cover.begin(), cover.end());
    if (!split_of(members, apart, {}).unreachable.all.empty()) {
        // Whom the others may be connected with counts as theirs.
        apart.insert(cover.begin(), cover.end());
        DowningDecision decision = decide_split(settings, split_of(members, apart, settings.role));
        decision.smaller_side = false;
        if (settings.strategy == DowningStrategy::lease_majority) {
            decision.down_if_refused = together(std::move(decision.down_if_refused), cut);
        } else if (!decision.down.empty() && apart.count(decision.down.front()) == 0) {
            decision.down = together(std::move(decision.down), cut);
        }
        return decision;
    }
    const Split before = split_of(members, {}, settings.role);
    const Split rest = split_of(members, cover, settings.role);
    DowningDecision decision;
    if (settings.strategy == DowningStrategy::lease_majority) {
        decision = {cut, true, false, before.reachable.all};
    } else if (rest_survives(settings, before, rest)) {
        decision.down = cut;
    } else {
        // Too few would be left; or the word of who is gone by now came late, and there is no indirect connection.
        return decide_split(settings, split_of(members, unreachable, settings.role));
    }
    return decision;
}

}  // namespace motet
