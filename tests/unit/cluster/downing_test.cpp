#include "core/cluster/downing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/cluster/indirect.h"
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

Uids downed_by(const DowningSettings &settings, const Members &members, const std::set<uint64_t> &unreachable,
               const std::set<uint64_t> &seen = {}) {
    Uids down = decide_downing(settings, members, unreachable, seen).down;
    std::sort(down.begin(), down.end());
    return down;
}

bool survives(const DowningSettings &settings, const Members &members, const std::set<uint64_t> &side) {
    const Uids downed = downed_by(settings, members, without(members, side));
    return !downed.empty() && side.count(downed.front()) == 0;
}

TEST(Downing, NothingToDoWhenAllAreReachable) {
    EXPECT_TRUE(downed_by({}, up(3), {}).empty());
    EXPECT_TRUE(downed_by({DowningStrategy::down_all}, up(3), {}).empty());
}

TEST(KeepMajority, DownsTheSmallerSide) {
    EXPECT_EQ(downed_by({}, up(5), {4, 5}), (Uids{4, 5}));
    EXPECT_EQ(downed_by({}, up(5), {1, 2, 3}), (Uids{4, 5}));
}

TEST(KeepMajority, OfEqualSidesTheOneWithTheLowestAddressStays) {
    EXPECT_EQ(downed_by({}, up(4), {3, 4}), (Uids{3, 4}));
    EXPECT_EQ(downed_by({}, up(4), {1, 2}), (Uids{3, 4}));
}

TEST(KeepMajority, CountsTheConfiguredRoleOnlyButDownsAll) {
    Members members = up(5);
    members[1].roles = members[2].roles = {"core"};
    DowningSettings settings;
    settings.role = "core";
    EXPECT_EQ(downed_by(settings, members, {1, 2}), (Uids{3, 4, 5}));
}

TEST(KeepMajority, GivesUpWhenThoseWhoJoinThereMayBeUpAlready) {
    Members members = up(3);
    for (uint64_t number = 4; number <= 7; ++number) {
        members[number] = make_member(number, MemberStatus::joining);
    }
    EXPECT_EQ(downed_by({}, members, {3, 4, 5, 6, 7}), (Uids{1, 2}));
    EXPECT_EQ(downed_by({}, members, {3}), (Uids{3}));
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
                if (!members[number].arriving()) {
                    members[number].up_number = static_cast<uint32_t>(number);
                }
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

// What a side knows that has seen a leader make joiners Up, or leavers Exiting, or both.
Members ahead_of(const Members &members, bool risen, bool exited) {
    Members ahead = members;
    for (auto &[uid, member] : ahead) {
        if (member.status == MemberStatus::joining && risen) {
            member.status = MemberStatus::up;
            member.up_number = static_cast<uint32_t>(100 + uid);
        } else if (member.status == MemberStatus::leaving && exited) {
            member.status = MemberStatus::exiting;
        }
    }
    return ahead;
}

TEST(Downing, NeverTwoSurvivingSidesWhenOneKnowsMore) {
    for (const DowningStrategy strategy :
         {DowningStrategy::keep_majority, DowningStrategy::keep_oldest, DowningStrategy::static_quorum}) {
        DowningSettings settings;
        settings.strategy = strategy;
        settings.quorum_size = strategy == DowningStrategy::static_quorum ? 3 : 0;
        for_all_splits([&](const Members &members, const std::set<uint64_t> &side, const std::set<uint64_t> &other) {
            if (!survives(settings, members, other)) {
                return;
            }
            for (const auto &[risen, exited] : {std::pair(true, false), {false, true}, {true, true}}) {
                ASSERT_FALSE(survives(settings, ahead_of(members, risen, exited), side));
            }
        });
    }
}

TEST(StaticQuorum, NeedsTheQuorumAndNotTooManyMembers) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::static_quorum;
    settings.quorum_size = 3;
    EXPECT_EQ(downed_by(settings, up(5), {4, 5}), (Uids{4, 5}));
    EXPECT_EQ(downed_by(settings, up(5), {1, 2, 3}), (Uids{4, 5}));
    EXPECT_EQ(downed_by(settings, up(6), {6}), (Uids{1, 2, 3, 4, 5}));
}

TEST(KeepOldest, KeepsTheSideOfTheOldestUnlessItIsAlone) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::keep_oldest;
    EXPECT_EQ(downed_by(settings, up(5), {3, 4, 5}), (Uids{3, 4, 5}));
    EXPECT_EQ(downed_by(settings, up(5), {1}), (Uids{1}));
    EXPECT_EQ(downed_by(settings, up(2), {1}), (Uids{2}));
    settings.down_if_alone = false;
    EXPECT_EQ(downed_by(settings, up(5), {1}), (Uids{2, 3, 4, 5}));
}

TEST(Downing, AllOrNothingWhereSoConfigured) {
    EXPECT_EQ(downed_by({DowningStrategy::down_all}, up(3), {3}), (Uids{1, 2, 3}));
    EXPECT_TRUE(downed_by({DowningStrategy::manual}, up(3), {3}).empty());
}

