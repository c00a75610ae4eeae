#include "core/cluster/membership.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

// Two to a few machines whose packets arrive at once; time moves only by hand.
class Wire {
  public:
    Membership &add(uint64_t number, ClusterSettings settings = {}, std::string system = "Unit") {
        Address address = address_of(number);
        address.system = std::move(system);
        nodes_.push_back(
            {std::make_unique<Membership>(UniqueAddress{address, number}, std::move(settings), Random(number)), {}});
        nodes_.back().machine->start(now);
        pump();
        return *nodes_.back().machine;
    }

    void run(Nanos duration) {
        const Nanos end = now.mono + duration;
        while (now.mono < end) {
            now.mono += 10 * kMillisecond;
            for (Node &node : nodes_) {
                if (node.machine->next_deadline() <= now.mono) {
                    node.machine->on_timer(now);
                }
            }
            pump();
        }
    }

    void pump() {
        for (bool busy = true; busy;) {
            busy = false;
            for (Node &node : nodes_) {
                const Address from = node.machine->self().address;
                for (Effect &effect : node.machine->take_effects()) {
                    busy = true;
                    if (auto *packet = std::get_if<SendPacket>(&effect)) {
                        deliver(from, *packet);
                    } else {
                        node.effects.push_back(std::move(effect));
                    }
                }
            }
        }
    }

    void deliver(const Address &from, const SendPacket &packet) {
        for (Node &node : nodes_) {
            const Address &self = node.machine->self().address;
            if (self.port == packet.to.port) {
                node.machine->on_packet(now, from, packet.bytes);
            }
        }
    }

    std::vector<ClusterEvent> events(const Membership &machine) {
        std::vector<ClusterEvent> events;
        for (Node &node : nodes_) {
            for (const Effect &effect : node.effects) {
                const auto *event = std::get_if<EmitEvent>(&effect);
                if (event && node.machine.get() == &machine) {
                    events.push_back(event->event);
                }
            }
        }
        return events;
    }

    Now now;

  private:
    struct Node {
        std::unique_ptr<Membership> machine;
        std::vector<Effect> effects;
    };
    std::vector<Node> nodes_;
};

ClusterSettings seeded(std::initializer_list<uint64_t> seeds) {
    ClusterSettings settings;
    for (const uint64_t seed : seeds) {
        settings.seeds.push_back(address_of(seed));
    }
    return settings;
}

MemberStatus status_at(const Membership &machine, uint64_t uid) {
    const Member *member = machine.state().find(uid);
    return member ? member->status : MemberStatus::removed;
}

TEST(Membership, ANodeWithoutSeedsWaitsForAJoinByCode) {
    Wire wire;
    Membership &one = wire.add(1);
    wire.run(10 * kSecond);
    EXPECT_TRUE(one.state().members().empty());
    EXPECT_TRUE(one.join(wire.now, address_of(1)).ok());
    wire.run(kSecond);
    EXPECT_EQ(status_at(one, 1), MemberStatus::up);
    EXPECT_EQ(one.join(wire.now, address_of(1)).code(), Code::BAD_STATE);
}

TEST(Membership, AJoinerIsUpEverywhereAndEventsTellIt) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    Membership &two = wire.add(2, seeded({1}));
    wire.run(2 * kSecond);
    EXPECT_EQ(status_at(one, 2), MemberStatus::up);
    EXPECT_EQ(status_at(two, 2), MemberStatus::up);
    EXPECT_EQ(one.state().fingerprint(), two.state().fingerprint());
    EXPECT_EQ(one.cluster(), two.cluster());
    const std::vector<ClusterEvent> events = wire.events(one);
    const auto of_two = [](ClusterEvent::Kind kind) {
        return [kind](const ClusterEvent &event) { return event.kind == kind && event.member.uid() == 2; };
    };
    const auto joined = std::find_if(events.begin(), events.end(), of_two(ClusterEvent::Kind::member_joined));
    EXPECT_NE(std::find_if(joined, events.end(), of_two(ClusterEvent::Kind::member_up)), events.end());
}

