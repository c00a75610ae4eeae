#include "core/cluster/convergence.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Uids = std::set<uint64_t>;

struct Picture {
    State state;
    Uids unreachable;
    Uids departed;
    View view() const { return {state, 1, unreachable, departed}; }
};

TEST(Convergence, WaitsForEveryUpMemberToHaveSeen) {
    Picture picture{state_of(1, {make_member(1), make_member(2), make_member(3, MemberStatus::joining)}), {}, {}};
    EXPECT_EQ(convergence_blockers(picture.view()), std::vector<uint64_t>{2});
    picture.state.mark_seen(2);
    EXPECT_TRUE(converged(picture.view()));
}

TEST(Convergence, NamesAllWhoBlockItOnceAndInOrder) {
    Picture picture{state_of(1, {make_member(1), make_member(2), make_member(3), make_member(4)}), {2, 4}, {}};
    picture.state.mark_seen(2);
    EXPECT_EQ(convergence_blockers(picture.view()), (std::vector<uint64_t>{2, 3, 4}));
}

TEST(Convergence, IsBlockedByWhoCannotBeReachedUnlessItIsDown) {
    Picture picture{state_of(1, {make_member(1), make_member(2)}), {2}, {}};
    picture.state.mark_seen(2);
    EXPECT_FALSE(converged(picture.view()));
    picture.state.apply(make_member(2, MemberStatus::down), 0);
    EXPECT_TRUE(converged(picture.view()));
}

TEST(Convergence, OfTheFirstMembersNeedsAllOfThem) {
    const MemberStatus joining = MemberStatus::joining;
    Picture picture{state_of(1, {make_member(1, joining), make_member(2, joining)}), {}, {}};
    EXPECT_FALSE(converged(picture.view()));
    picture.state.mark_seen(2);
    EXPECT_TRUE(converged(picture.view()));
}

TEST(Leader, IsTheFirstReachableUpMemberByAddress) {
    Picture picture{state_of(1, {make_member(1, MemberStatus::joining), make_member(2), make_member(3)}), {}, {}};
    EXPECT_EQ(leader_of(picture.view()), 2u);
    picture.unreachable = {2};
    EXPECT_EQ(leader_of(picture.view()), 3u);
    picture.unreachable = {2, 3};
    EXPECT_EQ(leader_of(picture.view()), 1u);
}

TEST(LeaderActions, MakeUpInAddressOrderWithGrowingAge) {
    Picture picture{
        state_of(1, {make_member(1), make_member(3, MemberStatus::weakly_up), make_member(2, MemberStatus::joining)}),
        {},
        {}};
    const std::vector<Member> actions = leader_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 2u);
    EXPECT_EQ(actions[0].uid(), 2u);
    EXPECT_EQ(actions[0].status, MemberStatus::up);
    EXPECT_EQ(actions[0].up_number, 2u);
    EXPECT_EQ(actions[1].up_number, 3u);
}

TEST(LeaderActions, NeverGiveANumberAgainThatThisNodeHasSeen) {
    Picture picture{state_of(1, {make_member(1), make_member(3), make_member(4, MemberStatus::joining)}), {}, {}};
    picture.state.apply(make_member(3, MemberStatus::removed), 0);
    const std::vector<Member> actions = leader_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 1u);
    EXPECT_EQ(actions[0].up_number, 4u);
}

TEST(LeaderActions, WaitForEnoughMembersInAllAndInEachRole) {
    Member joiner = make_member(2, MemberStatus::joining);
    joiner.roles = {"backend"};
    Picture picture{state_of(1, {make_member(1, MemberStatus::joining), joiner}), {}, {}};
    EXPECT_TRUE(leader_actions(picture.view(), {3, {}}).empty());
    EXPECT_TRUE(leader_actions(picture.view(), {1, {{"backend", 2}}}).empty());
    EXPECT_EQ(leader_actions(picture.view(), {2, {{"backend", 1}}}).size(), 2u);
}

TEST(LeaderActions, RemoveOnlyWhoIsKnownToHaveEnded) {
    Picture picture{state_of(1, {make_member(1), make_member(2, MemberStatus::down),
                                 make_member(3, MemberStatus::exiting), make_member(4, MemberStatus::leaving)}),
                    {},
                    {}};
    std::vector<Member> actions = leader_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 1u);
    EXPECT_EQ(actions[0].status, MemberStatus::exiting);
    picture.unreachable = {2};
    picture.departed = {3};
    actions = leader_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 3u);
    EXPECT_TRUE(actions[0].removed());
    EXPECT_TRUE(actions[1].removed());
}

TEST(LeaderActions, RemoveAnOldLifeWhenANewOneIsThere) {
    Member old = make_member(9, MemberStatus::down);
    old.node.address = address_of(2);
    Picture picture{state_of(1, {make_member(1), make_member(2), old}), {}, {}};
    const std::vector<Member> actions = leader_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 1u);
    EXPECT_EQ(actions[0].uid(), 9u);
}

TEST(WeaklyUp, IsForTheReachableThatAreJoining) {
    const MemberStatus joining = MemberStatus::joining;
    Picture picture{state_of(1, {make_member(1), make_member(2, joining), make_member(3, joining)}), {3}, {}};
    const std::vector<Member> actions = weakly_up_actions(picture.view(), {});
    ASSERT_EQ(actions.size(), 1u);
    EXPECT_EQ(actions[0].uid(), 2u);
    EXPECT_EQ(actions[0].status, MemberStatus::weakly_up);
}

}  // namespace
}  // namespace motet
