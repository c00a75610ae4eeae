// What a node tells of its peers: events, reports; and associations that nobody uses.
#include <zmq.hpp>

#include "core/message/fields.h"
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;
using State = Association::State;

// Every event of remoting, as "type remote inbound cause".
void note_events(Node &node, const std::string &topic = "remoting") {
    const Ptr<Cell> actor = node.spawn("events-" + topic, [&node](Context &, const Envelope &envelope) {
        if (envelope.type() >= types::remoting_error && envelope.type() <= types::remoting_shut_down) {
            const auto fields = *find_fields(envelope.payload(), {"local", "remote", "cause", "uid"});
            node.journal.add(std::string(node.system->types().name(envelope.type())) + "|" +
                             std::string(fields[0].bytes) + "|" + std::string(fields[1].bytes) + "|" +
                             std::string(fields[2].bytes));
        }
        return Code::OK;
    });
    node.system->events().subscribe(EventStream::named(node.system->types(), topic).value(), *actor);
}

TEST(Peers, AreReportedAsTheyAre) {
    Node a;
    Node b;
    b.spawn_echo("echo");
    EXPECT_TRUE(a.remoting->peers().value().empty());
    std::string answer;
    ASSERT_TRUE(a.ask(a.ref(b, "/user/echo"), "x", &answer).ok());
    const std::vector<PeerReport> peers = a.remoting->peers().value();
    ASSERT_EQ(peers.size(), 1u);
    EXPECT_EQ(peers[0].address, b.remoting->address());
    EXPECT_EQ(peers[0].uid, b.system->uid());
    EXPECT_EQ(peers[0].state, State::active);
    EXPECT_EQ(peers[0].phi, 0.0);
    a.remoting->stop(0);
    EXPECT_EQ(a.remoting->peers().status().code(), Code::CLOSED);
}

TEST(Peers, AreSuspectedMoreTheLongerTheyAreSilent) {
    Node a("S", 0, {{"remote.watch.acceptable-pause", "1h"}});
    Node b;
    b.spawn_noting("watched");
    a.spawn_noting("watcher")->watch(*a.ref(b, "/user/watched"));
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 8; }));
    EXPECT_LT(a.remoting->peers().value().at(0).phi, 1.0);
    Node c("S", 0, {{"remote.watch.acceptable-pause", "200ms"}, {"remote.watch.threshold", "1000"}});
    c.spawn_noting("watcher")->watch(*c.ref(b, "/user/watched"));
    ASSERT_TRUE(c.wait([&] { return c.remoting->counters().frames_in >= 8; }));
    b.kill();
    EXPECT_TRUE(c.wait([&] { return c.remoting->peers().value().at(0).phi > 3.0; }));
}

TEST(Peers, ThatAreNotUsedAreLetGoAndComeBack) {
    Node a("S", 0, {{"remote.idle-timeout", "2s"}});
    Node b("S", 0, {{"remote.idle-timeout", "2s"}});
    b.spawn_echo("echo");
    note_events(a);
    const Ref echo = a.ref(b, "/user/echo");
    std::string answer;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(a.ask(echo, "x" + std::to_string(i), &answer).ok());
        EXPECT_EQ(answer, "x" + std::to_string(i));
        ASSERT_TRUE(a.wait([&] { return a.remoting->peers().value().at(0).state == State::idle; }));
        ASSERT_TRUE(b.wait([&] { return b.remoting->peers().value().at(0).state == State::idle; }));
        EXPECT_EQ(a.remoting->peers().value().at(0).uid, b.system->uid());
    }
    const std::string line = a.remoting->address().text() + "|" + b.remoting->address().text() + "|";
    EXPECT_TRUE(a.journal.wait_for_line("motet.remote.Associated|" + line));
    EXPECT_TRUE(
        a.journal.wait_for_line("motet.remote.Disassociated|" + line + "nothing was sent or heard for 2000 ms"));
    EXPECT_EQ(a.remoting->counters().malformed_frames + b.remoting->counters().malformed_frames, 0u);
}

// The clock of a machine that has run for longer than the timeout says nothing about an association that is new.
TEST(Peers, ThatAreNewAreInUse) {
    Node a("S", 0, {{"remote.idle-timeout", "60s"}});
    a.spawn_noting("actor");
    note_events(a);
    for (int i = 0; i < 10; ++i) {
        Node b;
        b.tell(b.ref(a, "/user/actor"), std::to_string(i));
        ASSERT_TRUE(a.journal.wait_for_line("actor: " + std::to_string(i)));
        for (const std::string &line : a.journal.lines()) {
            EXPECT_EQ(line.find("nothing was sent or heard"), std::string::npos) << line;
        }
    }
}

TEST(Peers, ThatAreWatchedAreInUse) {
    Node a("S", 0, {{"remote.idle-timeout", "6s"}});
    Node b("S", 0, {{"remote.idle-timeout", "6s"}});
    b.spawn_noting("watched");
    note_events(a);
    a.spawn_noting("watcher")->watch(*a.ref(b, "/user/watched"));
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 160; }));  // 8 s of heartbeats
    EXPECT_EQ(a.remoting->peers().value().at(0).state, State::active);
    for (const std::string &line : a.journal.lines()) {
        EXPECT_EQ(line.find("Disassociated"), std::string::npos) << line;
    }
}

TEST(RemotingEvents, TellOfEverythingWithItsCause) {
    Node a;
    note_events(a);
    const std::string own = a.remoting->address().text();
    {
        Node b;
        b.spawn_noting("actor");
        a.tell(a.ref(b, "/user/actor"), "hi");
        ASSERT_TRUE(b.journal.wait_for_line("actor: hi"));
        EXPECT_TRUE(
            a.journal.wait_for_line("motet.remote.Associated|" + own + "|" + b.remoting->address().text() + "|"));
        a.remoting->node_lost(b.remoting->address(), 0, "it has to go");
        EXPECT_TRUE(a.journal.wait_for_line("motet.remote.Quarantined|" + own + "|" + b.remoting->address().text() +
                                            "|it has to go"));
        // Told in turn, when it tries to talk to this node again.
        note_events(b);
        b.tell(b.ref(a, "/user/x"), "hi");
        EXPECT_TRUE(b.wait([&] {
            const std::vector<std::string> lines = b.journal.lines();
            return std::any_of(lines.begin(), lines.end(), [&](const std::string &line) {
                return line.starts_with("motet.remote.ThisSystemQuarantined|" + b.remoting->address().text() + "|" +
                                        own + "|");
            });
        }));
    }
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.connect("tcp://127.0.0.1:" + std::to_string(a.port()));
    stranger.send(zmq::str_buffer("rubbish"), zmq::send_flags::none);
    EXPECT_TRUE(
        a.journal.wait_for_line("motet.remote.Error|" + own + "||a stranger has sent: frame: shorter than a header"));
}

}  // namespace
}  // namespace motet
