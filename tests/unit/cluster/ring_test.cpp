#include "core/cluster/ring.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

Members many(uint64_t count) {
    Members members;
    for (uint64_t number = 1; number <= count; ++number) {
        members[number] = make_member(number);
    }
    return members;
}

std::map<uint64_t, size_t> observers(const Members &members, const std::set<uint64_t> &unfit) {
    std::map<uint64_t, size_t> count;
    for (const auto &[uid, member] : members) {
        if (unfit.count(uid) == 0) {
            for (const uint64_t subject : subjects_of(uid, members, unfit, 6)) {
                ++count[subject];
            }
        }
    }
    return count;
}

TEST(Ring, SmallClustersWatchEachOtherWholly) {
    for (uint64_t count = 2; count <= 6u + 1; ++count) {
        for (const auto &[uid, observed] : observers(many(count), {})) {
            EXPECT_EQ(observed, count - 1) << uid;
        }
    }
}

TEST(Ring, EveryMemberHasExactlyTheNumberOfObservers) {
    for (const auto &[uid, observed] : observers(many(100), {})) {
        EXPECT_EQ(observed, 6u) << uid;
    }
    EXPECT_EQ(subjects_of(1, many(100), {}, 6).size(), 6u);
}

TEST(Ring, OthersStepInForObserversThatAreUnfit) {
    const std::set<uint64_t> unfit = {3, 14, 15, 92, 65, 35, 89, 79, 32, 38};
    for (const auto &[uid, observed] : observers(many(100), unfit)) {
        EXPECT_EQ(observed, 6u) << uid;
    }
}

TEST(Ring, OthersStepInForObserversThatLeave) {
    Members members = many(20);
    for (const uint64_t uid : {4, 5, 6, 7, 8, 9}) {
        members[uid].status = MemberStatus::leaving;
    }
    size_t observers = 0;
    for (const auto &[uid, member] : members) {
        const std::vector<uint64_t> subjects = subjects_of(uid, members, {}, 6);
        observers += member.status == MemberStatus::up ? std::count(subjects.begin(), subjects.end(), 3u) : 0;
    }
    EXPECT_EQ(observers, 6u);
}

TEST(Ring, WhoIsNoMemberWatchesNobody) { EXPECT_TRUE(subjects_of(999, many(3), {}, 6).empty()); }

}  // namespace
}  // namespace motet
