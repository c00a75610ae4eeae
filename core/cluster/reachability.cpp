#include "core/cluster/reachability.h"

#include <algorithm>
#include <map>

namespace motet {

namespace {

std::set<uint64_t> accused_by(uint64_t observer, const Members &members) {
    std::set<uint64_t> accused;
    const auto found = members.find(observer);
    if (found != members.end()) {
        for (const Accusation &accusation : found->second.accusations) {
            if (stands(accusation, members)) {
                accused.insert(accusation.subject);
            }
        }
    }
    return accused;
}

bool may_testify(const Member &observer, uint64_t self, const std::set<uint64_t> &accused_by_self) {
    return observer.uid() == self ||
           (observer.status < MemberStatus::leaving && accused_by_self.count(observer.uid()) == 0);
}

}  // namespace

bool stands(const Accusation &accusation, const Members &members) {
    const auto subject = members.find(accusation.subject);
    return subject != members.end() && subject->second.incarnation <= accusation.incarnation;
}

std::vector<uint64_t> accusers_of(uint64_t subject, const Members &members, uint64_t self) {
    const std::set<uint64_t> accused = accused_by(self, members);
    std::vector<uint64_t> accusers;
    for (const auto &[uid, observer] : members) {
        if (uid == subject || !may_testify(observer, self, accused)) {
            continue;
        }
        const auto names = [&](const Accusation &a) { return a.subject == subject && stands(a, members); };
        if (std::any_of(observer.accusations.begin(), observer.accusations.end(), names)) {
            accusers.push_back(uid);
        }
    }
    return accusers;
}

std::set<uint64_t> unreachable_members(const Members &members, uint64_t self) {
    const std::set<uint64_t> accused = accused_by(self, members);
    std::map<uint64_t, size_t> accusers;
    std::set<uint64_t> witnesses;
    for (const auto &[uid, observer] : members) {
        if (!may_testify(observer, self, accused)) {
            continue;
        }
        witnesses.insert(uid);
        for (const Accusation &accusation : observer.accusations) {
            if (accusation.subject != uid && accusation.subject != self && stands(accusation, members)) {
                ++accusers[accusation.subject];
            }
        }
    }
    std::set<uint64_t> unreachable;
    for (const auto &[subject, count] : accusers) {
        const size_t askable = witnesses.size() - witnesses.count(subject);
        if (count >= std::min(kCorroboration, askable)) {
            unreachable.insert(subject);
        }
    }
    return unreachable;
}

}  // namespace motet
