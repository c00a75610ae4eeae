#include "core/cluster/downing.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Uids = std::vector<uint64_t>;

Members up(uint64_t count) {
    Members members;
    for (uint64_t number = 1; number <= count; ++number) {
        members[number] = make_member(number);
    }
    return members;
}

std::set<uint64_t> without(const Members &members, const std::set<uint64_t> &side) {
    std::set<uint64_t> rest;
    for (const auto &[uid, member] : members) {
        if (side.count(uid) == 0) {
            rest.insert(uid);
        }
    }
    return rest;
}

bool survives(const DowningSettings &settings, const Members &members, const std::set<uint64_t> &side) {
    const Uids downed = decide_downing(settings, members, without(members, side));
    return !downed.empty() && side.count(downed.front()) == 0;
}

TEST(Downing, NothingToDoWhenAllAreReachable) {
    EXPECT_TRUE(decide_downing({}, up(3), {}).empty());
    EXPECT_TRUE(decide_downing({DowningStrategy::down_all}, up(3), {}).empty());
}

TEST(KeepMajority, DownsTheSmallerSide) {
    EXPECT_EQ(decide_downing({}, up(5), {4, 5}), (Uids{4, 5}));
    EXPECT_EQ(decide_downing({}, up(5), {1, 2, 3}), (Uids{4, 5}));
}

TEST(KeepMajority, OfEqualSidesTheOneWithTheLowestAddressStays) {
    EXPECT_EQ(decide_downing({}, up(4), {3, 4}), (Uids{3, 4}));
    EXPECT_EQ(decide_downing({}, up(4), {1, 2}), (Uids{3, 4}));
}

TEST(KeepMajority, CountsTheConfiguredRoleOnlyButDownsAll) {
    Members members = up(5);
    members[1].roles = members[2].roles = {"core"};
    DowningSettings settings;
    settings.role = "core";
    EXPECT_EQ(decide_downing(settings, members, {1, 2}), (Uids{3, 4, 5}));
}

TEST(KeepMajority, GivesUpWhenThoseWhoJoinThereMayBeUpAlready) {
    Members members = up(3);
    for (uint64_t number = 4; number <= 7; ++number) {
        members[number] = make_member(number, MemberStatus::joining);
    }
    EXPECT_EQ(decide_downing({}, members, {3, 4, 5, 6, 7}), (Uids{1, 2}));
    EXPECT_EQ(decide_downing({}, members, {3}), (Uids{3}));
}

// All splits of up to six members in any mix of statuses, each side deciding from the same knowledge.
template <typename Check> void for_all_splits(Check check) {
    constexpr MemberStatus kStatuses[] = {MemberStatus::up, MemberStatus::joining, MemberStatus::leaving,
                                          MemberStatus::exiting};
    for (uint64_t count = 2; count <= 6; ++count) {
        for (uint64_t mix = 0; mix < 1u << 2 * count; ++mix) {
            Members members;
            for (uint64_t number = 1; number <= count; ++number) {
                members[number] = make_member(number, kStatuses[mix >> 2 * (number - 1) & 3]);
            }
            for (uint64_t split = 1; split + 1 < 1u << count; ++split) {
                std::set<uint64_t> side;
                for (uint64_t number = 1; number <= count; ++number) {
                    if ((split >> (number - 1) & 1) != 0) {
                        side.insert(number);
                    }
                }
                check(members, side, without(members, side));
            }
        }
    }
}

TEST(Downing, NeverTwoSurvivingSides) {
    for (const DowningStrategy strategy :
         {DowningStrategy::keep_majority, DowningStrategy::keep_oldest, DowningStrategy::static_quorum}) {
        DowningSettings settings;
        settings.strategy = strategy;
        settings.quorum_size = 3;
        for_all_splits([&](const Members &members, const std::set<uint64_t> &side, const std::set<uint64_t> &other) {
            ASSERT_FALSE(survives(settings, members, side) && survives(settings, members, other));
        });
    }
}

// One side has seen the leader make joiners Up and leavers Exiting, the other has not: the joint electorate.
TEST(KeepMajority, NeverTwoSidesWhenOneSideKnowsMore) {
    for_all_splits([&](const Members &members, const std::set<uint64_t> &side, const std::set<uint64_t> &other) {
        Members ahead = members;
        for (auto &[uid, member] : ahead) {
            if (member.status == MemberStatus::joining) {
                member.status = MemberStatus::up;
            } else if (member.status == MemberStatus::leaving) {
                member.status = MemberStatus::exiting;
            }
        }
        ASSERT_FALSE(survives({}, ahead, side) && survives({}, members, other));
    });
}

TEST(StaticQuorum, NeedsTheQuorumAndNotTooManyMembers) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::static_quorum;
    settings.quorum_size = 3;
    EXPECT_EQ(decide_downing(settings, up(5), {4, 5}), (Uids{4, 5}));
    EXPECT_EQ(decide_downing(settings, up(5), {1, 2, 3}), (Uids{4, 5}));
    EXPECT_EQ(decide_downing(settings, up(6), {6}), (Uids{1, 2, 3, 4, 5}));
}

TEST(KeepOldest, KeepsTheSideOfTheOldestUnlessItIsAlone) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::keep_oldest;
    EXPECT_EQ(decide_downing(settings, up(5), {3, 4, 5}), (Uids{3, 4, 5}));
    EXPECT_EQ(decide_downing(settings, up(5), {1}), (Uids{1}));
    EXPECT_EQ(decide_downing(settings, up(2), {1}), (Uids{2}));
    settings.down_if_alone = false;
    EXPECT_EQ(decide_downing(settings, up(5), {1}), (Uids{2, 3, 4, 5}));
}

TEST(Downing, AllOrNothingWhereSoConfigured) {
    EXPECT_EQ(decide_downing({DowningStrategy::down_all}, up(3), {3}), (Uids{1, 2, 3}));
    EXPECT_TRUE(decide_downing({DowningStrategy::off}, up(3), {3}).empty());
}

TEST(Downing, WhoIsDownAlreadyIsLeftAlone) {
    Members members = up(3);
    members[3].status = MemberStatus::down;
    EXPECT_TRUE(decide_downing({}, members, {3}).empty());
}

TEST(Downing, AQuorumOfNobodyIsRefused) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::static_quorum;
    EXPECT_EQ(settings.check().code(), Code::BAD_VALUE);
    settings.quorum_size = 1;
    EXPECT_TRUE(settings.check().ok());
}

TEST(StabilityWindow, WaitsForThePictureToStayTheSame) {
    StabilityWindow window(5 * kSecond);
    Members members = up(3);
    EXPECT_FALSE(window.due(0, members, {}));
    EXPECT_FALSE(window.due(100 * kSecond, members, {}));  // nobody is unreachable
    EXPECT_FALSE(window.due(101 * kSecond, members, {3}));
    EXPECT_FALSE(window.due(105 * kSecond, members, {2, 3}));
    EXPECT_FALSE(window.due(109 * kSecond, members, {2, 3}));
    members[4] = make_member(4, MemberStatus::joining);  // does not matter
    EXPECT_TRUE(window.due(110 * kSecond, members, {2, 3}));
    window.restart(110 * kSecond);
    EXPECT_FALSE(window.due(111 * kSecond, members, {2, 3}));
}

}  // namespace
}  // namespace motet
