// What a node refuses at start, and what it does not take from others.
#include <gtest/gtest.h>

#include "core/cluster/gossip.h"
#include "core/cluster/membership.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Reason = IgnoredPackets::Reason;
using Values = std::vector<std::pair<std::string, std::string>>;

const Address kSelf = Address::tcp("Unit", "10.0.0.1", 1001);

// The first refusal of settings: when they are set, read, or checked together.
Status refusal_of(const Values &values) {
    Config config;
    for (const auto &[key, value] : values) {
        if (Status set = config.set(key, value); !set.ok()) {
            return set;
        }
    }
    Result<ClusterSettings> settings = ClusterSettings::from(config);
    return settings.ok() ? settings.value().check(kSelf) : std::move(settings.status());
}

struct Refused {
    Values values;
    Code code;
    std::vector<std::string> named;  // what was wrong, and what would be accepted
};

TEST(BadInput, SettingsThatCannotBeAreRefusedWithTheReason) {
    const Refused table[] = {
        {{{"cluster.seed-nodes", ","}}, Code::BAD_VALUE, {"cluster.seed-nodes", "motet.tcp://System@host:port"}},
        {{{"cluster.seed-nodes", "10.0.0.1:1001"}}, Code::BAD_VALUE, {"10.0.0.1:1001", "motet.tcp://"}},
        {{{"cluster.seed-nodes", "motet.tcp://Unit@10.0.0.1"}}, Code::BAD_VALUE, {"Unit@10.0.0.1"}},
        {{{"cluster.seed-nodes", "motet.tcp://Unit@10.0.0.1:0"}}, Code::BAD_VALUE, {"10.0.0.1:0"}},
        {{{"cluster.seed-nodes", "motet.tcp://Unit@10.0.0.1:70000"}}, Code::BAD_VALUE, {"70000"}},
        {{{"cluster.seed-nodes", "motet.tcp://Unit@a:1,motet.tcp://Unit@a:1"}}, Code::BAD_VALUE, {"nothing twice"}},
        {{{"cluster.seed-nodes", "motet.tcp://Other@10.0.0.1:1001"}}, Code::BAD_ADDRESS, {"Other", "Unit@host:port"}},
        {{{"cluster.roles", "front,back,front"}}, Code::BAD_VALUE, {"front,back,front", "nothing twice"}},
        {{{"cluster.roles", "front end"}}, Code::BAD_VALUE, {"front end", "letters, digits"}},
        {{{"cluster.roles", std::string(65, 'x')}}, Code::BAD_VALUE, {"1 to 64 bytes"}},
        {{{"cluster.version", "latest"}}, Code::BAD_VALUE, {"latest", "1.2.3"}},
        {{{"cluster.version", ""}}, Code::BAD_VALUE, {"1.2.3"}},
        {{{"cluster.version", "1..2"}}, Code::BAD_VALUE, {"1..2"}},
        {{{"cluster.version", "1.2.3.4.5"}}, Code::BAD_VALUE, {"1.2.3.4.5", "one to four numbers"}},
        {{{"cluster.version", "1.2-"}}, Code::BAD_VALUE, {"1.2-"}},
        {{{"cluster.version", "99999999999"}}, Code::BAD_VALUE, {"99999999999"}},
        {{{"cluster.min-members", "5001"}}, Code::BAD_VALUE, {"5001", "from 1 to 5000"}},
        {{{"cluster.role.back.min-members", "5001"}}, Code::BAD_VALUE, {"5001", "from 0 to 5000"}},
        {{{"cluster.observers", "0"}}, Code::BAD_VALUE, {"cluster.observers", "from 1"}},
        {{{"cluster.downing.strategy", "keep-calm"}}, Code::BAD_VALUE, {"keep-calm", "keep-majority"}},
        {{{"cluster.downing.strategy", "static-quorum"}}, Code::BAD_VALUE, {"quorum-size", "at least 1"}},
        {{{"cluster.downing.quorum-size", "5001"}}, Code::BAD_VALUE, {"5001", "to 5000"}},
        {{{"cluster.downing.quorum-size", "3"}}, Code::BAD_VALUE, {"quorum-size of 3", "static-quorum", "expected 0"}},
        {{{"cluster.downing.strategy", "static-quorum"},
          {"cluster.downing.quorum-size", "2"},
          {"cluster.min-members", "4"}},
         Code::BAD_VALUE,
         {"cluster.min-members of 4", "quorum-size of 2", "at least 3"}},
        {{{"cluster.downing.stable-after", "2999ms"}},
         Code::BAD_VALUE,
         {"stable-after of 2999 ms", "acceptable-pause, 3000 ms", "at least 3000 ms"}},
        {{{"cluster.seed-nodes", kSelf.text() + ",motet.tcp://Unit@b:1"}, {"cluster.join-give-up", "5s"}},
         Code::BAD_VALUE,
         {"cluster.join-give-up of 5000 ms", "seed-contact-timeout", "or 0"}},
    };
    for (const Refused &row : table) {
        const Status refused = refusal_of(row.values);
        const std::string what = row.values.front().first + " = " + row.values.front().second;
        EXPECT_EQ(refused.code(), row.code) << what;
        for (const std::string &named : row.named) {
            EXPECT_NE(refused.message().find(named), std::string::npos) << what << ": " << refused.message();
        }
    }
}

