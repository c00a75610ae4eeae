// Whole nodes and peers that are wrong, forged or broken.
#include <filesystem>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.hpp>

#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

using Node = LoopbackNode;

TEST(Remoting, RefusesAWrongNameOnBothSidesWithTheReason) {
    Node a("A");
    Node b("B");
    const Ptr<Cell> on_a = a.spawn_noting("events");
    const Ptr<Cell> on_b = b.spawn_noting("events");
    a.system->events().subscribe({types::associated, types::remoting_shut_down}, *on_a);
    b.system->events().subscribe({types::associated, types::remoting_shut_down}, *on_b);
    const std::string wrong = "motet.tcp://C@127.0.0.1:" + std::to_string(b.port());
    a.tell(a.system->resolve(wrong + "/user/x").value(), "hi");
    EXPECT_EQ(a.refusals.wait_for(1).at(0),
              wrong + " REFUSED the node was called " + wrong + ", but it is " + b.remoting->address().text());
    EXPECT_TRUE(a.journal.wait_for_line("events: signal motet.remote.AssociationError"));
    EXPECT_TRUE(b.journal.wait_for_line("events: signal motet.remote.AssociationError"));
    EXPECT_TRUE(a.wait([&] { return a.dead(Code::GATED) == 1; }));
}

TEST(Remoting, RefusesAnotherCookie) {
    Node a("S", 0, {{"remote.cookie", "one"}});
    Node b("S", 0, {{"remote.cookie", "two"}});
    a.tell(a.ref(b, "/user/x"), "hi");
    const std::string other = b.remoting->address().text();
    EXPECT_EQ(a.refusals.wait_for(1).at(0), other + " REFUSED the settings remote.cookie of " +
                                                a.remoting->address().text() + " and " + other + " differ");
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
    explicit ForgedNode(const Node &to, uint64_t uid = 4711)
        : to_(to), uid_(uid), in_(context_, zmq::socket_type::router), out_(context_, zmq::socket_type::dealer) {
        in_.set(zmq::sockopt::linger, 0);
        out_.set(zmq::sockopt::linger, 0);
        in_.set(zmq::sockopt::rcvtimeo, 60'000);
        in_.bind("tcp://127.0.0.1:*");
        const std::string endpoint = in_.get(zmq::sockopt::last_endpoint);
        wire::Hello hello;
        hello.from = {Address::parse("motet.tcp://F@" + endpoint.substr(6)).value(), uid_};
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
        header.from = uid_;
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

    // Waits for a REJECT and returns its code.
    wire::RejectCode refusal() {
        out_.set(zmq::sockopt::rcvtimeo, 60'000);
        for (zmq::message_t frame; out_.recv(frame);) {
            wire::FrameHeader header;
            Bytes body;
            if (wire::read_frame({frame.data<uint8_t>(), frame.size()}, header, body) == nullptr &&
                header.kind == wire::FrameKind::reject) {
                return wire::read_reject(header, body).value().code;
            }
        }
        return wire::RejectCode::unknown;
    }

  private:
    const Node &to_;
    const uint64_t uid_;
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
    EXPECT_TRUE(c.wait([&] { return c.dead(Code::TRANSPORT) == 1; }));
    EXPECT_TRUE(c.journal.lines().empty());
}

TEST(Remoting, DropsFramesOfAVersionThatItDoesNotSpeak) {
    Node b;
    b.spawn_noting("actor");
    ForgedNode forged(b);
    forged.send(forged.frame(1, true, "one"));
    ByteBuffer foreign = forged.frame(2, false, "two");
    foreign.data()[4] = 9;
    forged.send(foreign);
    forged.send(forged.frame(3, false, "three"));
    EXPECT_TRUE(b.journal.wait_for_line("actor: three"));
    EXPECT_EQ(b.journal.lines(), (std::vector<std::string>{"actor: one", "actor: three"}));
    EXPECT_EQ(b.remoting->counters().malformed_frames, 1u);
    EXPECT_EQ(b.remoting->counters().gaps, 1u);
}

size_t open_files() {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return static_cast<size_t>(std::distance(begin(files), end(files)));
}

// One connection that says a little, half a greeting of ZMTP or rubbish, and is gone.
void come_and_go(uint16_t port, int turn) {
    const int stranger = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(stranger, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(stranger, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    static constexpr char kHalfAGreeting[] = "\xff\0\0\0\0\0\0\0\1\x7f\3";
    const std::string_view said = turn % 3 == 0   ? std::string_view()
                                  : turn % 3 == 1 ? std::string_view(kHalfAGreeting, sizeof kHalfAGreeting - 1)
                                                  : std::string_view("GET / HTTP/1.1\r\n\r\n");
    (void)!::send(stranger, said.data(), said.size(), MSG_NOSIGNAL);
    const linger at_once{1, 0};  // so that no port is kept
    setsockopt(stranger, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(stranger);
}

TEST(Remoting, OutlivesTenThousandConnectionsThatComeAndGo) {
    Node a;
    Node b;
    b.spawn_echo("echo");
    std::string answer;
    ASSERT_TRUE(a.ask(a.ref(b, "/user/echo"), "before", &answer).ok());
    const size_t before = open_files();
    for (int turn = 0; turn < 10'000; ++turn) {
        come_and_go(b.port(), turn);
    }
    EXPECT_TRUE(a.ask(a.ref(b, "/user/echo"), "still there?", &answer).ok());
    EXPECT_TRUE(b.wait([&] { return open_files() <= before + 2; })) << open_files() << " files, of " << before;
    EXPECT_EQ(b.remoting->counters().peers, 1u);
}

TEST(Remoting, HearsAPeerOnlyOnTheConnectionsThatItHasGreetedOn) {
    Node b;
    b.spawn_noting("actor");
    ForgedNode peer(b);
    peer.send(peer.frame(1, true, "one"));
    ASSERT_TRUE(b.journal.wait_for_line("actor: one"));
    // Another one knows the uids, which are no secret.
    zmq::context_t context;
    zmq::socket_t thief(context, zmq::socket_type::dealer);
    thief.set(zmq::sockopt::linger, 0);
    thief.set(zmq::sockopt::rcvtimeo, 60'000);
    thief.connect("tcp://127.0.0.1:" + std::to_string(b.port()));
    const ByteBuffer stolen = peer.frame(2, false, "stolen");
    thief.send(zmq::buffer(stolen.data(), stolen.size()), zmq::send_flags::none);
    zmq::message_t answer;
    ASSERT_TRUE(thief.recv(answer));
    peer.send(peer.frame(2, false, "two"));
    EXPECT_TRUE(b.journal.wait_for_line("actor: two"));
    EXPECT_EQ(b.journal.lines(), (std::vector<std::string>{"actor: one", "actor: two"}));
}

TEST(Remoting, RefusesALifeThatIsKnownUnderAnotherAddress) {
    Node b;
    b.spawn_noting("actor");
    ForgedNode first(b);
    first.send(first.frame(1, true, "one"));
    ASSERT_TRUE(b.journal.wait_for_line("actor: one"));
    ForgedNode second(b);
    EXPECT_EQ(second.refusal(), wire::RejectCode::wrong_address);
    first.send(first.frame(2, false, "two"));
    EXPECT_TRUE(b.journal.wait_for_line("actor: two"));
}

TEST(Remoting, KeepsNothingOfThoseItRefuses) {
    Node b("S", 0, {{"remote.cookie", "secret"}});
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.set(zmq::sockopt::sndhwm, 0);
    stranger.connect("tcp://127.0.0.1:" + std::to_string(b.port()));
    constexpr uint64_t kHellos = 3'000;
    for (uint64_t i = 1; i <= kHellos; ++i) {
        wire::Hello hello;
        hello.from = {Address::tcp("S", "host-" + std::to_string(i), 1), i};
        hello.to = b.remoting->address();
        hello.cookie = "guess " + std::to_string(i);
        const ByteBuffer frame = wire::write_hello(hello, wire::Lane::control);
        stranger.send(zmq::buffer(frame.data(), frame.size()), zmq::send_flags::none);
    }
    EXPECT_TRUE(b.wait([&] { return b.remoting->counters().refused_hellos == kHellos; }));
    EXPECT_EQ(b.remoting->counters().peers, 0u);
    EXPECT_EQ(b.remoting->counters().frames_out, 0u);
}

TEST(Remoting, DoesNotListenToAHelloThatItCannotAnswer) {
    Node b;
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.set(zmq::sockopt::routing_id, "chosen");
    stranger.connect("tcp://127.0.0.1:" + std::to_string(b.port()));
    wire::Hello hello;
    hello.from = {Address::tcp("S", "127.0.0.1", 1), 1};
    hello.to = b.remoting->address();
    const ByteBuffer frame = wire::write_hello(hello, wire::Lane::control);
    stranger.send(zmq::buffer(frame.data(), frame.size()), zmq::send_flags::none);
    EXPECT_TRUE(b.wait([&] { return b.remoting->counters().malformed_frames == 1; }));
    EXPECT_EQ(b.remoting->counters().peers, 0u);
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

}  // namespace
}  // namespace motet
