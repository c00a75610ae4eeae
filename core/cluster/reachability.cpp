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

const Accusation *accusation_of(const Member &observer, uint64_t subject) {
    const auto found = std::find_if(observer.accusations.begin(), observer.accusations.end(),
                                    [subject](const Accusation &a) { return a.subject == subject; });
    return found == observer.accusations.end() ? nullptr : &*found;
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

std::vector<uint64_t> witnesses_against(uint64_t subject, const State &state, uint64_t self) {
    const std::set<uint64_t> accused = accused_by(self, state.members());
    std::vector<uint64_t> witnesses;
    for (const uint64_t uid : state.accusing()) {
        const Member &observer = *state.find(uid);
        if (uid != subject && accusation_of(observer, subject) && may_testify(observer, self, accused)) {
            witnesses.push_back(uid);
        }
    }
    return witnesses;
}

std::vector<uint64_t> accusers_of(uint64_t subject, const State &state, uint64_t self) {
    std::vector<uint64_t> accusers = witnesses_against(subject, state, self);
    std::erase_if(accusers,
                  [&](uint64_t uid) { return !stands(*accusation_of(*state.find(uid), subject), state.members()); });
    return accusers;
}

bool any_suspected(const State &state, uint64_t self, const std::set<uint64_t> &unreachable) {
    const std::set<uint64_t> accused = accused_by(self, state.members());
    return std::any_of(state.accusing().begin(), state.accusing().end(), [&](uint64_t uid) {
        const Member &observer = *state.find(uid);
        return may_testify(observer, self, accused) &&
               std::any_of(observer.accusations.begin(), observer.accusations.end(), [&](const Accusation &accusation) {
                   return accusation.subject != self && unreachable.count(accusation.subject) == 0 &&
                          stands(accusation, state.members());
               });
    });
}

std::set<uint64_t> unreachable_members(const State &state, uint64_t self) {
    const Members &members = state.members();
    const std::set<uint64_t> accused = accused_by(self, members);
    std::map<uint64_t, size_t> accusers;
    for (const uint64_t uid : state.accusing()) {
        const Member &observer = members.at(uid);
        if (!may_testify(observer, self, accused)) {
            continue;
        }
        for (const Accusation &accusation : observer.accusations) {
            if (accusation.subject != uid && accusation.subject != self && stands(accusation, members)) {
                ++accusers[accusation.subject];
            }
        }
    }
    // Whether no more than so many are left that could speak about a subject.
    const auto only = [&](uint64_t subject, size_t few) {
        size_t count = 0;
        for (auto at = members.begin(); at != members.end() && count <= few; ++at) {
            count += at->first != subject && may_testify(at->second, self, accused) ? 1 : 0;
        }
        return count <= few;
    };
    std::set<uint64_t> unreachable;
    for (const auto &[subject, count] : accusers) {
        if (count >= kCorroboration || only(subject, count)) {
            unreachable.insert(subject);
        }
    }
    return unreachable;
}

}  // namespace motet