TEST(BadInput, WhatIsOnlyUnusualIsTaken) {
    const std::vector<Values> table = {
        {},
        {{"cluster.version", "1"}},
        {{"cluster.version", "1.2.3.4"}},
        {{"cluster.version", "1.2.3-rc.1+build.77"}},
        {{"cluster.seed-nodes", kSelf.text()}},
        {{"cluster.downing.strategy", "manual"}, {"cluster.downing.stable-after", "1s"}},
        {{"cluster.downing.strategy", "static-quorum"},
         {"cluster.downing.quorum-size", "2"},
         {"cluster.min-members", "3"}},
        {{"cluster.seed-nodes", "motet.tcp://Unit@b:1"}, {"cluster.join-give-up", "1s"}},
    };
    for (const Values &values : table) {
        const Status status = refusal_of(values);
        EXPECT_TRUE(status.ok()) << status.message();
    }
}

// A member among three, and what member 2 tells it.
class Taught : public testing::Test {
  protected:
    Taught() {
        ClusterSettings settings;
        settings.seeds = {address_of(1)};
        machine_ = std::make_unique<Membership>(UniqueAddress{address_of(1), 1}, settings, Random(1));
        machine_->start(now_);
        run(kSecond);
        (void)tell({fresh(2), fresh(3)}, true);
    }

    static Member fresh(uint64_t number) {
        Member member = make_member(number);
        member.incarnation = 5;
        return member;
    }

    void run(Nanos duration) {
        for (const Nanos end = now_.mono + duration; now_.mono < end; now_.mono += 50 * kMillisecond) {
            machine_->on_timer(now_);
        }
    }

    // As gossip of member 2; join: it is let in first.
    std::string tell(std::vector<Member> members, bool join = false) {
        if (join) {
            Member joiner = make_member(2, MemberStatus::joining);
            machine_->on_packet(now_, address_of(2), encode({2, 0, Join{kClusterProtocol, joiner}}));
        }
        Gossip gossip{machine_->cluster(), {1, 1}};
        gossip.members = std::move(members);
        (void)machine_->take_effects();
        machine_->on_packet(now_, address_of(2), encode({2, 1, gossip}));
        std::string logged;
        for (const Effect &effect : machine_->take_effects()) {
            if (const auto *log = std::get_if<WriteLog>(&effect)) {
                logged += log->text;
            }
        }
        return logged;
    }

    const Member &known(uint64_t uid) const { return *machine_->state().find(uid); }

    Now now_;
    std::unique_ptr<Membership> machine_;
};

TEST_F(Taught, NobodyTakesALifeBackToAnEarlierIncarnation) {
    Member earlier = fresh(3);
    earlier.incarnation = 4;
    (void)tell({earlier});
    EXPECT_EQ(known(3).incarnation, 5u);
}

TEST_F(Taught, NobodyTakesAStatusBack) {
    Member leaving = fresh(3);
    leaving.status = MemberStatus::leaving;
    (void)tell({leaving});
    (void)tell({fresh(3)});
    EXPECT_EQ(known(3).status, MemberStatus::leaving);
}

TEST_F(Taught, WhoWasRemovedIsNotBroughtBack) {
    Member removed = fresh(3);
    removed.status = MemberStatus::removed;
    (void)tell({removed});
    ASSERT_EQ(machine_->state().find(3), nullptr);
    Member again = fresh(3);
    again.incarnation = 99;
    (void)tell({again});
    EXPECT_EQ(machine_->state().find(3), nullptr);
}

TEST_F(Taught, AUidDoesNotMoveToAnotherAddress) {
    Member moved = fresh(3);
    moved.node.address = address_of(7);
    moved.incarnation = 6;
    const std::string logged = tell({moved});
    EXPECT_EQ(known(3).node.address, address_of(3));
    EXPECT_EQ(known(3).incarnation, 5u);
    EXPECT_EQ(machine_->ignored().count(Reason::implausible), 1u);
    EXPECT_NE(logged.find(address_of(7).text()), std::string::npos) << logged;
    EXPECT_NE(logged.find("from " + address_of(2).text()), std::string::npos) << logged;
}

TEST_F(Taught, OnlyANodeItselfRaisesItsIncarnation) {
    Member self = known(1);
    self.incarnation += 1;
    (void)tell({self});
    EXPECT_EQ(known(1).incarnation, 0u);
    EXPECT_EQ(machine_->ignored().count(Reason::implausible), 1u);
}

TEST_F(Taught, WhatIsTooLargeOrOfALaterVersionIsCountedByItsReason) {
    const Id128 before = machine_->state().fingerprint();
    machine_->on_packet(now_, address_of(2), std::vector<uint8_t>(kMaxPacket + 1, 0x80));
    EXPECT_EQ(machine_->ignored().count(Reason::oversized), 1u);
    const uint8_t later[] = {0x81, 0x00, 0x63};  // {kind: 99}
    machine_->on_packet(now_, address_of(2), later);
    EXPECT_EQ(machine_->ignored().count(Reason::unknown_kind), 1u);
    EXPECT_EQ(machine_->ignored().count(Reason::malformed), 0u);
    EXPECT_EQ(machine_->state().fingerprint(), before);
}

}  // namespace
}  // namespace motet
