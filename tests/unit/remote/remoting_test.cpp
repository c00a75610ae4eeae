// Whole systems that talk over real ZeroMQ on the loopback interface.
#include "core/remote/remoting.h"

#include <future>
#include <zmq.hpp>

#include "core/actor/ask.h"
#include "tests/unit/actor/fixture.h"

namespace motet {
namespace {

// One node: a system with remoting, and a journal of what it saw.
struct Node {
    explicit Node(const std::string &name = "S", uint16_t port = 0, std::map<std::string, std::string> settings = {}) {
        settings.insert({{"system.name", name},
                         {"remote.port", std::to_string(port)},
                         {"log.level", "off"},
                         {"remote.gate-time", "300ms"},
                         {"remote.handshake-timeout", "10s"},
                         {"remote.watch.heartbeat-interval", "50ms"},
                         {"remote.watch.acceptable-pause", "1s"}});
        for (const auto &[key, value] : settings) {
            const Status set = config.set(key, value);
            EXPECT_TRUE(set.ok()) << set.message();
        }
        system = System::start(config).value();
        std::unique_ptr<Transport> own_transport = Remoting::zmq_transport(*system);
        transport = own_transport.get();
        Result<Ptr<Remoting>> started = Remoting::start(*system, std::move(own_transport));
        EXPECT_TRUE(started.ok()) << started.status().message();
        remoting = started.value();
        word = system->types().intern("test.Word").value();
    }

    ~Node() { close(); }

    void close() {
        if (system) {
            remoting->stop(kSecond / 2);
            EXPECT_TRUE(system->close(10 * kSecond).ok());
            system = nullptr;
        }
    }

    // As a process that is killed: nobody is told.
    void kill() {
        transport->stop(0);
        close();
    }

    uint16_t port() const { return remoting->address().port; }

    Ptr<Cell> spawn(const std::string &name, Receive receive) {
        return system->spawn(*system->user_guardian(), Ptr<const Props>(props(std::move(receive))), name).value();
    }

    // An actor that notes what it gets, as "name: text".
    Ptr<Cell> spawn_noting(const std::string &name) {
        return spawn(name, [this, name](Context &, const Envelope &envelope) {
            if (envelope.type() == word) {
                journal.add(name + ": " + text(envelope.payload()));
            } else if (envelope.type() == types::terminated) {
                journal.add(name + ": terminated " + envelope.sender()->path());
            } else if (is_signal(envelope.type()) && envelope.type() != types::pre_start) {
                journal.add(name + ": signal " + system->types().name(envelope.type()));
            }
            return Code::OK;
        });
    }

    // An actor that answers every word.
    Ptr<Cell> spawn_echo(const std::string &name) {
        return spawn(name, [this](Context &context, const Envelope &envelope) {
            return envelope.type() == word ? context.reply(word, envelope.payload()) : Code::OK;
        });
    }

    Ref ref(const Node &other, const std::string &path) const {
        Result<Ref> found = system->resolve(other.remoting->address().text() + path);
        EXPECT_TRUE(found.ok()) << found.status().message();
        return found.value();
    }

    Code tell(const Ref &target, std::string_view payload, const ActorRef *sender = nullptr) const {
        return target->deliver(Envelope::make(word, bytes(payload), sender, {}));
    }

    Status ask(const Ref &target, std::string_view payload, std::string *answer) {
        std::promise<Status> done;
        const Result<Ptr<Ask>> asked =
            Ask::send(*system, *target, word, bytes(payload), 5 * kSecond, {}, [&](Status status, Envelope *envelope) {
                if (envelope) {
                    *answer = text(envelope->payload());
                    envelope->destroy();
                }
                done.set_value(std::move(status));
            });
        EXPECT_TRUE(asked.ok());
        return done.get_future().get();
    }

    bool wait(const std::function<bool()> &condition) const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        return condition();
    }

    uint64_t dead(Code cause) const {
        const std::map<Code, uint64_t> counts = system->dead_letters().counts();
        const auto found = counts.find(cause);
        return found == counts.end() ? 0 : found->second;
    }

