// Whole nodes that send each other messages.
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

TEST(Remoting, TellsAndRepliesInOrder) {
    Node a;
    Node b;
    b.spawn_echo("echo");
    const Ptr<Cell> noting = a.spawn_noting("noting");
    const Ref echo = a.ref(b, "/user/echo");
    EXPECT_EQ(echo->path(), b.remoting->address().text() + "/user/echo");
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(a.tell(echo, std::to_string(i), noting.get()), Code::OK);
    }
    const std::vector<std::string> lines = a.journal.wait_for(1000);
    ASSERT_EQ(lines.size(), 1000u);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(lines[static_cast<size_t>(i)], "noting: " + std::to_string(i));
    }
}

TEST(Remoting, SendsManyEnvelopesInOneFrame) {
    Node a;
    Node b;
    b.spawn_noting("noting");
    const Ref noting = a.ref(b, "/user/noting");
    size_t sent = 0;
    EXPECT_TRUE(a.wait([&] {  // a thread that stalls may send one by one for a while
        const uint64_t before = a.remoting->counters().frames_out;
        for (int i = 0; i < 1000; ++i) {
            EXPECT_EQ(a.tell(noting, "x"), Code::OK);
        }
        sent += 1000;
        return b.journal.wait_for(sent).size() == sent && a.remoting->counters().frames_out - before < 1000;
    }));
}

TEST(Remoting, AnswersAsksAndCarriesTraces) {
    Node a;
    Node b;
    b.spawn_echo("echo");
    std::string answer;
    const Status status = a.ask(a.ref(b, "/user/echo"), "question", &answer);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(answer, "question");

    Random random(1);
    const TraceContext trace = TraceContext::root(random, true);
    std::promise<TraceContext> seen;
    b.spawn("traced", [&](Context &, const Envelope &envelope) {
        if (envelope.type() == b.word) {
            seen.set_value(envelope.trace());
        }
        return Code::OK;
    });
    a.ref(b, "/user/traced")->deliver(Envelope::make(a.word, {}, nullptr, trace));
    EXPECT_EQ(seen.get_future().get().trace_low, trace.trace_low);
}

TEST(Remoting, ReachesSelectionsAndThirdParties) {
    Node a;
    Node b;
    Node c;
    b.spawn_noting("worker-1");
    b.spawn_noting("worker-2");
    b.spawn_noting("other");
    EXPECT_EQ(a.tell(a.ref(b, "/user/worker-*"), "hi"), Code::OK);
    EXPECT_TRUE(b.journal.wait_for_line("worker-1: hi"));
    EXPECT_TRUE(b.journal.wait_for_line("worker-2: hi"));

    // b answers to a sender on c whom it knows only through a.
    b.spawn_echo("echo");
    const Ptr<Cell> far = c.spawn_noting("far");
    const Ref far_seen_by_a = a.system->resolve(far->full_path()).value();
    EXPECT_EQ(a.tell(a.ref(b, "/user/echo"), "for c", far_seen_by_a.get()), Code::OK);
    EXPECT_TRUE(c.journal.wait_for_line("far: for c"));
}

TEST(Remoting, TellsWhichWayALostMessageHasCome) {
    Node a;
    Node b;
    const Ref gone = a.ref(b, "/user/gone");
    const Ptr<Cell> forwarder = a.spawn("forwarder", [&](Context &context, const Envelope &envelope) {
        return envelope.type() == a.word ? context.forward(*gone) : Code::OK;
    });
    EXPECT_EQ(a.tell(forwarder, "by way of the forwarder"), Code::OK);
    ASSERT_TRUE(b.wait([&] { return b.dead(Code::STOPPED) == 1; }));
    EXPECT_EQ(a.tell(gone, "straight"), Code::OK);
    ASSERT_TRUE(b.wait([&] { return b.dead(Code::STOPPED) == 2; }));
    const std::deque<DeadLetterBody> letters = b.system->dead_letters().recent();
    const std::string node = a.remoting->address().text();
    EXPECT_EQ(letters[0].hops.first, (std::vector<std::string>{forwarder->path(), node}));
    EXPECT_EQ(letters[0].hops.all, 2);
    EXPECT_EQ(letters[1].hops.first, std::vector<std::string>{node});
}