TEST(Downing, WhoIsDownAlreadyIsLeftAlone) {
    Members members = up(3);
    members[3].status = MemberStatus::down;
    EXPECT_TRUE(downed_by({}, members, {3}).empty());
}

// Member 2 was with 1, declared itself down later, and told 3 and 4. They must not go on: 1 has.
TEST(Downing, WhoIsDownCountsForTheOtherSideUntilRemoved) {
    for (const DowningStrategy strategy : {DowningStrategy::keep_majority, DowningStrategy::keep_oldest}) {
        Members members = up(4);
        EXPECT_EQ(downed_by({strategy}, members, {3, 4}), (Uids{3, 4}));
        members[2].status = MemberStatus::down;
        EXPECT_EQ(downed_by({strategy}, members, {1}), (Uids{3, 4}));
        members.erase(2);
        EXPECT_EQ(downed_by({strategy}, members, {1}), (Uids{1}));
    }
}

TEST(Downing, AQuorumOfNobodyIsRefused) {
    DowningSettings settings;
    settings.strategy = DowningStrategy::static_quorum;
    EXPECT_EQ(settings.check().code(), Code::BAD_VALUE);
    settings.quorum_size = 1;
    EXPECT_TRUE(settings.check().ok());
}

// Splits as in a drawing: each side, and who of all goes in the view of the first. Members are numbered by age.
struct Case {
    const char *name;
    DowningSettings settings;
    uint64_t members;
    std::set<uint64_t> unreachable;
    Uids down;
};

DowningSettings with(DowningStrategy strategy, size_t quorum = 0) {
    DowningSettings settings;
    settings.strategy = strategy;
    settings.quorum_size = quorum;
    return settings;
}

TEST(Downing, DecidesByTheTable) {
    const DowningSettings majority = with(DowningStrategy::keep_majority);
    const DowningSettings oldest = with(DowningStrategy::keep_oldest);
    const Case cases[] = {
        {"majority: two of three", majority, 3, {3}, {3}},
        {"majority: one of three", majority, 3, {1, 2}, {3}},
        {"majority: five beside four", majority, 9, {1, 2, 3, 4}, {1, 2, 3, 4}},
        {"majority: four and the lowest address", majority, 8, {5, 6, 7, 8}, {5, 6, 7, 8}},
        {"majority: four without it", majority, 8, {1, 2, 3, 4}, {5, 6, 7, 8}},
        {"quorum of five: one and two", with(DowningStrategy::static_quorum, 5), 3, {2, 3}, {1}},
        {"quorum of five: four and four", with(DowningStrategy::static_quorum, 5), 8, {5, 6, 7, 8}, {1, 2, 3, 4}},
        {"quorum of five: five and four", with(DowningStrategy::static_quorum, 5), 9, {6, 7, 8, 9}, {6, 7, 8, 9}},
        {"quorum of five: one and five", with(DowningStrategy::static_quorum, 5), 6, {2, 3, 4, 5, 6}, {1}},
        {"oldest: three and three", oldest, 6, {4, 5, 6}, {4, 5, 6}},
        {"oldest: one and one", oldest, 2, {2}, {2}},
        {"oldest: alone beside two", oldest, 3, {2, 3}, {1}},
        {"oldest: the two beside it", oldest, 3, {1}, {1}},
        {"all: one and two", with(DowningStrategy::down_all), 3, {2, 3}, {1, 2, 3}},
        {"manual: nobody", with(DowningStrategy::manual), 3, {2, 3}, {}},
    };
    for (const Case &row : cases) {
        EXPECT_EQ(downed_by(row.settings, up(row.members), row.unreachable), row.down) << row.name;
    }
}

TEST(LeaseMajority, BothSidesAskAndTheSmallerOneLater) {
    const DowningSettings settings = with(DowningStrategy::lease_majority);
    const DowningDecision larger = decide_downing(settings, up(5), {4, 5});
    EXPECT_TRUE(larger.by_lease && !larger.smaller_side);
    EXPECT_EQ(larger.down, (Uids{4, 5}));
    EXPECT_EQ(larger.down_if_refused, (Uids{1, 2, 3}));
    const DowningDecision smaller = decide_downing(settings, up(5), {1, 2, 3});
    EXPECT_TRUE(smaller.by_lease && smaller.smaller_side);
    EXPECT_EQ(smaller.down, (Uids{1, 2, 3}));
    EXPECT_FALSE(decide_downing(settings, up(5), {}).by_lease);
}

// Members who accuse each other, as in a drawing of the links that do not work.
Members with_bad_links(uint64_t count, std::initializer_list<std::pair<uint64_t, uint64_t>> links) {
    Members members = up(count);
    for (const auto &[one, other] : links) {
        members[one].accusations.push_back({other, 0});
        members[other].accusations.push_back({one, 0});
    }
    return members;
}

