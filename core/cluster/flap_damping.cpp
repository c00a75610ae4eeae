#include "core/cluster/flap_damping.h"

#include <algorithm>

namespace motet {

std::set<uint64_t> FlapDamping::update(Nanos now, const State &state, const std::set<uint64_t> &unreachable,
                                       std::vector<Hold> &begun) {
    for (const uint64_t uid : unreachable) {
        Seen &seen = members_[uid];
        seen.unreachable = true;
        seen.held_until = 0;
    }
    std::set<uint64_t> told = unreachable;
    std::erase_if(members_, [&](const auto &entry) { return state.find(entry.first) == nullptr; });
    for (auto at = members_.begin(); at != members_.end();) {
        auto &[uid, seen] = *at;
        if (seen.unreachable && unreachable.count(uid) == 0) {
            seen.unreachable = false;
            returned(now, uid, seen, begun);
        }
        if (now < seen.held_until) {
            told.insert(uid);
        } else {
            seen.held_until = 0;
        }
        const bool past = !seen.unreachable && seen.held_until == 0 && now - seen.last_return > kWindow;
        at = past ? members_.erase(at) : std::next(at);
    }
    return told;
}

void FlapDamping::returned(Nanos now, uint64_t uid, Seen &seen, std::vector<Hold> &begun) const {
    seen.returns = seen.returns > 0 && now - seen.last_return <= kWindow ? seen.returns + 1 : 1;
    seen.last_return = now;
    if (seen.returns > 1 && longest_ > 0) {
        const int doublings = std::min(seen.returns - 2, 30);
        const Nanos hold = std::min(kFirstHold << doublings, longest_);
        seen.held_until = now + hold;
        begun.push_back({uid, seen.returns, hold});
    }
}

bool FlapDamping::holding() const {
    return std::any_of(members_.begin(), members_.end(), [](const auto &entry) { return entry.second.held_until > 0; });
}

}  // namespace motet
