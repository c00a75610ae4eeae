#include "core/cluster/downing.h"

#include <algorithm>

#include "core/base/random.h"

namespace motet {

namespace {

// The counted members of one side of a split.
struct Side {
    std::vector<const Member *> full;      // Up and Leaving
    std::vector<const Member *> arriving;  // Joining and WeaklyUp
    std::vector<uint64_t> all;             // not gone, of any role

    size_t staying() const {
        return static_cast<size_t>(
            std::count_if(full.begin(), full.end(), [](const Member *m) { return m->status == MemberStatus::up; }));
    }
    bool holds(const Member *member) const { return std::find(full.begin(), full.end(), member) != full.end(); }
};

struct Split {
    Side reachable;
    Side unreachable;
};

Split split_of(const Members &members, const std::set<uint64_t> &unreachable, const std::string &role) {
    Split split;
    for (const auto &[uid, member] : members) {
        if (member.gone()) {
            continue;
        }
        Side &side = unreachable.count(uid) != 0 ? split.unreachable : split.reachable;
        side.all.push_back(uid);
        if (!role.empty() && !member.has_role(role)) {
            continue;
        }
        if (member.full()) {
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

// The side with more survives; with as many, the one with the lowest address. The other side may know more than this
// one: that who was leaving here has left, and that who was joining there is Up. Only a side that would win by that
// picture too may go on, so that never both do.
bool majority_survives(const Split &split) {
    const size_t here = split.reachable.full.size();
    const size_t there = split.unreachable.full.size();
    const Member *lowest = first_full(split, [](const Member &a, const Member &b) { return a.node < b.node; });
    const bool wins = here > there || (here == there && lowest && split.reachable.holds(lowest));
    if (!wins) {
        return false;
    }
    const size_t worst_here = split.reachable.staying();
    const size_t worst_there = there + split.unreachable.arriving.size();
    const bool same_picture = worst_here == here && worst_there == there;
    return same_picture || worst_here > worst_there;
}

bool quorum_survives(const Split &split, size_t quorum) {
    const size_t here = split.reachable.full.size();
    const size_t total = here + split.unreachable.full.size();
    return total <= 2 * quorum - 1 && here >= quorum;
}

bool oldest_survives(const Split &split, bool down_if_alone) {
    const Member *oldest = first_full(split, [](const Member &a, const Member &b) {
        return a.up_number != b.up_number ? a.up_number < b.up_number : a.node < b.node;
    });
    if (!oldest) {
        return false;
    }
    const bool is_here = split.reachable.holds(oldest);
    const Side &with = is_here ? split.reachable : split.unreachable;
    const Side &without = is_here ? split.unreachable : split.reachable;
    const bool abandoned = down_if_alone && with.full.size() == 1 && without.full.size() >= 2;
    return is_here != abandoned;
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
        return false;
    case DowningStrategy::off:
        return true;
    }
    return false;
}

}  // namespace

Status DowningSettings::check() const {
    if (strategy == DowningStrategy::static_quorum && quorum_size == 0) {
        return Status(
            Code::BAD_VALUE,
            "cluster.downing.strategy static-quorum needs a cluster.downing.quorum-size of at least 1, not 0");
    }
    if (stable_after < 0) {
        return Status(Code::BAD_VALUE, "stable-after must not be negative");
    }
    return {};
}

std::vector<uint64_t> decide_downing(const DowningSettings &settings, const Members &members,
                                     const std::set<uint64_t> &unreachable) {
    const Split split = split_of(members, unreachable, settings.role);
    if (settings.strategy == DowningStrategy::off || split.unreachable.all.empty()) {
        return {};
    }
    if (survives(settings, split)) {
        return split.unreachable.all;
    }
    if (settings.strategy != DowningStrategy::down_all) {
        return split.reachable.all;
    }
    std::vector<uint64_t> all = split.reachable.all;
    all.insert(all.end(), split.unreachable.all.begin(), split.unreachable.all.end());
    return all;
}

bool StabilityWindow::due(Nanos now, const Members &members, const std::set<uint64_t> &unreachable) {
    Id128 picture;
    for (const auto &[uid, member] : members) {
        // Who joins or starts to leave does not change who can reach whom.
        const bool counted = member.full();
        const uint64_t state = (counted                                  ? 1u
                                : member.status >= MemberStatus::exiting ? 2u
                                                                         : 0u) +
                               (unreachable.count(uid) != 0 ? 4u : 0u);
        if (state != 0) {
            picture.add({Random::mix(uid ^ state), Random::mix(uid + state)});
        }
    }
    if (!(picture == picture_)) {
        picture_ = picture;
        since_ = now;
    }
    return !unreachable.empty() && now - since_ >= stable_after_;
}

}  // namespace motet
