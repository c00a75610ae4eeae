#include "core/cluster/state.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

TEST(State, FingerprintDependsOnWhatIsKnownAndNotOnTheWayThere) {
    State one = state_of(1, {make_member(1), make_member(2), make_member(3)});
    State other = state_of(9, {make_member(3), make_member(2, MemberStatus::joining), make_member(1)});
    EXPECT_FALSE(one.fingerprint() == other.fingerprint());
    EXPECT_TRUE(other.apply(make_member(2), 0));
    EXPECT_EQ(one.fingerprint(), other.fingerprint());
    EXPECT_EQ(one.buckets(), other.buckets());
    EXPECT_FALSE(other.apply(make_member(2), 0));
}

TEST(State, TheRemovedNeverComeBack) {
    State state = state_of(1, {make_member(1), make_member(2)});
    const Id128 alone = state_of(1, {make_member(1)}).fingerprint();
    EXPECT_TRUE(state.apply(make_member(2, MemberStatus::removed), 0));
    EXPECT_EQ(state.fingerprint(), alone);
    EXPECT_FALSE(state.apply(make_member(2), 0));
    EXPECT_TRUE(state.was_removed(2));
    EXPECT_EQ(state.find(2), nullptr);
    // Also one that was never known alive here.
    EXPECT_FALSE(state.apply(make_member(3, MemberStatus::removed), 0));
    EXPECT_FALSE(state.apply(make_member(3), 0));
}

TEST(State, TombstonesAreForgottenAfterADay) {
    State state = state_of(1, {make_member(1), make_member(2)});
    state.apply(make_member(2, MemberStatus::removed), 0);
    state.expire_tombstones(kTombstoneAge);
    EXPECT_TRUE(state.was_removed(2));
    state.expire_tombstones(kTombstoneAge + 1);
    EXPECT_FALSE(state.was_removed(2));
}

TEST(State, ALifeCannotMove) {
    State state = state_of(1, {make_member(1), make_member(2)});
    Member moved = make_member(2, MemberStatus::down);
    moved.node.address = address_of(7);
    EXPECT_FALSE(state.apply(moved, 0));
}

TEST(State, SeenStartsAnewWithEveryChange) {
    State state = state_of(1, {make_member(1), make_member(2), make_member(3)});
    EXPECT_EQ(state.seen(), std::set<uint64_t>{1});
    state.mark_seen(3);
    state.mark_seen(99);  // not a member
    EXPECT_EQ(state.seen(), (std::set<uint64_t>{1, 3}));
    state.apply(make_member(2, MemberStatus::leaving), 0);
    EXPECT_EQ(state.seen(), std::set<uint64_t>{1});
}

TEST(State, SeenTravelsAsBits) {
    State one = state_of(1, {make_member(1), make_member(2), make_member(3)});
    State other = state_of(3, {make_member(1), make_member(2), make_member(3)});
    EXPECT_EQ(one.seen_bits(), std::vector<uint8_t>{0b001});
    other.merge_seen_bits(one.seen_bits());
    EXPECT_EQ(other.seen(), (std::set<uint64_t>{1, 3}));
    other.merge_seen_bits({0xff, 0xff});
    EXPECT_TRUE(other.seen_by_all());
}

TEST(State, NewsIsNewestFirstUntilAllHaveSeenIt) {
    State state = state_of(1, {make_member(1), make_member(2)});
    state.mark_seen(2);
    EXPECT_TRUE(state.news().empty());
    state.apply(make_member(3, MemberStatus::joining), 0);
    state.apply(make_member(2, MemberStatus::removed), 0);
    const std::vector<Member> news = state.news();
    ASSERT_EQ(news.size(), 2u);
    EXPECT_EQ(news[0].uid(), 2u);
    EXPECT_TRUE(news[0].removed());
    EXPECT_EQ(news[1].uid(), 3u);
    state.mark_seen(3);
    EXPECT_TRUE(state.news().empty());
}

TEST(State, ABucketHoldsTheRemovedToo) {
    State state = state_of(1, {make_member(1), make_member(65), make_member(2)});
    state.apply(make_member(65, MemberStatus::removed), 0);
    EXPECT_EQ(State::bucket_of(1), State::bucket_of(65));
    const std::vector<Member> bucket = state.bucket(1);
    ASSERT_EQ(bucket.size(), 2u);
    EXPECT_EQ(bucket[0].uid(), 1u);
    EXPECT_TRUE(bucket[1].removed());
}

TEST(State, FindsTheLivingAtAnAddress) {
    Member old = make_member(5, MemberStatus::down);
    old.node.address = address_of(2);
    State state = state_of(1, {make_member(1), make_member(2), old});
    EXPECT_EQ(state.living_at(address_of(2))->uid(), 2u);
    EXPECT_EQ(state.living_at(address_of(9)), nullptr);
}

}  // namespace
}  // namespace motet
