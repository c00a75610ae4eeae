#include "core/cluster/gossip.h"

#include <gtest/gtest.h>

#include <deque>

#include "core/base/random.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

const Id128 kCluster{1, 2};

// Lets two states talk, starting with a packet of the first, until neither has anything to answer. Returns how many
// packets that took.
int converse(State &one, uint64_t one_uid, State &other, uint64_t other_uid, Gossip first) {
    std::deque<std::pair<bool, Gossip>> queue{{true, std::move(first)}};
    int packets = 0;
    while (!queue.empty() && packets < 1000) {
        const auto [to_other, gossip] = queue.front();
        queue.pop_front();
        ++packets;
        EXPECT_LE(encode({1, 2, gossip}).size(), kMaxPacket);
        State &receiver = to_other ? other : one;
        const uint64_t from = to_other ? one_uid : other_uid;
        const uint64_t self = to_other ? other_uid : one_uid;
        for (Gossip &answer : receive_gossip(receiver, gossip, from, self, 0).answers) {
            queue.emplace_back(!to_other, std::move(answer));
        }
    }
    return packets;
}

TEST(Gossip, NewsIsTakenInAndSeenMarked) {
    State one = state_of(1, {make_member(1), make_member(2)});
    State other = state_of(2, {make_member(1), make_member(2)});
    one.apply(make_member(3, MemberStatus::joining), 0);
    converse(one, 1, other, 2, compose_gossip(one, kCluster));
    EXPECT_EQ(one.fingerprint(), other.fingerprint());
    EXPECT_TRUE(one.seen().count(2) != 0);
    EXPECT_TRUE(other.seen().count(1) != 0);
}

TEST(Gossip, OldNewsIsCorrected) {
    State one = state_of(1, {make_member(1), make_member(2), make_member(3)});
    State other = state_of(2, {make_member(1), make_member(2), make_member(3)});
    other.apply(make_member(3, MemberStatus::removed), 0);
    for (const uint64_t uid : {1, 2}) {
        other.mark_seen(uid);  // no longer news at the other
    }
    converse(one, 1, other, 2, compose_gossip(one, kCluster));
    EXPECT_TRUE(one.was_removed(3));
    EXPECT_EQ(one.fingerprint(), other.fingerprint());
}

TEST(Gossip, AnUnexplainedDifferenceIsFoundByBuckets) {
    Random random(3);
    for (int round = 0; round < 50; ++round) {
        State one(1), other(2);
        for (uint64_t number = 1; number <= 300; ++number) {
            const Member member = make_member(number);
            const uint64_t who = number <= 2 ? 0 : random.below(20);
            if (who != 1) {
                one.apply(member, 0);
            }
            if (who != 2) {
                other.apply(member, 0);
            }
        }
        // Nothing of it is news: as if all had settled long ago.
        Gossip first{kCluster, one.fingerprint()};
        const int packets = converse(one, 1, other, 2, first);
        EXPECT_EQ(one.fingerprint(), other.fingerprint());
        EXPECT_LT(packets, 20);
    }
}

TEST(Gossip, AJoinerLearnsAllWhateverFitsIntoTheWelcome) {
    State contact(1);
    for (uint64_t number = 1; number <= 1000; ++number) {
        contact.apply(make_member(number), 0);
    }
    contact.apply(make_member(5000, MemberStatus::joining), 0);
    State joiner(5000);
    const Gossip welcome = compose_welcome(contact, kCluster, 1, 5000);
    EXPECT_LT(welcome.members.size(), 200u);
    const int packets = converse(contact, 1, joiner, 5000, welcome);
    EXPECT_EQ(contact.fingerprint(), joiner.fingerprint());
    EXPECT_LT(packets, 40);
}

TEST(Gossip, NobodyElseCanRaiseOnesOwnIncarnation) {
    State state = state_of(1, {make_member(1), make_member(2)});
    Member forged = make_member(1);
    forged.incarnation = 5;
    Gossip gossip{kCluster, {9, 9}};
    gossip.members = {forged};
    receive_gossip(state, gossip, 2, 1, 0);
    EXPECT_EQ(state.find(1)->incarnation, 0u);
}

TEST(Gossip, AnAnswerWithNothingNewEndsTheTalk) {
    State one = state_of(1, {make_member(1), make_member(2)});
    State other = state_of(2, {make_member(1), make_member(2)});
    EXPECT_LE(converse(one, 1, other, 2, compose_gossip(one, kCluster)), 2);
    // A liar whose fingerprint never fits cannot make it go on for ever.
    Gossip liar{kCluster, {9, 9}};
    liar.answers = 1;
    EXPECT_LE(receive_gossip(one, liar, 2, 1, 0).answers.size(), 1u);
    liar.answers = 100;
    EXPECT_TRUE(receive_gossip(one, liar, 2, 1, 0).answers.empty());
}

}  // namespace
}  // namespace motet
