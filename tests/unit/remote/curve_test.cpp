// Nodes that encrypt what they say, and know each other by their keys.
#include <zmq.hpp>

#include "tests/unit/remote/key_files.h"
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

class Curve : public testing::Test {
  protected:
    std::map<std::string, std::string> with(const std::string &name,
                                            std::map<std::string, std::string> more = {}) const {
        more.merge(files.settings(name));
        return more;
    }

    // Why a node with these settings cannot start.
    static Status refusal(const std::map<std::string, std::string> &settings) {
        Config config;
        EXPECT_TRUE(config.set("log.level", "off").ok());
        for (const auto &[key, value] : settings) {
            EXPECT_TRUE(config.set(key, value).ok()) << key;
        }
        const Ptr<System> system = System::start(config).value();
        const Result<Ptr<Remoting>> started = Remoting::start(*system, Remoting::zmq_transport(*system));
        EXPECT_FALSE(started.ok());
        EXPECT_TRUE(system->close(60 * kSecond).ok());
        return Status(started.status().code(), started.status().message());
    }

    static std::string place(const Node &node) { return "127.0.0.1:" + std::to_string(node.port()); }

    const KeyFiles files;
};

TEST_F(Curve, NodesTalkUnderTheirOwnKeysOnEveryLane) {
    files.write("peers", files.make("one") + " 127.0.0.1\n" + files.make("two") + " localhost\n");
    Node a("S", 0, with("one"));
    Node b("S", 0, with("two", {{"remote.host", "localhost"}}));
    a.spawn_echo("echo");
    b.spawn_echo("echo");
    std::string answer;
    EXPECT_TRUE(a.ask(a.ref(b, "/user/echo"), "secret", &answer).ok());
    EXPECT_EQ(answer, "secret");
    EXPECT_TRUE(b.ask(b.ref(a, "/user/echo"), "too", &answer).ok());
    const Ptr<Cell> watched = b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    watched->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST_F(Curve, NodesMayShareOneKey) {
    files.write("peers", files.make("all") + " *\n");
    Node a("S", 0, with("all"));
    Node b("S", 0, with("all"));
    b.spawn_echo("echo");
    std::string answer;
    EXPECT_TRUE(a.ask(a.ref(b, "/user/echo"), "hi", &answer).ok());
}

TEST_F(Curve, WhoseKeyIsNotListedDoesNotComeIn) {
    const std::string good = files.make("good");
    files.write("peers", good + " *\n");
    files.write("wide", good + " *\n" + files.make("bad") + " 127.0.0.9\n");
    Node b("S", 0, with("good"));
    b.spawn_noting("actor");
    Node stranger("S", 0,
                  {{"remote.curve.enabled", "on"},
                   {"remote.curve.key-file", files.path("bad")},
                   {"remote.curve.peers-file", files.path("wide")},
                   {"remote.handshake-timeout", "8s"}});
    const Ptr<Cell> events = stranger.spawn_noting("events");
    stranger.system->events().subscribe({types::associated, types::remoting_shut_down}, *events);
    EXPECT_EQ(stranger.tell(stranger.ref(b, "/user/actor"), "let me in"), Code::OK);
    EXPECT_TRUE(b.wait([&] { return b.remoting->counters().refused_strangers > 0; }));
    EXPECT_TRUE(stranger.journal.wait_for_line("events: signal motet.remote.AssociationError"));
    EXPECT_TRUE(stranger.wait([&] { return stranger.dead(Code::GATED) == 1; }));
    EXPECT_EQ(b.remoting->counters().frames_in, 0u);
    EXPECT_TRUE(b.journal.lines().empty());
}

TEST_F(Curve, WhoDoesNotEncryptIsNotHeard) {
    files.write("peers", files.make("good") + " *\n");
    Node b("S", 0, with("good"));
    Node plain("S", 0, {{"remote.handshake-timeout", "3s"}});
    plain.tell(plain.ref(b, "/user/actor"), "hi");
    EXPECT_TRUE(plain.wait([&] { return plain.dead(Code::GATED) == 1; }));
    b.tell(b.ref(plain, "/user/actor"), "hi");
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.connect("tcp://" + place(b));
    stranger.send(zmq::str_buffer("garbage"), zmq::send_flags::none);
    Node a("S", 0, with("good"));
    b.spawn_echo("echo");
    std::string answer;
    EXPECT_TRUE(a.ask(a.ref(b, "/user/echo"), "hi", &answer).ok());
    EXPECT_EQ(b.remoting->counters().malformed_frames, 0u);
}

TEST_F(Curve, WhoHasAnotherKeyThanHisAddressIsRefused) {
    files.write("peers", files.make("one") + " 127.0.0.1\n" + files.make("two") + " 127.0.0.2\n");
    Node a("S", 0, with("one"));
    Node liar("S", 0, with("two"));  // is at 127.0.0.1 with the key of 127.0.0.2
    liar.tell(liar.ref(a, "/user/actor"), "hi");
    const std::string reason = liar.refusals.wait_for(1).at(0);
    EXPECT_NE(reason.find(" is not the one that remote.curve.peers-file of "), std::string::npos) << reason;
    EXPECT_GE(a.remoting->counters().refused_hellos, 1u);
    // Nor is he talked to: another key is expected there.
    a.tell(a.ref(liar, "/user/actor"), "hi");
    EXPECT_TRUE(a.wait([&] { return a.remoting->counters().frames_out == 0; }));
}

TEST_F(Curve, ListsAreReadAgainWhenTheyChange) {
    const std::string one = files.make("one");
    const std::string two = files.make("two");
    files.write("peers", one + " 127.0.0.1\n");
    files.write("both", one + " 127.0.0.1\n" + two + " localhost\n");
    Node a("S", 0, with("one"));
    Node b("S", 0,
           {{"remote.host", "localhost"},
            {"remote.curve.enabled", "on"},
            {"remote.curve.key-file", files.path("two")},
            {"remote.curve.peers-file", files.path("both")},
            {"remote.handshake-timeout", "2s"}});
    a.spawn_noting("actor");
    const Ref actor = b.ref(a, "/user/actor");
    ASSERT_TRUE(a.wait([&] {
        b.tell(actor, "too early");
        return a.remoting->counters().refused_strangers > 0;
    }));

    // A list that is not well formed changes nothing; a good one lets the other node in.
    files.write("peers", "nonsense\n");
    files.write("peers", one + " 127.0.0.1\n" + two + " localhost\n");
    ASSERT_TRUE(a.wait([&] {
        b.tell(actor, "in");
        return !a.journal.lines().empty();
    }));

    // And out again: what it says is not heard any more, though its connections are still there.
    const Ptr<Cell> events = a.spawn_noting("events");
    a.system->events().subscribe({types::associated, types::remoting_shut_down}, *events);
    files.write("peers", one + " 127.0.0.1\n");
    ASSERT_TRUE(a.journal.wait_for_line("events: signal motet.remote.Disassociated"));
    a.tell(a.system->resolve("/user/actor").value(), "last");  // behind what had come in by then
    ASSERT_TRUE(a.journal.wait_for_line("actor: last"));
    const size_t heard = a.journal.lines().size();
    const Remoting::Counters before = a.remoting->counters();
    ASSERT_TRUE(b.wait([&] {
        b.tell(actor, "out");
        return a.remoting->counters().refused_strangers > before.refused_strangers;
    }));
    EXPECT_GT(a.remoting->counters().frames_in, before.frames_in);
    EXPECT_EQ(a.journal.lines().size(), heard);
}

TEST_F(Curve, AGoodListIsTakenThoughTheOwnKeyFileIsNotGood) {
    const std::string one = files.make("one");
    files.write("peers", one + " 127.0.0.1\n");
    Node a("S", 0, with("one"));
    a.spawn_noting("actor");
    chmod(files.path("one").c_str(), 0644);
    files.write("peers", one + " 127.0.0.1\n" + files.make("two") + " localhost\n");
    EXPECT_EQ(a.remoting->reload_keys().code(), Code::BAD_VALUE);
    Node b("S", 0, with("two", {{"remote.host", "localhost"}, {"remote.handshake-timeout", "2s"}}));
    ASSERT_TRUE(a.wait([&] {
        b.tell(b.ref(a, "/user/actor"), "in");
        return !a.journal.lines().empty();
    }));
}

TEST_F(Curve, WhatCannotWorkIsRefusedAtStart) {
    const std::string key = files.make("node");
    files.write("peers", key + " *\n");
    EXPECT_EQ(refusal({{"remote.curve.enabled", "on"}}).message(),
              "remote.curve.key-file: remote.curve.enabled is on, and needs it; see docs/security.md");
    std::map<std::string, std::string> settings = files.settings("node");
    settings["remote.curve.key-file"] = files.path("absent");
    EXPECT_EQ(refusal(settings).message(),
              "remote.curve.key-file: cannot read \"" + files.path("absent") + "\": No such file or directory");
    settings = files.settings("node");
    settings["remote.curve.peers-file"] = "";
    EXPECT_EQ(refusal(settings).message(),
              "remote.curve.peers-file: remote.curve.enabled is on, and needs it; see docs/security.md");
    chmod(files.path("node").c_str(), 0644);
    const Status open = refusal(files.settings("node"));
    EXPECT_EQ(open.code(), Code::BAD_VALUE);
    EXPECT_EQ(open.message(), "remote.curve.key-file: \"" + files.path("node") +
                                  "\" can be read by others than its owner (its mode is 0644); run: chmod 600 " +
                                  files.path("node"));
}

}  // namespace
}  // namespace motet
