#include "core/cluster/ring.h"

#include <algorithm>

#include "core/base/random.h"

namespace motet {

std::vector<uint64_t> subjects_of(uint64_t self, const Members &members, const Id128 &cluster,
                                  const std::set<uint64_t> &unfit, size_t observers) {
    std::vector<std::pair<uint64_t, const Member *>> ring;
    for (const auto &[uid, member] : members) {
        ring.emplace_back(Random::mix(uid ^ cluster.low), &member);
    }
    std::sort(ring.begin(), ring.end());
    const auto own = std::find_if(ring.begin(), ring.end(), [&](const auto &e) { return e.second->uid() == self; });
    if (own == ring.end()) {
        return {};
    }
    std::vector<uint64_t> subjects;
    size_t closer_watchers = 0;
    const size_t start = static_cast<size_t>(own - ring.begin());
    for (size_t step = 1; step < ring.size() && closer_watchers < observers; ++step) {
        const Member &member = *ring[(start + ring.size() - step) % ring.size()].second;
        subjects.push_back(member.uid());
        if (!member.gone() && unfit.count(member.uid()) == 0) {
            ++closer_watchers;
        }
    }
    return subjects;
}

}  // namespace motet
