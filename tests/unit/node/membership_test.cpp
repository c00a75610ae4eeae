// Nodes that form a cluster over real sockets.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/message/type_table.h"
#include "core/node/node.h"
#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

constexpr Nanos kPatience = 60 * kSecond;

Ptr<Node> start_node(const std::string &seed, const std::string &name = "Unit") {
    Config config;
    for (const auto &[key, value] : {std::pair<std::string, std::string>("system.name", name),
                                     {"log.level", "off"},
                                     {"actor.threads", "1"},
                                     {"cluster.gossip-interval", "50ms"},
                                     {"cluster.leader-interval", "50ms"},
                                     {"cluster.heartbeat-interval", "200ms"},
                                     {"cluster.failure-detector.acceptable-pause", "6s"},
                                     {"cluster.downing.stable-after", "6s"},
                                     {"cluster.seed-nodes", seed}}) {
        EXPECT_TRUE(config.set(key, value).ok()) << key;
    }
    Result<Ptr<Node>> node = Node::start(config);
    EXPECT_TRUE(node.ok()) << node.status().message();
    return node.ok() ? node.value() : Ptr<Node>();
}

std::string address_of(const Node &node) { return node.system().address().text(); }

// A journal of what an actor is told: events of the cluster by number and address, the end of those it watches.
Ptr<Cell> spawn_journal(Node &node, Journal &journal) {
    auto keeper = props([&journal](Context &, const Envelope &envelope) {
        if (envelope.type() == types::terminated) {
            journal.add("terminated " + envelope.sender()->path());
        } else if (envelope.type() >= types::member_joined && envelope.type() <= types::member_reachable) {
            // The address is the first value of the map, behind its key.
            const std::string body = text(envelope.payload());
            const size_t start = body.find("motet.tcp://");
            journal.add(std::to_string(envelope.type()) + " " + body.substr(start, body.find('\xa3', start) - start));
        }
        return Code::OK;
    });
    const Ptr<Cell> cell = node.system().spawn(*node.system().user_guardian(), keeper, "journal").value();
    node.system().events().subscribe({types::cluster_state, types::join_refused}, *cell);
    return cell;
}

TEST(NodeMembership, ThreeJoinOneDiesAndAllLearnIt) {
    const Ptr<Node> one = start_node("");
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    const Ptr<Node> two = start_node(address_of(*one));
    const Ptr<Node> three = start_node(address_of(*one));
    Journal journal;
    const Ptr<Cell> keeper = spawn_journal(*two, journal);
    Journal journal_of_one;
    spawn_journal(*one, journal_of_one);
    for (const Ptr<Node> &node : {one, two, three}) {
        const Status up = node->cluster()->wait_up(kPatience);
        ASSERT_TRUE(up.ok()) << up.message();
    }
    const std::string lost = address_of(*three);
    EXPECT_TRUE(journal.wait_for_line(std::to_string(types::member_up) + " " + lost));

    const Ptr<Cell> victim = three->system()
                                 .spawn(*three->system().user_guardian(),
                                        props([](Context &, const Envelope &) { return Code::OK; }), "victim")
                                 .value();
    keeper->watch(*two->system().resolve(victim->full_path()).value());
    (void)three->close(0);  // without leaving

    EXPECT_TRUE(journal.wait_for_line(std::to_string(types::member_removed) + " " + lost));
    EXPECT_TRUE(journal.wait_for_line("terminated " + lost + "/user/victim"));
    const std::vector<std::string> told = journal.lines();
    const auto place = [&](TypeId type) {
        return std::find(told.begin(), told.end(), std::to_string(type) + " " + lost);
    };
    EXPECT_LT(place(types::member_up), place(types::member_unreachable));
    EXPECT_LT(place(types::member_unreachable), place(types::member_downed));
    EXPECT_LT(place(types::member_downed), place(types::member_removed));
    EXPECT_TRUE(journal_of_one.wait_for_line(std::to_string(types::member_removed) + " " + lost));
    EXPECT_EQ(one->cluster()->snapshot().members.size(), 2u);

    EXPECT_TRUE(two->close(kPatience).ok());
    EXPECT_TRUE(one->close(kPatience).ok());
}

TEST(NodeMembership, ClosingLeavesInGoodOrder) {
    const Ptr<Node> one = start_node("");
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    const Ptr<Node> two = start_node(address_of(*one));
    Journal journal;
    spawn_journal(*one, journal);
    ASSERT_TRUE(two->cluster()->wait_up(kPatience).ok());
    EXPECT_TRUE(journal.wait_for_line(std::to_string(types::member_up) + " " + address_of(*two)));
    EXPECT_TRUE(two->close(kPatience).ok());
    EXPECT_TRUE(journal.wait_for_line(std::to_string(types::member_removed) + " " + address_of(*two)));
    const std::vector<std::string> told = journal.lines();
    EXPECT_EQ(std::find(told.begin(), told.end(), std::to_string(types::member_downed) + " " + address_of(*two)),
              told.end());
    EXPECT_TRUE(one->close(kPatience).ok());
}

TEST(NodeMembership, WhoIsDeclaredDownCloses) {
    const Ptr<Node> one = start_node("");
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    const Ptr<Node> two = start_node(address_of(*one));
    ASSERT_TRUE(two->cluster()->wait_up(kPatience).ok());
    ASSERT_TRUE(one->cluster()->down(two->system().address()).ok());
    EXPECT_TRUE(two->wait_closed(kPatience).ok());
    EXPECT_TRUE(one->close(kPatience).ok());
}

TEST(NodeMembership, AnotherSystemNameIsRefusedWithTheReason) {
    const Ptr<Node> one = start_node("");
    ASSERT_TRUE(one->cluster()->join(one->system().address()).ok());
    Address seed = one->system().address();
    seed.system = "Other";
    const Ptr<Node> other = start_node(seed.text(), "Other");
    const Status refused = other->cluster()->wait_up(kPatience);
    EXPECT_EQ(refused.code(), Code::JOIN_REFUSED) << refused.message();
    EXPECT_NE(refused.message().find(seed.text()), std::string::npos) << refused.message();
    EXPECT_TRUE(other->close(kPatience).ok());
    EXPECT_TRUE(one->close(kPatience).ok());
}

}  // namespace
}  // namespace motet