    Config config;
    Ptr<System> system;
    Ptr<Remoting> remoting;
    Transport *transport = nullptr;
    TypeId word = 0;
    Journal journal;
};

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
    EXPECT_LT(a.remoting->counters().frames_out, 1000u);  // many envelopes go in one frame
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

TEST(Remoting, IdentifiesActorsThereAndSaysWhenThereIsNone) {
    Node a;
    Node b;
    const Ptr<Cell> actor = b.spawn_noting("present");
    const auto identify = [&](const std::string &path) {
        std::promise<std::string> found;
        const Result<Ptr<Ask>> asked = Ask::send(
            *a.system, *a.ref(b, path), types::identify, {}, 5 * kSecond, {}, [&](Status status, Envelope *envelope) {
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

TEST(RemoteWatch, TellsOfAStop) {
    Node a;
    Node b;
    const Ptr<Cell> watched = b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    // The watch is known there when an answer to what was sent after it could come; system messages come first of all.
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 2; }));
    watched->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST(RemoteWatch, TellsOfAStopAfterEverythingTheActorHasSaid) {
    Node a;
    Node b;
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ptr<Cell> talker = b.spawn("talker", [&](Context &context, const Envelope &envelope) {
        if (envelope.type() == b.word) {
            for (int i = 0; i < 2000; ++i) {
                EXPECT_EQ(context.reply(b.word, bytes(std::string(200, 'x'))), Code::OK);
            }
            context.self().deliver_system(new SystemMessage{SystemKind::stop, {}});
        }
        return Code::OK;
    });
    const Ref remote = a.ref(b, "/user/talker");
    watcher->watch(*remote);
    a.tell(remote, "go", watcher.get());
    const std::vector<std::string> lines = a.journal.wait_for(2001);
    ASSERT_EQ(lines.size(), 2001u);
    EXPECT_EQ(lines[2000], "watcher: terminated " + remote->path());
}

TEST(RemoteWatch, TellsOfAnActorThatNeverWas) {
    Node a;
    Node b;
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/nobody");
    watcher->watch(*remote);
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
}

TEST(RemoteWatch, IsEndedByUnwatch) {
    Node a;
    Node b;
    const Ptr<Cell> first = b.spawn_noting("first");
    const Ptr<Cell> second = b.spawn_noting("second");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote_first = a.ref(b, "/user/first");
    const Ref remote_second = a.ref(b, "/user/second");
    watcher->watch(*remote_first);
    watcher->watch(*remote_second);
    watcher->unwatch(*remote_first);
    first->deliver_system(new SystemMessage{SystemKind::stop, {}});
    second->deliver_system(new SystemMessage{SystemKind::stop, {}});
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote_second->path()));
    for (const std::string &line : a.journal.lines()) {
        EXPECT_NE(line, "watcher: terminated " + remote_first->path());
    }
}

TEST(RemoteWatch, TellsOfANodeThatWasKilledOrNeverWas) {
    Node a;
    Node b;
    b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    const Ref nowhere = a.system->resolve("motet.tcp://S@127.0.0.1:1/user/x").value();
    watcher->watch(*nowhere);
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 3; }));
    b.kill();
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + nowhere->path()));
}

TEST(RemoteWatch, TellsWhenTheClusterSaysThatANodeIsLost) {
    Node a;
    Node b;
    b.spawn_noting("watched");
    const Ptr<Cell> watcher = a.spawn_noting("watcher");
    a.remoting->set_member(b.remoting->address(), true);
    const Ref remote = a.ref(b, "/user/watched");
    watcher->watch(*remote);
    ASSERT_TRUE(a.wait([&] { return b.remoting->counters().frames_in >= 2; }));
    EXPECT_EQ(a.remoting->phi(b.remoting->address()), 0.0);
    a.remoting->node_lost(b.remoting->address(), b.system->uid(), "removed");
    EXPECT_TRUE(a.journal.wait_for_line("watcher: terminated " + remote->path()));
    EXPECT_TRUE(a.wait([&] { return a.tell(remote, "late") == Code::QUARANTINED; }));
    EXPECT_GE(a.dead(Code::QUARANTINED), 1u);
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
    ASSERT_TRUE(b.wait([&] { return old->stopped(); }));
    b.spawn_noting("actor");
    a.tell(remote, "for the old one");
    a.tell(a.ref(b, "/user/actor"), "for any");
    EXPECT_TRUE(b.journal.wait_for_line("actor: for any"));
    EXPECT_EQ(b.dead(Code::STOPPED), 1u);
}