TEST(Remoting, IdentifiesActorsThereAndSaysWhenThereIsNone) {
    Node a;
    Node b;
    const Ptr<Cell> actor = b.spawn_noting("present");
    const auto identify = [&](const std::string &path) {
        std::promise<std::string> found;
        const Result<Ptr<Ask>> asked = Ask::send(
            *a.system, *a.ref(b, path), types::identify, {}, 60 * kSecond, {}, [&](Status status, Envelope *envelope) {
                found.set_value(!status.ok()         ? status.message()
                                : envelope->sender() ? envelope->sender()->full_path()
                                                     : "none");
                if (envelope) {
                    envelope->destroy();
                }
            });
        EXPECT_TRUE(asked.ok());
        return found.get_future().get();
    };
    EXPECT_EQ(identify("/user/present"), actor->full_path());
    EXPECT_EQ(identify("/user/absent"), "none");
}

TEST(Remoting, NeverTouchesTheNetworkForItsOwnAddress) {
    Node a;
    a.spawn_noting("here");
    EXPECT_EQ(a.tell(a.ref(a, "/user/here"), "hi"), Code::OK);
    const std::string by_other_name = "motet.tcp://S@localhost:" + std::to_string(a.port()) + "/user/here";
    EXPECT_EQ(a.tell(a.system->resolve(by_other_name).value(), "again"), Code::OK);
    EXPECT_EQ(a.journal.wait_for(2), (std::vector<std::string>{"here: hi", "here: again"}));
    EXPECT_EQ(a.remoting->counters().frames_out, 0u);
}

TEST(Remoting, WorksAtOnceWithANodeThatWasStartedAgain) {
    Node a;
    auto b = std::make_unique<Node>();
    const uint16_t port = b->port();
    b->spawn_echo("echo");
    const Ref echo = a.ref(*b, "/user/echo");
    std::string answer;
    ASSERT_TRUE(a.ask(echo, "first", &answer).ok());
    b->kill();
    b = std::make_unique<Node>("S", port);
    b->spawn_echo("echo");
    // The new life speaks first, which opens the gate.
    a.spawn_echo("echo");
    ASSERT_TRUE(b->ask(b->ref(a, "/user/echo"), "hello", &answer).ok());
    EXPECT_TRUE(a.ask(echo, "second", &answer).ok());
    EXPECT_EQ(answer, "second");
}

TEST(Remoting, FindsANewLifeByItselfAfterTheGateTime) {
    Node a;
    auto b = std::make_unique<Node>();
    const uint16_t port = b->port();
    b->spawn_noting("actor");
    const Ref actor = a.ref(*b, "/user/actor");
    a.tell(actor, "first");
    ASSERT_TRUE(b->journal.wait_for_line("actor: first"));
    b->kill();
    EXPECT_TRUE(a.wait([&] { return a.tell(actor, "while it is gone") == Code::GATED; }));
    b = std::make_unique<Node>("S", port);
    b->spawn_noting("actor");
    EXPECT_TRUE(a.wait([&] { return a.tell(actor, "second") == Code::OK; }));
    EXPECT_TRUE(b->journal.wait_for_line("actor: second"));
}

TEST(Remoting, NeverMistakesANewActorForAnOldOne) {
    Node a;
    Node b;
    const Ptr<Cell> old = b.spawn_noting("actor");
    const Ref remote = a.system->resolve(old->full_path()).value();
    a.tell(remote, "old");
    ASSERT_TRUE(b.journal.wait_for_line("actor: old"));
    old->deliver_system(new SystemMessage{SystemKind::stop, {}});
    ASSERT_TRUE(b.wait([&] { return b.system->user_guardian()->children().find("actor") != old; }));
    b.spawn_noting("actor");
    a.tell(remote, "for the old one");
    a.tell(a.ref(b, "/user/actor"), "for any");
    EXPECT_TRUE(b.journal.wait_for_line("actor: for any"));
    EXPECT_EQ(b.dead(Code::STOPPED), 1u);
}

