#include "core/cluster/ring.h"

namespace motet {

std::vector<uint64_t> subjects_of(uint64_t self, const Members &members, const std::set<uint64_t> &unfit,
                                  size_t observers) {
    const auto own = members.find(self);
    std::vector<uint64_t> subjects;
    if (own == members.end()) {
        return subjects;
    }
    size_t closer_watchers = 0;
    for (auto at = own; closer_watchers < observers;) {
        at = std::prev(at == members.begin() ? members.end() : at);
        if (at == own) {
            break;
        }
        subjects.push_back(at->first);
        // Only whose word counts about others: not that of who leaves.
        if (at->second.status < MemberStatus::leaving && unfit.count(at->first) == 0) {
            ++closer_watchers;
        }
    }
    return subjects;
}

}  // namespace motet
