#include "core/cluster/membership.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

using Reason = IgnoredPackets::Reason;

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

    template <typename Wanted> size_t count(const Membership &machine) {
        size_t count = 0;
        for (const Node &node : nodes_) {
            for (const Effect &effect : node.effects) {
                count += node.machine.get() == &machine && std::holds_alternative<Wanted>(effect) ? 1 : 0;
            }
        }
        return count;
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
    EXPECT_EQ(one.ignored().count(Reason::other_cluster), 1u);
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
    wire.run(20 * kSecond);
    // It stays, reachable, until it has done what it has to do as a member.
    EXPECT_FALSE(one.ended());
    EXPECT_EQ(status_at(two, 1), MemberStatus::exiting);
    EXPECT_TRUE(two.unreachable().empty());
    EXPECT_EQ(wire.count<BeginExit>(one), 1u);
    one.confirm_exit();
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
    one.confirm_exit();  // before it is asked for
    EXPECT_FALSE(one.ended());
    EXPECT_TRUE(one.leave(wire.now, address_of(1)).ok());
    wire.run(kSecond);
    EXPECT_TRUE(one.ended());
    EXPECT_EQ(one.next_deadline(), INT64_MAX);
}

TEST(Membership, MalformedPacketsAreCountedAndNamedAFewTimes) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    const Id128 before = one.state().fingerprint();
    const uint8_t rubbish[] = {0xc1, 2, 3};
    size_t logged = 0;
    for (int i = 0; i < 10; ++i) {
        one.on_packet(wire.now, address_of(2), rubbish);
        for (const Effect &effect : one.take_effects()) {
            const auto *log = std::get_if<WriteLog>(&effect);
            logged += log && log->text.find(address_of(2).text()) != std::string::npos ? 1 : 0;
        }
    }
    EXPECT_EQ(one.ignored().count(Reason::malformed), 10u);
    EXPECT_EQ(logged, 3u);
    EXPECT_EQ(one.state().fingerprint(), before);
}

TEST(Membership, ThePacketsForAnEarlierLifeAndFromStrangersAreIgnored) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.add(2, seeded({1}));
    wire.run(2 * kSecond);
    one.on_packet(wire.now, address_of(2), encode({2, 99, Farewell{}}));
    EXPECT_EQ(one.ignored().count(Reason::not_for_us), 1u);
    one.on_packet(wire.now, address_of(5), encode({2, 1, Farewell{}}));  // speaks from elsewhere
    one.on_packet(wire.now, address_of(5), encode({5, 1, Heartbeat{1, 5}}));
    EXPECT_EQ(one.ignored().count(Reason::not_a_member), 2u);
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

TEST(Membership, SeedsCanBeGivenByCode) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    Membership &two = wire.add(2);
    EXPECT_EQ(two.join(wire.now, std::vector<Address>{}).code(), Code::BAD_ADDRESS);
    EXPECT_EQ(two.join(wire.now, {address_of(9), Address::tcp("Other", "h", 1)}).code(), Code::BAD_ADDRESS);
    EXPECT_TRUE(two.join(wire.now, {address_of(9), address_of(1)}).ok());
    wire.run(2 * kSecond);
    EXPECT_EQ(status_at(one, 2), MemberStatus::up);
}

TEST(Membership, TheWholeClusterPreparesItsEndAndLetsNobodyIn) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    EXPECT_EQ(one.prepare_for_shutdown(wire.now).code(), Code::BAD_STATE);  // no member yet
    Membership &two = wire.add(2, seeded({1}));
    wire.run(3 * kSecond);
    EXPECT_EQ(status_at(one, 2), MemberStatus::up);
    EXPECT_TRUE(two.prepare_for_shutdown(wire.now).ok());
    EXPECT_EQ(status_at(two, 1), MemberStatus::preparing_for_shutdown);
    wire.run(2 * kSecond);
    for (const uint64_t uid : {1, 2}) {
        EXPECT_EQ(status_at(one, uid), MemberStatus::ready_for_shutdown);
    }
    Membership &three = wire.add(3, seeded({1}));
    wire.run(2 * kSecond);
    EXPECT_TRUE(three.state().members().empty());
    EXPECT_NE(wire.events(three).back().error.find("shutdown"), std::string::npos);
    EXPECT_TRUE(two.leave(wire.now, address_of(2)).ok());
    wire.run(2 * kSecond);
    two.confirm_exit();
    wire.run(5 * kSecond);
    EXPECT_TRUE(two.ended());
    EXPECT_TRUE(one.state().was_removed(2));
}

