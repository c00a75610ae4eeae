#include "core/cluster/compatibility.h"

#include <gtest/gtest.h>

#include "core/cluster/membership.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

Requirements with(std::initializer_list<std::pair<const std::string, Requirement>> values, bool enforced = true) {
    return {std::map<std::string, Requirement>(values), enforced};
}

Result<Requirements> of(const std::vector<std::pair<std::string, std::string>> &values) {
    Config config;
    for (const auto &[key, value] : values) {
        const Status set = config.set(key, value);
        EXPECT_TRUE(set.ok()) << set.message();
    }
    return Requirements::from(config);
}

TEST(Compatibility, EqualValuesDifferInNothing) {
    const Requirements same = with({{"a", {"1"}}, {"b", {"2", false}}});
    EXPECT_TRUE(difference(same, same).fatal.empty());
    EXPECT_TRUE(difference(same, same).logged.empty());
}

TEST(Compatibility, ADifferenceNamesTheKeyAndBothValues) {
    const Difference found = difference(with({{"a", {"1"}}, {"b", {"x"}}}), with({{"a", {"2"}}, {"c", {"y"}}}));
    EXPECT_EQ(found.fatal, "a is \"1\" there and \"2\" in the cluster, b is \"x\" there and not set in the cluster, "
                           "c is not set there and \"y\" in the cluster");
    EXPECT_EQ(found.logged, found.fatal);
}

TEST(Compatibility, EitherSideCanHaveAKeyOnlyLoggedAndTheJoinerAll) {
    const Requirements one = with({{"a", {"1"}}});
    const Requirements two = with({{"a", {"2"}}});
    EXPECT_FALSE(difference(one, two).fatal.empty());
    for (const Difference &found :
         {difference(with({{"a", {"1", false}}}), two), difference(one, with({{"a", {"2", false}}})),
          difference(with({{"a", {"1"}}}, false), two)}) {
        EXPECT_TRUE(found.fatal.empty());
        EXPECT_FALSE(found.logged.empty());
    }
    EXPECT_FALSE(difference(one, with({{"a", {"2"}}}, false)).fatal.empty());  // the member does not decide for it
}

TEST(Compatibility, IsReadFromTheConfiguration) {
    const Requirements read = of({{"cluster.compatibility.keys", "cluster.observers"},
                                  {"cluster.compatibility.value.schema", "7"},
                                  {"cluster.compatibility.log-only", "cluster.compatibility.value.schema"}})
                                  .value();
    EXPECT_EQ(read.by_key.at("cluster.downing.strategy").value, "keep-majority");
    EXPECT_EQ(read.by_key.at("cluster.observers").value, "6");
    EXPECT_TRUE(read.by_key.at("cluster.observers").enforced);
    EXPECT_EQ(read.by_key.at("cluster.compatibility.value.schema"), (Requirement{"7", false}));
    EXPECT_TRUE(read.enforced);
    EXPECT_FALSE(of({{"cluster.compatibility.enforce", "off"}}).value().enforced);
}

TEST(Compatibility, WhatCannotBeComparedIsRefused) {
    const std::vector<std::pair<std::vector<std::pair<std::string, std::string>>, std::string>> table = {
        {{{"cluster.compatibility.keys", "remote.cookie"}}, "secret"},
        {{{"cluster.compatibility.keys", "remote.curve.key-file"}}, "secret"},
        {{{"cluster.compatibility.keys", "cluster.nonsense"}}, "cluster.nonsense"},
        {{{"cluster.compatibility.log-only", "cluster.observers"}}, "not compared"},
        {{{"cluster.compatibility.value.long", std::string(300, 'x')}}, "at most 256"},
    };
    for (const auto &[values, named] : table) {
        const Result<Requirements> refused = of(values);
        EXPECT_EQ(refused.status().code(), Code::BAD_VALUE);
        EXPECT_NE(refused.status().message().find(named), std::string::npos) << refused.status().message();
    }
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 70; ++i) {
        many.emplace_back("cluster.compatibility.value.v" + std::to_string(i), "1");
    }
    EXPECT_NE(of(many).status().message().find("at most 64 keys"), std::string::npos);
}