TEST(Membership, ANodeOfAnotherSystemIsRefusedOnBothSides) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    ClusterSettings settings;
    Address seed = address_of(1);
    seed.system = "Other";
    settings.seeds = {seed};
    Membership &two = wire.add(2, settings, "Other");
    wire.run(kSecond);
    // The transport calls the contact by the name the joiner used, as it would have been told.
    two.on_refused(wire.now, seed, Code::JOIN_REFUSED, "its system is called Other, not Unit");
    wire.pump();
    EXPECT_EQ(wire.events(two).back().kind, ClusterEvent::Kind::join_refused);
    EXPECT_NE(wire.events(two).back().error.find("Other"), std::string::npos);
    EXPECT_EQ(wire.events(one).back().kind, ClusterEvent::Kind::join_refused);
    EXPECT_EQ(wire.events(one).back().address->system, "Other");
    EXPECT_EQ(one.join(wire.now, address_of(3)).code(), Code::BAD_STATE);
    EXPECT_EQ(two.join(wire.now, address_of(1)).code(), Code::BAD_ADDRESS);
}

TEST(Membership, AnotherProtocolVersionIsRefusedWithBothVersions) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    one.on_packet(wire.now, address_of(2), encode({2, 0, Hello{kClusterProtocol + 1, "Unit", {}}}));
    wire.pump();
    const ClusterEvent refused = wire.events(one).back();
    EXPECT_EQ(refused.kind, ClusterEvent::Kind::join_refused);
    EXPECT_EQ(refused.code, Code::VERSION_MISMATCH);
    EXPECT_NE(refused.error.find("version 2"), std::string::npos) << refused.error;
}

TEST(Membership, AMemberOfAnotherClusterIsRefused) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    one.on_packet(wire.now, address_of(2), encode({2, 0, Hello{kClusterProtocol, "Unit", {7, 7}}}));
    wire.pump();
    EXPECT_EQ(wire.events(one).back().code, Code::JOIN_REFUSED);
    EXPECT_NE(wire.events(one).back().error.find(Id128{7, 7}.text()), std::string::npos);
}

TEST(Membership, TwoClustersDoNotMixByGossip) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.add(2, seeded({1}));
    wire.run(2 * kSecond);
    Gossip foreign{{7, 7}, {1, 1}};
    foreign.members = {make_member(9)};
    one.on_packet(wire.now, address_of(2), encode({2, 1, foreign}));
    EXPECT_EQ(status_at(one, 9), MemberStatus::removed);
    EXPECT_EQ(one.ignored().other_cluster, 1u);
}

TEST(Membership, ALifeThatWasDownedCannotComeBackButANewOneCan) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    Membership &two = wire.add(2, seeded({1}));
    wire.add(3, seeded({1}));
    wire.run(3 * kSecond);
    EXPECT_TRUE(one.down(wire.now, address_of(2)).ok());
    wire.run(3 * kSecond);
    EXPECT_TRUE(two.ended());
    EXPECT_TRUE(one.state().was_removed(2));
    Member again = make_member(2, MemberStatus::joining);
    one.on_packet(wire.now, address_of(2), encode({2, 0, Join{kClusterProtocol, again}}));
    wire.pump();
    EXPECT_EQ(wire.events(one).back().kind, ClusterEvent::Kind::join_refused);
    again.node.uid = 22;
    one.on_packet(wire.now, address_of(2), encode({22, 0, Join{kClusterProtocol, again}}));
    EXPECT_EQ(status_at(one, 22), MemberStatus::joining);
}

