// Whole simulated nodes with actors of users: the same classes that make a program, under a simulated clock, dispatcher
// and network.
#include <gtest/gtest.h>

#include "core/message/type_table.h"
#include "core/simulate/simulation.h"
#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

struct Pair {
    explicit Pair(uint64_t seed) : simulation(seed) {
        one = start(1);
        two = start(2);
    }

    Ptr<Node> start(uint8_t number) {
        Config config;
        EXPECT_TRUE(config.set("system.name", "Sim").ok());
        EXPECT_TRUE(config.set("log.level", "off").ok());
        EXPECT_TRUE(config.set("cluster.seed-nodes", Simulation::address(1, "Sim").text()).ok());
        Result<Ptr<Node>> node = simulation.start(number, config);
        EXPECT_TRUE(node.ok()) << node.status().message();
        return node.ok() ? node.value() : Ptr<Node>();
    }

    void note(const std::string &what) {
        history += std::to_string(simulation.scheduler.now().mono / kMicrosecond) + " us: " + what + "\n";
    }

    // An actor that notes what it receives and answers it.
    Ptr<Cell> spawn(Node &node, const std::string &name) {
        auto echo = props([this, name](Context &context, const Envelope &envelope) {
            if (envelope.type() == types::terminated) {
                note(name + " was told of the end of " + envelope.sender()->path());
            } else if (envelope.type() >= types::first_user) {
                note(name + " got " + text(envelope.payload()));
                if (text(envelope.payload()) == "ping") {
                    return context.reply(envelope.type(), bytes("pong"));
                }
            }
            return Code::OK;
        });
        return node.system().spawn(*node.system().user_guardian(), echo, name).value();
    }

    bool noted(const std::string &what) const { return history.find(what) != std::string::npos; }

    bool run_until_noted(const std::string &what, Nanos most) {
        return simulation.scheduler.run_until(simulation.scheduler.now().mono + most, [&] { return noted(what); });
    }

    Simulation simulation;
    Ptr<Node> one;
    Ptr<Node> two;
    std::string history;
};

size_t members_up(Node &node) {
    size_t count = 0;
    for (const Member &member : node.cluster()->snapshot().members) {
        count += member.status == MemberStatus::up ? 1 : 0;
    }
    return count;
}

// Two nodes become a cluster, actors talk, one node dies, the watcher learns it.
std::string whole_story(uint64_t seed) {
    Pair pair(seed);
    EXPECT_TRUE(pair.simulation.scheduler.run_until(
        20 * kSecond, [&] { return members_up(*pair.one) == 2 && members_up(*pair.two) == 2; }));
    const Ptr<Cell> asker = pair.spawn(*pair.one, "asker");
    const Ptr<Cell> echo = pair.spawn(*pair.two, "echo");
    const Ref far = pair.one->system().resolve(echo->full_path()).value();
    asker->watch(*far);
    const TypeId type = pair.one->system().types().intern("test.Text").value();
    far->deliver(Envelope::make(type, bytes("ping"), asker.get(), {}));
    EXPECT_TRUE(pair.run_until_noted("asker got pong", 10 * kSecond)) << pair.history;
    EXPECT_TRUE(pair.noted("echo got ping"));
    pair.two = {};
    pair.simulation.crash(2);
    EXPECT_TRUE(
        pair.run_until_noted("asker was told of the end of motet.tcp://Sim@10.0.0.2:2551/user/echo", 60 * kSecond))
        << pair.history;
    EXPECT_EQ(members_up(*pair.one), 1u);
    return pair.history;
}

TEST(NodeSim, TwoNodesFormAClusterTalkAndOneDies) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        whole_story(seed);
    }
}

TEST(NodeSim, TheSameSeedGivesTheSameHistory) {
    EXPECT_EQ(whole_story(7), whole_story(7));
    EXPECT_NE(whole_story(7), whole_story(8));
}

// One node without remoting, and an actor that notes its end.
struct Alone {
    Alone() {
        Config config;
        EXPECT_TRUE(config.set("remote.enabled", "off").ok());
        EXPECT_TRUE(config.set("log.level", "off").ok());
        node = simulation.start(1, config).value();
        auto closer = props([this](Context &, const Envelope &envelope) {
            ended = ended || envelope.type() == types::post_stop;
            if (envelope.type() >= types::first_user) {
                EXPECT_TRUE(node->close(kSecond).ok());
                EXPECT_FALSE(node->closed()) << "a handler waited for itself";
            }
            return Code::OK;
        });
        actor = node->system().spawn(*node->system().user_guardian(), closer, "closer").value();
        simulation.scheduler.run_for(0);
    }

    Simulation simulation{1};
    Ptr<Node> node;
    Ptr<Cell> actor;
    bool ended = false;
};

TEST(NodeSim, WhoClosesLetsActorsEnd) {
    Alone alone;
    const Status closed = alone.node->close(kSecond);
    EXPECT_TRUE(closed.ok()) << closed.message();
    EXPECT_TRUE(alone.ended);
    EXPECT_TRUE(alone.node->wait_closed(-1).ok());
    EXPECT_EQ(alone.simulation.scheduler.now().mono, 0);
}

TEST(NodeSim, AHandlerOnlyBeginsToClose) {
    Alone alone;
    const TypeId type = alone.node->system().types().intern("test.Close").value();
    alone.actor->deliver(Envelope::make(type, {}, nullptr, {}));
    const Status closed = alone.node->wait_closed(-1);
    EXPECT_TRUE(closed.ok()) << closed.message();
    EXPECT_TRUE(alone.ended);
}

TEST(NodeSim, WaitingForWhatDoesNotComeEnds) {
    Alone alone;
    EXPECT_EQ(alone.node->wait_closed(-1).code(), Code::TIMEOUT);
    EXPECT_EQ(alone.simulation.scheduler.now().mono, 0);
    EXPECT_EQ(alone.node->wait_closed(kSecond).code(), Code::TIMEOUT);
    EXPECT_EQ(alone.simulation.scheduler.now().mono, kSecond);
}

TEST(NodeSim, ACrashRunsNoHandler) {
    Alone alone;
    alone.simulation.scheduler.run_for(kSecond);
    alone.simulation.crash(1);
    EXPECT_TRUE(alone.node->closed());
    EXPECT_FALSE(alone.ended);
}

TEST(NodeSim, ANodeLivesOnceAtATime) {
    Alone alone;
    EXPECT_EQ(alone.simulation.start(1, Config()).status().code(), Code::ADDRESS_IN_USE);
    EXPECT_TRUE(alone.node->close(kSecond).ok());
    EXPECT_TRUE(alone.simulation.start(1, Config()).ok());
}

TEST(NodeSim, WhatIsLeftOfANodeOutlivesItsSimulation) {
    auto alone = std::make_unique<Alone>();
    const Ptr<Node> node = alone->node;
    const Ptr<Cell> actor = alone->actor;
    alone = nullptr;
    EXPECT_TRUE(node->closed());
    EXPECT_EQ(actor->deliver(Envelope::make(types::first_user, {}, nullptr, {})), Code::STOPPED);
}

}  // namespace
}  // namespace motet