TEST(Remoting, RefusesAWrongNameOnBothSidesWithTheReason) {
    Node a("A");
    Node b("B");
    const Ptr<Cell> on_a = a.spawn_noting("events");
    const Ptr<Cell> on_b = b.spawn_noting("events");
    a.system->events().subscribe(Topic::remoting, *on_a);
    b.system->events().subscribe(Topic::remoting, *on_b);
    std::promise<std::string> refused;
    a.remoting->on_refused([&](const Address &peer, Code code, const std::string &reason) {
        refused.set_value(peer.text() + " " + code_name(code) + " " + reason);
    });
    const std::string wrong = "motet.tcp://C@127.0.0.1:" + std::to_string(b.port());
    a.tell(a.system->resolve(wrong + "/user/x").value(), "hi");
    EXPECT_EQ(refused.get_future().get(),
              wrong + " REFUSED the node was called " + wrong + ", but it is " + b.remoting->address().text());
    EXPECT_TRUE(a.journal.wait_for_line("events: signal motet.remote.AssociationError"));
    EXPECT_TRUE(b.journal.wait_for_line("events: signal motet.remote.AssociationError"));
    EXPECT_TRUE(a.wait([&] { return a.dead(Code::GATED) == 1; }));
}

TEST(Remoting, RefusesAnotherCookie) {
    Node a("S", 0, {{"remote.cookie", "one"}});
    Node b("S", 0, {{"remote.cookie", "two"}});
    std::promise<std::string> refused;
    a.remoting->on_refused([&](const Address &, Code, const std::string &reason) { refused.set_value(reason); });
    a.tell(a.ref(b, "/user/x"), "hi");
    EXPECT_EQ(refused.get_future().get(), "the settings remote.cookie of " + a.remoting->address().text() + " and " +
                                              b.remoting->address().text() + " differ");
}