TEST(Membership, LeavesInGoodOrderAlsoAsTheLeader) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    Membership &two = wire.add(2, seeded({1}));
    wire.run(3 * kSecond);
    EXPECT_EQ(one.leave(wire.now, address_of(9)).code(), Code::NOT_FOUND);
    EXPECT_TRUE(one.leave(wire.now, address_of(1)).ok());
    wire.run(3 * kSecond);
    EXPECT_TRUE(one.ended());
    EXPECT_TRUE(two.state().was_removed(1));
    EXPECT_EQ(status_at(two, 2), MemberStatus::up);
    const ClusterSnapshot snapshot = two.snapshot();
    EXPECT_EQ(snapshot.leader, address_of(2));
    EXPECT_EQ(snapshot.members.size(), 1u);
    EXPECT_EQ(wire.events(two).back().kind, ClusterEvent::Kind::member_removed);
    EXPECT_EQ(wire.events(two).back().previous, MemberStatus::exiting);
}

TEST(Membership, TheLastMemberCanLeaveToo) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    EXPECT_TRUE(one.leave(wire.now, address_of(1)).ok());
    wire.run(kSecond);
    EXPECT_TRUE(one.ended());
    EXPECT_EQ(one.next_deadline(), INT64_MAX);
}

TEST(Membership, MalformedPacketsAreCountedAndNamedOnce) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    const Id128 before = one.state().fingerprint();
    const uint8_t rubbish[] = {0xc1, 2, 3};
    size_t logged = 0;
    for (int i = 0; i < 3; ++i) {
        one.on_packet(wire.now, address_of(2), rubbish);
        for (const Effect &effect : one.take_effects()) {
            const auto *log = std::get_if<WriteLog>(&effect);
            logged += log && log->text.find(address_of(2).text()) != std::string::npos ? 1 : 0;
        }
    }
    EXPECT_EQ(one.ignored().malformed, 3u);
    EXPECT_EQ(logged, 1u);
    EXPECT_EQ(one.state().fingerprint(), before);
}

TEST(Membership, ThePacketsForAnEarlierLifeAndFromStrangersAreIgnored) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.add(2, seeded({1}));
    wire.run(2 * kSecond);
    one.on_packet(wire.now, address_of(2), encode({2, 99, Farewell{}}));
    EXPECT_EQ(one.ignored().not_for_us, 1u);
    one.on_packet(wire.now, address_of(5), encode({2, 1, Farewell{}}));  // speaks from elsewhere
    one.on_packet(wire.now, address_of(5), encode({5, 1, Heartbeat{1, 5}}));
    EXPECT_EQ(one.ignored().not_a_member, 2u);
}

TEST(Membership, NobodyIsUpBeforeEnoughAreThere) {
    Wire wire;
    ClusterSettings settings = seeded({1});
    settings.up.min_members = 3;
    Membership &one = wire.add(1, settings);
    wire.add(2, settings);
    wire.run(5 * kSecond);
    EXPECT_EQ(status_at(one, 1), MemberStatus::joining);
    EXPECT_EQ(status_at(one, 2), MemberStatus::joining);
    wire.add(3, settings);
    wire.run(2 * kSecond);
    for (const uint64_t uid : {1, 2, 3}) {
        EXPECT_EQ(status_at(one, uid), MemberStatus::up);
    }
}

TEST(ClusterSettings, NameWhatIsWrong) {
    ClusterSettings settings;
    const Address self = address_of(1);
    EXPECT_TRUE(settings.check(self).ok());
    settings.roles = {"a", "a"};
    EXPECT_NE(settings.check(self).message().find("\"a\" is named twice"), std::string::npos);
    settings.roles = {"a,b"};
    EXPECT_EQ(settings.check(self).code(), Code::BAD_VALUE);
    settings.roles = {};
    settings.seeds = {Address::tcp("Other", "h", 1)};
    EXPECT_EQ(settings.check(self).code(), Code::BAD_ADDRESS);
    EXPECT_NE(settings.check(self).message().find("motet.tcp://Other@h:1"), std::string::npos);
    settings.seeds = {};
    settings.idle_interval = 1;
    EXPECT_EQ(settings.check(self).code(), Code::BAD_VALUE);
}

}  // namespace
}  // namespace motet
