// Whole nodes under other names than those they listen at.
#include "tests/unit/remote/loopback_node.h"
#include "tests/unit/remote/port_forwarder.h"

namespace motet {
namespace {

using Node = LoopbackNode;

void talk(Node &a, Node &b) {
    const Ptr<Cell> on_a = a.spawn_echo("of-" + std::to_string(b.port()));
    const Ptr<Cell> on_b = b.spawn_echo("of-" + std::to_string(a.port()));
    std::string answer;
    EXPECT_TRUE(a.ask(a.ref(b, "/user/" + on_b->name()), "there", &answer).ok());
    EXPECT_EQ(answer, "there");
    EXPECT_TRUE(b.ask(b.ref(a, "/user/" + on_a->name()), "and back", &answer).ok());
    EXPECT_EQ(answer, "and back");
}

TEST(Addresses, OfVersionSixTalkToEachOtherAndToThoseOfVersionFour) {
    Node a("S", 0, {{"remote.host", "0:0::1"}});
    Node b("S", 0, {{"remote.host", "::1"}});
    EXPECT_EQ(a.remoting->address().text(), "motet.tcp://S@[::1]:" + std::to_string(a.port()));
    talk(a, b);
    Node four("S", 0, {{"remote.host", "127.0.0.1"}, {"remote.bind-host", "*"}});
    talk(four, b);
}

TEST(Addresses, MayBeNames) {
    Node a("S", 0, {{"remote.host", "localhost"}});
    Node b("S", 0, {{"remote.host", "localhost"}, {"remote.bind-host", "0.0.0.0"}});
    talk(a, b);
}

TEST(Addresses, OfTheOutsideLeadToWhereTheNodeListens) {
    PortForwarder outside;
    Node a;
    const uint16_t inside = PortForwarder::free_port();
    Node b("S", outside.port, {{"remote.bind-port", std::to_string(inside)}});
    outside.lead_to(inside);
    EXPECT_EQ(b.port(), outside.port);
    talk(a, b);
}

TEST(Addresses, ThatAreTheNodesOwnNeverTouchTheNetwork) {
    Node a("S", 0, {{"remote.host", "no-such-host.invalid"}, {"remote.bind-host", "*"}});
    a.spawn_noting("here");
    const std::string port = ":" + std::to_string(a.port());
    for (const std::string host : {"no-such-host.invalid", "No-Such-Host.INVALID", "localhost", "127.0.0.1", "[::1]"}) {
        EXPECT_EQ(a.tell(a.system->resolve("motet.tcp://S@" + host + port + "/user/here").value(), host), Code::OK);
        EXPECT_TRUE(a.journal.wait_for_line("here: " + host)) << host;
    }
    EXPECT_EQ(a.remoting->counters().frames_out, 0u);
}

TEST(Addresses, OfAnotherNameAreRefusedWithTheRightOne) {
    Node a;
    Node b;
    const std::string other = "motet.tcp://S@localhost:" + std::to_string(b.port());
    a.tell(a.system->resolve(other + "/user/x").value(), "hi");
    EXPECT_EQ(a.refusals.wait_for(1).at(0),
              other + " REFUSED the node was called " + other + ", but it is " + b.remoting->address().text());
}

}  // namespace
}  // namespace motet