TEST(Membership, WhoEndsSaysThatItDoesAndHow) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    wire.run(kSecond);
    EXPECT_TRUE(one.down(wire.now, address_of(1)).ok());
    wire.pump();
    const std::vector<ClusterEvent> events = wire.events(one);
    ASSERT_GE(events.size(), 2u);
    EXPECT_EQ(events[events.size() - 2].kind, ClusterEvent::Kind::shutting_down);
    EXPECT_TRUE(events[events.size() - 2].downed);
    EXPECT_EQ(events.back().kind, ClusterEvent::Kind::member_removed);
}

TEST(Membership, ALeaseThatComesTooLateIsGivenBack) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    one.on_lease(wire.now, true);
    wire.run(kSecond);
    one.on_lease(wire.now, true);
    wire.pump();
    EXPECT_EQ(wire.count<ReleaseLease>(one), 2u);
    EXPECT_EQ(wire.count<AcquireLease>(one), 0u);
}

// What a member sends to an address within a time, when nobody answers.
size_t sent_to(Membership &machine, Now &now, const Address &address, Nanos time) {
    size_t count = 0;
    for (const Nanos end = now.mono + time; now.mono < end; now.mono += 100 * kMillisecond) {
        machine.on_timer(now);
        for (const Effect &effect : machine.take_effects()) {
            const auto *packet = std::get_if<SendPacket>(&effect);
            count += packet && packet->to == address ? 1 : 0;
        }
    }
    return count;
}

TEST(Membership, SeedsAndRemovedNodesAreTriedForEverAtALowRate) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1, 9}));
    wire.run(7 * kSecond);
    ASSERT_EQ(status_at(one, 1), MemberStatus::up);
    const size_t to_seed = sent_to(one, wire.now, address_of(9), 600 * kSecond);
    EXPECT_GT(to_seed, 60u);
    EXPECT_LT(to_seed, 240u);
    wire.add(2, seeded({1}));
    wire.run(3 * kSecond);
    ASSERT_TRUE(one.down(wire.now, address_of(2)).ok());
    wire.run(3 * kSecond);
    ASSERT_TRUE(one.state().was_removed(2));
    const size_t to_removed = sent_to(one, wire.now, address_of(2), 600 * kSecond);
    EXPECT_GT(to_removed, 30u);
    EXPECT_LT(to_removed, 240u);
}

TEST(Membership, ASeedThatLooksForAClusterIsFoundByIt) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1, 2}));
    wire.run(7 * kSecond);
    Membership &two = wire.add(2, seeded({9}));  // which knows only one that is not there
    wire.run(60 * kSecond);
    EXPECT_EQ(two.cluster(), one.cluster());
    EXPECT_EQ(status_at(one, 2), MemberStatus::up);
}

TEST(Membership, SidesThatHaveRemovedEachOtherStayApartAndEndNobody) {
    Wire wire;
    Membership &one = wire.add(1, seeded({1}));
    Membership &two = wire.add(2, seeded({1}));
    wire.run(3 * kSecond);
    for (const auto &[node, other] : {std::pair(&one, 2u), {&two, 1u}}) {
        Gossip news{one.cluster(), {1, 1}};
        news.answers = 1;
        news.members = {make_member(other, MemberStatus::removed)};
        node->on_packet(wire.now, address_of(other), encode({other, node->self().uid, news}));
        (void)node->take_effects();  // which say nothing to the other
    }
    wire.run(120 * kSecond);
    EXPECT_FALSE(one.ended() || two.ended());
    EXPECT_TRUE(one.state().was_removed(2) && two.state().was_removed(1));
}

}  // namespace
}  // namespace motet