TEST(IndirectConnections, WhoeverSpeaksOrHasSeenTheStateIsConnected) {
    Members members = up(5);
    members[1].accusations = {{4, 0}, {5, 0}};
    EXPECT_TRUE(indirectly_connected(members, {4, 5}, {}).empty());
    EXPECT_EQ(indirectly_connected(members, {4, 5}, {4}), (std::set<uint64_t>{4}));
    members[5].accusations = {{1, 0}};
    EXPECT_EQ(indirectly_connected(members, {4, 5}, {}), (std::set<uint64_t>{5}));
    members[5].accusations = {{4, 0}};  // of its own side: that is old news
    EXPECT_TRUE(indirectly_connected(members, {4, 5}, {}).empty());
}

TEST(IndirectConnections, TheFewestThatTouchEveryBadLinkGo) {
    // Nobody but 3 and 4 can reach 5, so 5 goes and not the two that it cannot reach.
    EXPECT_EQ(downed_by({}, with_bad_links(5, {{1, 5}, {2, 5}}), {5}), (Uids{5}));
    // Of the two ends of a single bad link the younger goes.
    EXPECT_EQ(downed_by({}, with_bad_links(5, {{2, 4}}), {2, 4}, {2, 4}), (Uids{4}));
    // Two stars.
    EXPECT_EQ(downed_by({}, with_bad_links(7, {{1, 6}, {2, 6}, {3, 7}, {4, 7}}), {6, 7}), (Uids{6, 7}));
}

TEST(IndirectConnections, WhenThatWouldLeaveNoMajorityAllCountAsCutOff) {
    EXPECT_EQ(downed_by({}, with_bad_links(4, {{1, 3}, {2, 4}}), {3, 4}), (Uids{3, 4}));
    EXPECT_EQ(downed_by(with(DowningStrategy::static_quorum, 5), with_bad_links(5, {{1, 5}, {2, 5}}), {5}),
              (Uids{1, 2, 3, 4}));
    // 1 has accused 2 before it left; that came to 2 late, and is no sign that they are connected.
    EXPECT_EQ(downed_by({}, with_bad_links(2, {{1, 2}}), {1}), (Uids{2}));
}

TEST(IndirectConnections, BesideASplitTheyCountForTheOtherSide) {
    // 1 and 2 cannot reach 4, 5, nor 3, which has heard of it: 3 may be connected with 4 and 5.
    const Members members = with_bad_links(5, {{1, 3}, {2, 3}});
    EXPECT_EQ(downed_by({}, members, {3, 4, 5}), (Uids{1, 2, 3}));
    const Members more = with_bad_links(6, {{1, 5}, {2, 5}});
    EXPECT_EQ(downed_by({}, more, {5, 6}), (Uids{5, 6}));
}

TEST(IndirectConnections, AreCutByTheLeaseWithoutDelay) {
    const DowningDecision decision =
        decide_downing(with(DowningStrategy::lease_majority), with_bad_links(5, {{1, 5}, {2, 5}}), {5});
    EXPECT_TRUE(decision.by_lease && !decision.smaller_side);
    EXPECT_EQ(decision.down, (Uids{5}));
    EXPECT_EQ(decision.down_if_refused, (Uids{1, 2, 3, 4, 5}));
}

// The smallest size of a cover, found in the plainest way.
size_t smallest_cover(const std::vector<BadLink> &links, uint64_t count) {
    size_t best = count;
    for (uint64_t set = 0; set < 1u << count; ++set) {
        const auto holds = [set](uint64_t number) { return (set >> (number - 1) & 1) != 0; };
        if (std::all_of(links.begin(), links.end(),
                        [&](const BadLink &link) { return holds(link.one) || holds(link.other); })) {
            best = std::min(best, static_cast<size_t>(__builtin_popcountll(set)));
        }
    }
    return best;
}

TEST(MinimumCover, IsACoverAndNoSmallerOneExistsInAnyGraphOfFive) {
    const Members members = up(5);
    std::vector<BadLink> all;
    for (uint64_t one = 1; one <= 5; ++one) {
        for (uint64_t other = one + 1; other <= 5; ++other) {
            all.push_back({one, other});
        }
    }
    for (uint64_t graph = 0; graph < 1u << all.size(); ++graph) {
        std::vector<BadLink> links;
        for (size_t i = 0; i < all.size(); ++i) {
            if ((graph >> i & 1) != 0) {
                links.push_back(all[i]);
            }
        }
        const std::set<uint64_t> cover = minimum_cover(links, members);
        for (const BadLink &link : links) {
            ASSERT_TRUE(cover.count(link.one) != 0 || cover.count(link.other) != 0);
        }
        ASSERT_EQ(cover.size(), smallest_cover(links, 5));
    }
}

TEST(MinimumCover, OfMoreThanTwentyIsStillACover) {
    std::vector<BadLink> links;
    for (uint64_t number = 2; number <= 30; ++number) {
        links.push_back({1, number});
    }
    EXPECT_EQ(minimum_cover(links, up(30)), (std::set<uint64_t>{1}));
}

}  // namespace
}  // namespace motet
