#include "core/cluster/join.h"

#include <gtest/gtest.h>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

const Address kSelf = address_of(1);
const Address kOne = address_of(2);
const Address kTwo = address_of(3);

Now at(Nanos seconds) { return {seconds * kSecond, 0}; }

TEST(JoinProcess, TheOnlySeedFoundsAtOnce) {
    JoinProcess join{{}};
    join.start(kSelf, {kSelf}, at(0));
    EXPECT_TRUE(join.step(at(0)).found);
    EXPECT_FALSE(join.active());
}

TEST(JoinProcess, TheFirstSeedFoundsWhenNoOtherHasACluster) {
    JoinProcess join{{}};
    join.start(kSelf, {kSelf, kOne, kTwo}, at(0));
    EXPECT_EQ(join.step(at(0)).hello, (std::vector<Address>{kOne, kTwo}));
    join.offered(kOne, false, at(0));
    EXPECT_FALSE(join.step(at(1)).found);
    join.offered(kTwo, false, at(1));
    EXPECT_TRUE(join.step(at(1)).found);
}

TEST(JoinProcess, TheFirstSeedFoundsWhenNobodyAnswersInTime) {
    JoinProcess join{{}};
    join.start(kSelf, {kSelf, kOne}, at(0));
    EXPECT_FALSE(join.step(at(4)).found);
    EXPECT_TRUE(join.step(at(5)).found);
}

TEST(JoinProcess, OthersNeverFoundAndAskAgain) {
    JoinProcess join{{}};
    join.start(kSelf, {kOne, kSelf}, at(0));
    EXPECT_EQ(join.step(at(0)).hello, std::vector<Address>{kOne});
    EXPECT_TRUE(join.step(Now{1, 0}).hello.empty());
    join.offered(kOne, false, at(0));
    for (Nanos second = 1; second < 100; ++second) {
        const JoinProcess::Step step = join.step(at(second));
        EXPECT_FALSE(step.found);
        EXPECT_EQ(step.hello.size(), 1u);
    }
}

TEST(JoinProcess, TheFirstOfferWinsAndIsGivenUpAfterATime) {
    JoinProcess join{{}};
    join.start(kSelf, {kOne, kTwo}, at(0));
    join.step(at(0));
    join.offered(kTwo, true, at(0));
    join.offered(kOne, true, at(0));
    EXPECT_EQ(join.step(at(0)).join, kTwo);
    EXPECT_TRUE(join.awaits(kTwo));
    EXPECT_FALSE(join.awaits(kOne));
    EXPECT_EQ(join.step(at(1)).join, kTwo);
    EXPECT_EQ(join.step(at(5)).hello.size(), 2u);
}

TEST(JoinProcess, WhoWasNotAskedCannotOffer) {
    JoinProcess join{{}};
    join.start(kSelf, {kOne}, at(0));
    join.offered(kTwo, true, at(0));
    EXPECT_FALSE(join.step(at(0)).join.has_value());
}

TEST(JoinProcess, GivesUpAfterTheTimeAllowedForAll) {
    JoinSettings settings;
    settings.give_up = 30 * kSecond;
    JoinProcess join(settings);
    join.start(kSelf, {kOne}, at(0));
    EXPECT_FALSE(join.step(at(29)).given_up);
    EXPECT_TRUE(join.step(at(30)).given_up);
    EXPECT_FALSE(join.active());
}

TEST(JoinProcess, ARefusalEndsItWhenNobodyElseIsLeft) {
    JoinProcess join{{}};
    join.start(kSelf, {kSelf, kOne, kTwo}, at(0));
    EXPECT_FALSE(join.refused(kOne));
    EXPECT_EQ(join.step(at(0)).hello, std::vector<Address>{kTwo});
    EXPECT_FALSE(join.step(at(60)).found);
    EXPECT_TRUE(join.refused(kTwo));
    EXPECT_FALSE(join.active());
}

JoinSettings discovering() {
    JoinSettings settings;
    settings.discovery_interval = 2 * kSecond;
    return settings;
}

TEST(JoinProcess, WhoDiscoversAsksAgainAndJoinsWhoeverHasACluster) {
    JoinProcess join{discovering()};
    join.start_discovery(at(0));
    EXPECT_TRUE(join.step(at(0)).look_up);
    EXPECT_FALSE(join.step(at(1)).look_up);
    EXPECT_TRUE(join.step(at(2)).look_up);
    join.discovered(kOne, {kTwo, kOne, kTwo}, at(2));
    EXPECT_EQ(join.step(at(3)).hello, std::vector<Address>{kTwo});
    join.offered(kTwo, true, at(3));
    const JoinProcess::Step step = join.step(at(4));
    EXPECT_EQ(step.join, kTwo);
    EXPECT_FALSE(step.look_up);
}

TEST(JoinProcess, OnlyTheFirstOfEnoughDiscoveredFounds) {
    JoinProcess alone{discovering()};
    alone.start_discovery(at(0));
    alone.discovered(kSelf, {kSelf}, at(0));
    EXPECT_FALSE(alone.step(at(100)).found);
    alone.discovered(kSelf, {kSelf, kOne}, at(100));
    EXPECT_FALSE(alone.step(at(104)).found);
    EXPECT_TRUE(alone.step(at(105)).found);
    JoinProcess second{discovering()};
    second.start_discovery(at(0));
    second.discovered(kOne, {kSelf, kOne}, at(0));
    EXPECT_FALSE(second.step(at(100)).found);
    JoinProcess answered{discovering()};
    answered.start_discovery(at(0));
    answered.discovered(kSelf, {kSelf, kOne}, at(0));
    answered.offered(kOne, false, at(1));
    EXPECT_TRUE(answered.step(at(1)).found);
}

TEST(JoinProcess, AClusterThatAsksByItselfIsJoined) {
    JoinProcess join{{}};
    join.start(kSelf, {kSelf, kOne}, at(0));
    join.invited(kTwo, at(0));
    const JoinProcess::Step step = join.step(at(1));
    EXPECT_EQ(step.join, kTwo);
    EXPECT_FALSE(step.found);
}

}  // namespace
}  // namespace motet