TEST(Remoting, TellsWhoeverHasTheNameNow) {
    Node a;
    Node b;
    const Ref whoever = a.ref(b, "/user/actor");
    a.tell(whoever, "before there is one");
    ASSERT_TRUE(b.wait([&] { return b.dead(Code::STOPPED) == 1; }));
    for (int life = 1; life <= 3; ++life) {
        const Ptr<Cell> actor = b.spawn_noting("actor");
        a.tell(whoever, std::to_string(life));
        ASSERT_TRUE(b.journal.wait_for_line("actor: " + std::to_string(life)));
        actor->deliver_system(new SystemMessage{SystemKind::stop, {}});
        ASSERT_TRUE(b.wait([&] { return b.system->user_guardian()->children().find("actor") != actor; }));
    }
    a.tell(whoever, "after the last");
    EXPECT_TRUE(b.wait([&] { return b.dead(Code::STOPPED) == 2; }));
}

TEST(Remoting, TellsOfAMessageAboveTheLimit) {
    Node a("S", 0, {{"remote.max-frame-size", "8KiB"}, {"remote.max-message-size", "8100"}});
    Node b;
    b.spawn_noting("actor");
    const Ref actor = a.ref(b, "/user/actor");
    EXPECT_EQ(a.tell(actor, std::string(8192, 'x')), Code::TOO_LARGE);
    EXPECT_EQ(a.tell(actor, std::string(9000, 'x')), Code::TOO_LARGE);
    EXPECT_EQ(a.dead(Code::TOO_LARGE), 2u);
    EXPECT_EQ(a.tell(actor, std::string(8000, 'x')), Code::OK);
    EXPECT_TRUE(b.journal.wait_for_line("actor: " + std::string(8000, 'x')));
}

TEST(Remoting, TellsOfAFullQueueAndLosesNothingUntold) {
    Node a("S", 0, {{"remote.queue-size", "64KiB"}});
    const Ref nowhere = a.system->resolve("motet.tcp://S@127.0.0.1:1/user/x").value();
    int taken = 0;
    Code code = Code::OK;
    while ((code = a.tell(nowhere, std::string(1000, 'x'))) == Code::OK) {
        ASSERT_LT(++taken, 100);
    }
    EXPECT_EQ(code, Code::QUEUE_FULL);
    a.remoting->node_lost(Address::tcp("S", "127.0.0.1", 1), 0, "test");
    a.remoting->stop(0);
    EXPECT_EQ(a.dead(Code::CLOSED), static_cast<uint64_t>(taken));
    EXPECT_EQ(a.dead(Code::QUEUE_FULL), 1u);
    EXPECT_EQ(a.tell(nowhere, "late"), Code::CLOSED);
}

TEST(Remoting, SaysGoodbye) {
    Node a;
    auto b = std::make_unique<Node>();
    const Ptr<Cell> events = a.spawn_noting("events");
    a.system->events().subscribe({types::associated, types::remoting_shut_down}, *events);
    b->spawn_noting("actor");
    a.tell(a.ref(*b, "/user/actor"), "hi");
    ASSERT_TRUE(b->journal.wait_for_line("actor: hi"));
    b.reset();
    EXPECT_TRUE(a.journal.wait_for_line("events: signal motet.remote.Disassociated"));
}

TEST(Remoting, NamesTheValueThatCannotWork) {
    Config config;
    ASSERT_TRUE(config.set("log.level", "off").ok());
    ASSERT_TRUE(config.set("remote.host", "0.0.0.0").ok());
    const Ptr<System> system = System::start(config).value();
    const Result<Ptr<Remoting>> started = Remoting::start(*system, Remoting::zmq_transport(*system));
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.status().code(), Code::BAD_VALUE);
    EXPECT_EQ(started.status().message().rfind("remote.host: \"0.0.0.0\" is no address", 0), 0u);
    EXPECT_TRUE(system->close(60 * kSecond).ok());
}

}  // namespace
}  // namespace motet
