#include "core/cluster/reachability.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Uids = std::set<uint64_t>;

TEST(Reachability, OneAccuserIsNotEnough) {
    State state = state_of(1, {make_member(1), accusing(make_member(2), {4}), make_member(3), make_member(4)});
    EXPECT_EQ(unreachable_members(state, 1), Uids{});
    EXPECT_EQ(accusers_of(4, state, 1), std::vector<uint64_t>{2});
}

TEST(Reachability, TwoAccusersAre) {
    State state =
        state_of(1, {make_member(1), accusing(make_member(2), {4}), accusing(make_member(3), {4}), make_member(4)});
    EXPECT_EQ(unreachable_members(state, 1), Uids{4});
}

TEST(Reachability, WhoHearsNobodyConcludesItAlone) {
    State state = state_of(1, {accusing(make_member(1), {2, 3, 4}), make_member(2), make_member(3), make_member(4)});
    EXPECT_EQ(unreachable_members(state, 1), (Uids{2, 3, 4}));
    // Nobody else believes it.
    EXPECT_EQ(unreachable_members(state, 2), Uids{});
}

TEST(Reachability, OfTwoMembersTheOneDecides) {
    State state = state_of(1, {accusing(make_member(1), {2}), make_member(2)});
    EXPECT_EQ(unreachable_members(state, 1), Uids{2});
    EXPECT_EQ(unreachable_members(state, 2), Uids{});
}

TEST(Reachability, NobodyIsUnreachableToItself) {
    State state = state_of(1, {make_member(1), accusing(make_member(2), {1}), accusing(make_member(3), {1})});
    EXPECT_EQ(unreachable_members(state, 1), Uids{});
}

TEST(Reachability, WhoLeavesOrIsAccusedByUsDoesNotCount) {
    Member leaving = accusing(make_member(2, MemberStatus::leaving), {4});
    State state = state_of(1, {make_member(1), leaving, accusing(make_member(3), {4}), make_member(4)});
    EXPECT_EQ(unreachable_members(state, 1), Uids{});
    State other = state_of(1, {accusing(make_member(1), {2}), accusing(make_member(2), {4}),
                               accusing(make_member(3), {4}), make_member(4), make_member(5)});
    EXPECT_EQ(unreachable_members(other, 1), Uids{});
}

TEST(Reachability, ARefutedAccusationDoesNotStand) {
    State state =
        state_of(1, {make_member(1), accusing(make_member(2), {4}), accusing(make_member(3), {4}), make_member(4)});
    Member refuted = make_member(4);
    refuted.incarnation = 1;
    state.apply(refuted, 0);
    EXPECT_EQ(unreachable_members(state, 1), Uids{});
}

}  // namespace
}  // namespace motet
