#include "core/cluster/member.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

Member random_version(Random &random) {
    Member member = make_member(1, static_cast<MemberStatus>(random.below(7)));
    member.incarnation = static_cast<uint32_t>(random.below(3));
    member.up_number = static_cast<uint32_t>(random.below(3));
    member.observed = static_cast<uint32_t>(random.below(4));
    // One number of observations always stands for the same accusations: only the node itself counts it up.
    for (uint32_t i = 0; i < member.observed && !member.gone(); ++i) {
        member.accusations.push_back({10 + i, member.observed});
    }
    return member;
}

TEST(Member, MergeIsCommutativeAssociativeAndIdempotent) {
    Random random(1);
    for (int i = 0; i < 5000; ++i) {
        const Member a = random_version(random), b = random_version(random), c = random_version(random);
        EXPECT_EQ(merge(a, b), merge(b, a));
        EXPECT_EQ(merge(a, merge(b, c)), merge(merge(a, b), c));
        EXPECT_EQ(merge(a, a), a);
        EXPECT_EQ(merge(a, merge(a, b)), merge(a, b));
    }
}

TEST(Member, MergeKeepsTheLaterStatusAndTheEarlierAge) {
    Member up = make_member(1);
    Member leaving = make_member(1, MemberStatus::leaving);
    leaving.up_number = 7;
    EXPECT_EQ(merge(up, leaving).status, MemberStatus::leaving);
    EXPECT_EQ(merge(up, leaving).up_number, 1u);
}

TEST(Member, WhoIsDownHasNothingToSay) {
    EXPECT_TRUE(merge(accusing(make_member(1), {2}), make_member(1, MemberStatus::down)).accusations.empty());
}

TEST(Member, EveryFieldChangesTheDigest) {
    const Member base = make_member(1);
    std::vector<Member> others(8, base);
    others[0].status = MemberStatus::leaving;
    others[1].incarnation = 1;
    others[2].up_number = 9;
    others[3].roles = {"a"};
    others[4].version = "1";
    others[5].observed = 1;
    others[6].accusations = {{2, 0}};
    others[7].node.uid = 2;
    for (const Member &other : others) {
        EXPECT_FALSE(base.digest() == other.digest());
    }
    EXPECT_EQ(base.digest(), make_member(1).digest());
}

TEST(Member, StatusesHaveNames) {
    EXPECT_STREQ(status_name(MemberStatus::weakly_up), "weakly-up");
    EXPECT_EQ(status_of("exiting"), MemberStatus::exiting);
    EXPECT_EQ(status_of("asleep"), std::nullopt);
}

}  // namespace
}  // namespace motet