// A member, and what it answers to who wants to join.
class Asked : public testing::Test {
  protected:
    Asked() {
        settings_.seeds = {address_of(1)};
        settings_.requirements = with({{"a", {"1"}}});
        member_ = std::make_unique<Membership>(UniqueAddress{address_of(1), 1}, settings_, Random(1));
        member_->start(now_);
        member_->on_timer(now_);
        (void)member_->take_effects();
    }

    std::vector<Packet> ask(const Requirements &requirements) {
        const Join join{kClusterProtocol, make_member(2, MemberStatus::joining), requirements};
        member_->on_packet(now_, address_of(2), encode({2, 0, join}));
        std::vector<Packet> answers;
        for (const Effect &effect : member_->take_effects()) {
            if (const auto *packet = std::get_if<SendPacket>(&effect)) {
                answers.push_back(decode(packet->bytes).value());
            } else if (const auto *log = std::get_if<WriteLog>(&effect)) {
                logged_ += log->text;
            } else if (const auto *event = std::get_if<EmitEvent>(&effect)) {
                events_.push_back(event->event);
            }
        }
        return answers;
    }

    Now now_;
    ClusterSettings settings_;
    std::unique_ptr<Membership> member_;
    std::string logged_;
    std::vector<ClusterEvent> events_;
};

TEST_F(Asked, WhoDoesNotFitIsRefusedWithTheReason) {
    const std::vector<Packet> answers = ask(with({{"a", {"2"}}}));
    ASSERT_EQ(answers.size(), 1u);
    const Refusal &refusal = std::get<Refusal>(answers[0].body);
    EXPECT_EQ(refusal.code, Code::INCOMPATIBLE);
    EXPECT_NE(refusal.reason.find("a is \"2\" there and \"1\" in the cluster"), std::string::npos);
    EXPECT_EQ(member_->state().find(2), nullptr);
    ASSERT_EQ(events_.size(), 1u);
    EXPECT_EQ(events_[0].code, Code::INCOMPATIBLE);
    EXPECT_NE(logged_.find("a is"), std::string::npos);
}

TEST_F(Asked, WhatIsNotEnforcedIsLoggedOnBothSides) {
    const std::vector<Packet> answers = ask(with({{"a", {"2"}}}, false));
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_NE(std::get<Offer>(answers[0].body).note.find("a is \"2\""), std::string::npos);
    EXPECT_TRUE(std::get<Gossip>(answers[1].body).welcome);
    EXPECT_NE(member_->state().find(2), nullptr);
    EXPECT_NE(logged_.find("a is"), std::string::npos);
    logged_.clear();
    EXPECT_EQ(ask(with({{"a", {"2"}}}, false)).size(), 1u);  // asked again: it is a member
    EXPECT_TRUE(logged_.empty());
}

TEST_F(Asked, WhoFitsIsLetInWithoutAWord) {
    EXPECT_EQ(ask(with({{"a", {"1"}}})).size(), 1u);
    EXPECT_EQ(logged_.find("differs"), std::string::npos);
}

TEST_F(Asked, AJoinerThatIsRefusedByAllGivesUpAndOneThatIsLetInLogsTheNote) {
    ClusterSettings settings;
    settings.seeds = {address_of(1)};
    Membership joiner({address_of(2), 2}, settings, Random(2));
    joiner.start(now_);
    joiner.on_timer(now_);
    joiner.on_packet(now_, address_of(1), encode({1, 2, Offer{true, {1, 1}}}));
    joiner.on_packet(now_, address_of(1), encode({1, 2, Offer{true, {1, 1}, "a is different"}}));
    joiner.on_packet(now_, address_of(1), encode({1, 2, Refusal{Code::INCOMPATIBLE, "it does not fit"}}));
    size_t given_up = 0;
    std::string logged;
    for (const Effect &effect : joiner.take_effects()) {
        const auto *up = std::get_if<GiveUpJoining>(&effect);
        given_up += up && up->incompatible ? 1 : 0;
        if (const auto *log = std::get_if<WriteLog>(&effect)) {
            logged += log->text;
        }
    }
    EXPECT_EQ(given_up, 1u);
    EXPECT_NE(logged.find("a is different"), std::string::npos);
    EXPECT_NE(logged.find("it does not fit"), std::string::npos);
}

}  // namespace
}  // namespace motet