TEST(Remoting, TellsOfAMessageAboveTheLimit) {
    Node a("S", 0, {{"remote.max-frame-size", "8KiB"}});
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

TEST(Remoting, SurvivesGarbage) {
    Node a;
    Node b;
    b.spawn_echo("echo");
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.connect("tcp://127.0.0.1:" + std::to_string(b.port()));
    Random random(3);
    for (int i = 0; i < 50; ++i) {
        std::string frame = i % 2 == 0 ? "MOTT\1\4" : "";
        for (uint64_t size = random.below(100); size > 0; --size) {
            frame += static_cast<char>(random.next());
        }
        stranger.send(zmq::buffer(frame), zmq::send_flags::none);
    }
    EXPECT_TRUE(b.wait([&] { return b.remoting->counters().malformed_frames >= 50; }));
    std::string answer;
    EXPECT_TRUE(a.ask(a.ref(b, "/user/echo"), "still there?", &answer).ok());
}

TEST(Remoting, RefusesRecordsOfWhoHasNotShakenHands) {
    Node b;
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.set(zmq::sockopt::rcvtimeo, 10'000);
    stranger.connect("tcp://127.0.0.1:" + std::to_string(b.port()));
    ByteBuffer frame;
    wire::begin_frame(frame);
    wire::FrameHeader header;
    header.from = 1;
    header.to = b.system->uid();
    header.sequence = 1;
    wire::finish_frame(frame, header);
    stranger.send(zmq::buffer(frame.data(), frame.size()), zmq::send_flags::none);
    zmq::message_t answer;
    ASSERT_TRUE(stranger.recv(answer));
    Bytes body;
    ASSERT_EQ(wire::read_frame({answer.data<uint8_t>(), answer.size()}, header, body), nullptr);
    ASSERT_EQ(header.kind, wire::FrameKind::reject);
    EXPECT_EQ(wire::read_reject(header, body).value().code, wire::RejectCode::no_handshake);
}

// A node made by hand, which sends what it likes.
class ForgedNode {
  public:
    explicit ForgedNode(const Node &to)
        : to_(to), in_(context_, zmq::socket_type::router), out_(context_, zmq::socket_type::dealer) {
        in_.set(zmq::sockopt::linger, 0);
        out_.set(zmq::sockopt::linger, 0);
        in_.set(zmq::sockopt::rcvtimeo, 20'000);
        in_.bind("tcp://127.0.0.1:*");
        const std::string endpoint = in_.get(zmq::sockopt::last_endpoint);
        wire::Hello hello;
        hello.from = {Address::parse("motet.tcp://F@" + endpoint.substr(6)).value(), kUid};
        hello.to = to.remoting->address();
        out_.connect("tcp://127.0.0.1:" + std::to_string(to.port()));
        send(wire::write_hello(hello, wire::Lane::ordinary));
    }

    void send(const ByteBuffer &frame) { out_.send(zmq::buffer(frame.data(), frame.size()), zmq::send_flags::none); }

    // A frame with a definition of a type and a target, or of neither, and a message by number.
    ByteBuffer frame(uint64_t sequence, bool define, const std::string &payload) const {
        ByteBuffer frame;
        wire::begin_frame(frame);
        if (define) {
            wire::write_define(frame, wire::RecordKind::define_type, {0, "test.Word"});
            wire::write_define(frame, wire::RecordKind::define_target, {0, "/user/actor"});
        }
        wire::Envelope envelope;
        envelope.payload = bytes(payload);
        wire::write_envelope(frame, envelope);
        wire::FrameHeader header;
        header.lane = wire::Lane::ordinary;
        header.from = kUid;
        header.to = to_.system->uid();
        header.sequence = sequence;
        header.epoch = 1;
        wire::finish_frame(frame, header);
        return frame;
    }

    // Waits for a request for new tables.
    bool asked_for_new_tables() {
        zmq::message_t id;
        zmq::message_t frame;
        while (in_.recv(id) && in_.recv(frame)) {
            wire::FrameHeader header;
            Bytes body;
            if (wire::read_frame({frame.data<uint8_t>(), frame.size()}, header, body) == nullptr) {
                wire::RecordReader reader(body);
                for (wire::Record record; header.kind == wire::FrameKind::records && reader.next(record);) {
                    if (record.kind == static_cast<uint8_t>(wire::RecordKind::new_tables)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

  private:
    static constexpr uint64_t kUid = 4711;
    const Node &to_;
    zmq::context_t context_;
    zmq::socket_t in_;
    zmq::socket_t out_;
};

TEST(Remoting, DropsReplayedFramesAndAsksForDefinitionsThatWereLost) {
    Node b;
    b.spawn_noting("actor");
    ForgedNode forged(b);
    forged.send(forged.frame(1, true, "one"));
    forged.send(forged.frame(2, false, "two"));
    forged.send(forged.frame(1, true, "one"));
    forged.send(forged.frame(2, false, "two"));
    forged.send(forged.frame(5, false, "five"));
    EXPECT_TRUE(b.journal.wait_for_line("actor: five"));
    EXPECT_EQ(b.journal.lines(), (std::vector<std::string>{"actor: one", "actor: two", "actor: five"}));
    EXPECT_EQ(b.remoting->counters().stale_frames, 2u);
    EXPECT_EQ(b.remoting->counters().gaps, 1u);

    Node c;
    c.spawn_noting("actor");
    ForgedNode forgetful(c);
    forgetful.send(forgetful.frame(2, false, "unknown"));
    EXPECT_TRUE(forgetful.asked_for_new_tables());
    EXPECT_EQ(c.dead(Code::TRANSPORT), 1u);
    EXPECT_TRUE(c.journal.lines().empty());
}

TEST(Remoting, RefusesTypesThatOnlyTheEngineSends) {
    Node a;
    Node b;
    const Ptr<Cell> actor = b.spawn_noting("actor");
    a.ref(b, "/user/actor")->deliver(Envelope::make(types::terminated, {}, nullptr, {}));
    a.tell(a.ref(b, "/user/actor"), "after it");
    EXPECT_TRUE(b.journal.wait_for_line("actor: after it"));
    EXPECT_EQ(b.journal.lines().size(), 1u);
    EXPECT_EQ(b.dead(Code::MALFORMED), 1u);
}

TEST(Remoting, SaysGoodbye) {
    Node a;
    auto b = std::make_unique<Node>();
    const Ptr<Cell> events = a.spawn_noting("events");
    a.system->events().subscribe(Topic::remoting, *events);
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
    EXPECT_TRUE(system->close(kSecond).ok());
}

}  // namespace
}  // namespace motet
