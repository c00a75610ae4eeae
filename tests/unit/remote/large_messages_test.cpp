// Messages in pieces: both ends, without a network between them and with one.
#include "core/remote/large_receiver.h"
#include "core/remote/large_sender.h"
#include "core/remote/remote_ref.h"
#include "tests/unit/remote/loopback_node.h"

namespace motet {
namespace {

constexpr Now kNow{1, 1};

class FakeTarget final : public ActorRef {
  public:
    explicit FakeTarget(std::string path) : path_(std::move(path)) {}
    Code deliver(Envelope *envelope) override {
        envelope->destroy();
        return Code::OK;
    }
    void deliver_system(SystemMessage *message) override { delete message; }
    System &system() const override { std::abort(); }
    std::string path() const override { return path_; }
    uint64_t incarnation() const override { return 0; }
    std::string path_;
};

// A sender and what the other end makes of its frames.
struct Lane {
    explicit Lane(size_t max_message = 1'000'000, size_t max_queued = 2'000'000)
        : out({1'000, max_message, max_queued, 10'000}, "motet.tcp://S@h:1"), in({max_message, max_queued}) {}
    ~Lane() {
        out.drop([](Envelope *envelope, const ActorRef &) { envelope->destroy(); });
    }

    Code tell(const std::string &target, const std::string &payload) {
        Ref ref = make_counted<FakeTarget>(target);
        Envelope *envelope = Envelope::make(64, bytes(payload), nullptr, {});
        OutboundMessage message;
        message.target = static_cast<FakeTarget &>(*ref).path_;
        message.type_name = "t";
        message.payload = envelope->payload();
        const Code code = out.append(ref, message.target, message, envelope);
        if (code != Code::OK) {
            envelope->destroy();
        }
        return code;
    }

    // Sends one frame; false when nothing waits. What became whole is appended to arrived, as "target: size".
    bool step(uint64_t ordinary = 0) {
        OutboundLane::Frame frame;
        if (!out.take(after, frame)) {
            return false;
        }
        EXPECT_LE(frame.bytes.size(), wire::kHeaderSize + 10'000);
        wire::RecordReader reader(frame.bytes.view().subspan(wire::kHeaderSize));
        for (wire::Record record; reader.next(record);) {
            EXPECT_EQ(read(record), nullptr);
        }
        out.sent();
        collect(kNow, ordinary);
        return true;
    }

    wire::Problem read(const wire::Record &record) {
        if (record.kind == static_cast<uint8_t>(wire::RecordKind::piece)) {
            wire::Piece piece;
            EXPECT_EQ(wire::read_piece(record.body, piece), nullptr);
            return in.add(kNow, piece);
        }
        wire::Large large;
        EXPECT_EQ(wire::read_large(record.body, large), nullptr);
        begun.push_back(large.number);
        return in.begin(
            kNow, large,
            {Envelope::make_unfilled(64, large.size, nullptr, {}), std::string(large.envelope.target.text)});
    }

    void collect(Now now, uint64_t ordinary) {
        while (const std::optional<LargeReceiver::Arrived> message = in.next(now, ordinary)) {
            arrived.push_back(message->target + ": " + std::to_string(message->envelope->payload().size()));
            last = text(message->envelope->payload());
            message->envelope->destroy();
        }
    }

    LargeSender out;
    LargeReceiver in;
    uint64_t after = 0;
    std::vector<uint32_t> begun;
    std::vector<std::string> arrived;
    std::string last;
};

using Lines = std::vector<std::string>;

std::string noise(size_t size) {
    Random random(size);
    std::string text(size, '\0');
    for (char &c : text) {
        c = static_cast<char>(random.next());
    }
    return text;
}

TEST(LargeMessages, ComeTogetherAsTheyWere) {
    Lane lane;
    for (const size_t size : {1'001u, 9'999u, 100'000u, 1'000'000u}) {
        const std::string payload = noise(size);
        ASSERT_EQ(lane.tell("/user/a", payload), Code::OK);
        while (lane.step()) {
        }
        EXPECT_EQ(lane.last, payload);
    }
    EXPECT_EQ(lane.out.queued(), 0u);
    EXPECT_EQ(lane.in.buffered(), 0u);
}

TEST(LargeMessages, ShareTheLaneAndKeepTheOrderOfEachActor) {
    Lane lane;
    lane.tell("/user/a", noise(500'000));
    lane.tell("/user/a", "small, behind it");
    lane.tell("/user/b", noise(20'000));
    lane.tell("/user/c", noise(5'000));
    while (lane.step()) {
    }
    EXPECT_EQ(lane.arrived, (Lines{"/user/c: 5000", "/user/b: 20000", "/user/a: 500000", "/user/a: 16"}));
    LargeSender::TargetCache a{0};
    EXPECT_TRUE(lane.out.wants("/user/a", 1, a));
}

TEST(LargeMessages, TakeWithThemWhatComesLaterToTheSameActor) {
    Lane lane;
    LargeSender::TargetCache a{0};
    LargeSender::TargetCache d{0};
    EXPECT_FALSE(lane.out.wants("/user/a", 1, a));  // as nobody has had any yet
    lane.tell("/user/a", noise(5'000));
    for (int i = 0; i < 2; ++i) {  // looked up, then remembered
        EXPECT_TRUE(lane.out.wants("/user/a", 1, a));
        EXPECT_FALSE(lane.out.wants("/user/d", 1, d));
        EXPECT_TRUE(lane.out.wants("/user/d", 1'001, d));
    }
    lane.tell("/user/d", noise(5'000));
    EXPECT_TRUE(lane.out.wants("/user/d", 1, d));
    lane.out.drop([](Envelope *envelope, const ActorRef &) { envelope->destroy(); });
    EXPECT_FALSE(lane.out.wants("/user/a", 1, a));
    EXPECT_FALSE(lane.out.wants("/user/d", 1, d));
}

TEST(LargeMessages, AreEightAtATimeAtMost) {
    Lane lane;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(lane.tell("/user/" + std::to_string(i), noise(50'000)), Code::OK);
    }
    for (int i = 0; i < 8 * 3; ++i) {
        ASSERT_TRUE(lane.step());
    }
    EXPECT_EQ(lane.begun.size(), 8u);
    while (lane.step()) {
    }
    EXPECT_EQ(lane.arrived.size(), 20u);
}

TEST(LargeMessages, AreBounded) {
    Lane lane(100'000, 150'000);
    EXPECT_EQ(lane.tell("/user/a", noise(100'001)), Code::TOO_LARGE);
    EXPECT_EQ(lane.tell("/user/a", noise(100'000)), Code::OK);
    EXPECT_EQ(lane.tell("/user/b", noise(50'001)), Code::QUEUE_FULL);
    EXPECT_EQ(lane.tell("/user/b", noise(50'000)), Code::OK);
    while (lane.step()) {
    }
    EXPECT_EQ(lane.arrived.size(), 2u);
    EXPECT_EQ(lane.in.admits(100'001), Code::TOO_LARGE);
    lane.tell("/user/a", noise(100'000));
    lane.step();
    EXPECT_EQ(lane.in.admits(50'001), Code::QUEUE_FULL);
    EXPECT_EQ(lane.in.admits(50'000), Code::OK);
    EXPECT_EQ(lane.tell("/" + std::string(9'990, 'n'), "x"), Code::TOO_LARGE);  // its name alone
}

TEST(LargeMessages, WaitForWhatWasSentBeforeThemForAWhile) {
    Lane lane;
    lane.after = 7;
    lane.tell("/user/a", noise(2'000));
    lane.step(6);
    EXPECT_TRUE(lane.arrived.empty());
    EXPECT_EQ(lane.in.deadline(), kNow.mono + 3 * kSecond);
    lane.collect(kNow, 7);
    EXPECT_EQ(lane.arrived, Lines{"/user/a: 2000"});
    lane.tell("/user/a", noise(3'000));
    lane.step(6);
    lane.collect({kNow.mono + 3 * kSecond, 1}, 6);
    EXPECT_EQ(lane.arrived, (Lines{"/user/a: 2000", "/user/a: 3000"}));
}

TEST(LargeMessages, ThatAreNotWholeAreLostTogetherAndNoMoreIsTakenOfThem) {
    Lane lane;
    lane.tell("/user/a", noise(50'000));
    lane.tell("/user/b", noise(50'000));
    lane.step();
    lane.step();
    lane.step();
    const std::vector<LargeReceiver::Arrived> lost = lane.in.incomplete();
    ASSERT_EQ(lost.size(), 2u);
    for (const LargeReceiver::Arrived &message : lost) {
        message.envelope->destroy();
    }
    EXPECT_EQ(lane.in.buffered(), 0u);
    while (lane.step()) {
    }
    EXPECT_TRUE(lane.arrived.empty());
}

TEST(LargeMessages, OfLiarsEndWithThePieceThatShowsIt) {
    LargeReceiver in({1'000, 10'000});
    const std::string piece(600, 'x');
    const auto begin = [&](uint32_t number) {
        wire::Large large{number, 1'000, 0, {}};
        large.envelope.payload = bytes(piece);
        return in.begin(kNow, large, {Envelope::make_unfilled(64, 1'000, nullptr, {}), "/user/a"});
    };
    EXPECT_EQ(begin(1), nullptr);
    EXPECT_STREQ(begin(1), "large message: with the number of another");
    EXPECT_STREQ(in.add(kNow, {1, bytes(piece)}), "large message: more pieces than it has bytes");
    EXPECT_EQ(in.buffered(), 0u);
    for (uint32_t number = 2; number < 10; ++number) {
        EXPECT_EQ(begin(number), nullptr);
    }
    EXPECT_STREQ(begin(10), "large message: more at a time than there may be");
}

using Node = LoopbackNode;

const std::map<std::string, std::string> kSmall = {{"remote.max-frame-size", "16KiB"},
                                                   {"remote.large-message-size", "4KiB"},
                                                   {"remote.max-message-size", "3MiB"},
                                                   {"remote.large-queue-size", "6MiB"}};

TEST(LargeMessages, CrossNodesInOrderWithSmallOnes) {
    Node a("S", 0, kSmall);
    Node b("S", 0, kSmall);
    std::vector<size_t> sizes;
    std::atomic<size_t> received{0};
    b.spawn("actor", [&](Context &, const Envelope &envelope) {
        if (envelope.type() == b.word) {
            sizes.push_back(envelope.payload().size());
            received = sizes.size();
        }
        return Code::OK;
    });
    const Ref actor = a.ref(b, "/user/actor");
    std::vector<size_t> expected;
    for (size_t i = 0; i < 300; ++i) {
        expected.push_back(i % 10 == 5 ? 5'000 + i * 1'000 : i);
        ASSERT_EQ(a.tell(actor, noise(expected.back())), Code::OK);
    }
    ASSERT_TRUE(a.wait([&] { return received == expected.size(); }));
    EXPECT_EQ(sizes, expected);
}

TEST(LargeMessages, ComeBeforeTheNewsThatTheirSenderHasEnded) {
    Node a("S", 0, kSmall);
    Node b("S", 0, kSmall);
    b.spawn("talker", [&](Context &context, const Envelope &envelope) {
        if (envelope.type() == b.word) {
            context.reply(b.word, bytes(noise(2'000'000)));
            context.reply(b.word, bytes("last words"));
            context.self().deliver_system(new SystemMessage{.kind = SystemKind::stop, .subject = {}});
        }
        return Code::OK;
    });
    const Ref talker = a.ref(b, "/user/talker");
    const Ptr<Cell> watcher = a.spawn("watcher", [&](Context &, const Envelope &envelope) {
        if (envelope.type() == a.word) {
            a.journal.add(std::to_string(envelope.payload().size()));
        } else if (envelope.type() == types::terminated) {
            a.journal.add("terminated");
        }
        return Code::OK;
    });
    watcher->watch(*talker);
    a.tell(talker, "go", watcher.get());
    EXPECT_TRUE(a.journal.wait_for_line("terminated"));
    EXPECT_EQ(a.journal.lines(), (std::vector<std::string>{"2000000", "10", "terminated"}));
}

TEST(LargeMessages, AboveTheLimitAreDeadLettersThatNameIt) {
    Node a("S", 0, kSmall);
    Node b("S", 0, kSmall);
    const std::string payload = noise(3 * 1024 * 1024 + 1);
    EXPECT_EQ(a.tell(a.ref(b, "/user/actor"), payload), Code::TOO_LARGE);
    const std::deque<DeadLetterBody> recent = a.system->dead_letters().recent();
    ASSERT_EQ(recent.size(), 1u);
    EXPECT_EQ(recent[0].cause, Code::TOO_LARGE);
    EXPECT_EQ(recent[0].size, payload.size());
    EXPECT_EQ(recent[0].limit, 3u * 1024 * 1024);
    // A receiver with a lower limit says so for itself.
    Node c("S", 0, {{"remote.max-message-size", "1MiB"}, {"remote.max-frame-size", "16KiB"}});
    const Ptr<Cell> actor = c.spawn_noting("actor");
    EXPECT_EQ(a.tell(a.ref(c, "/user/actor"), noise(2'000'000)), Code::OK);
    a.tell(a.ref(c, "/user/actor"), "after it");
    EXPECT_TRUE(c.journal.wait_for_line("actor: after it"));
    EXPECT_EQ(c.dead(Code::TOO_LARGE), 1u);
    EXPECT_EQ(c.system->dead_letters().recent().at(0).limit, 1024u * 1024);
}

TEST(LargeMessages, ThatWaitAreDeadLettersWhenTheirNodeIsLost) {
    Node a("S", 0, kSmall);
    const Ref nobody = a.system->resolve("motet.tcp://S@127.0.0.1:1/user/x").value();
    EXPECT_EQ(a.tell(nobody, noise(1'000'000)), Code::OK);
    EXPECT_EQ(a.tell(nobody, noise(1'000'000)), Code::OK);
    a.remoting->stop(0);
    EXPECT_EQ(a.dead(Code::CLOSED), 2u);
}

TEST(Room, IsToldWhenThereIsSome) {
    Node a("S", 0, kSmall);
    Node b("S", 0, kSmall);
    b.spawn_noting("actor");
    const Ref ref = a.ref(b, "/user/actor");
    auto &remote = static_cast<RemoteRef &>(*ref);
    std::atomic<int> told{0};
    std::atomic<Code> code{Code::INTERNAL};
    const auto tell = [&](Code what) {
        code = what;
        ++told;
    };
    remote.when_room(100, tell);
    ASSERT_TRUE(a.wait([&] { return told == 1; }));
    EXPECT_EQ(code, Code::OK);
    remote.when_room(3 * 1024 * 1024 + 1, tell);
    ASSERT_TRUE(a.wait([&] { return told == 2; }));
    EXPECT_EQ(code, Code::TOO_LARGE);
    // Fill the queue, then wait for it to empty.
    const std::string payload = noise(3'000'000);
    while (a.tell(ref, payload) == Code::OK) {
    }
    remote.when_room(payload.size(), tell);
    ASSERT_TRUE(a.wait([&] { return told == 3; }));
    EXPECT_EQ(code, Code::OK);
    EXPECT_EQ(a.tell(ref, payload), Code::OK);
}

TEST(Room, IsNotWaitedForWhereNoneIsToBeExpected) {
    Node a("S", 0, {{"remote.handshake-timeout", "100ms"}, {"remote.gate-time", "1h"}});
    const Ref nobody = a.system->resolve("motet.tcp://S@127.0.0.1:1/user/x").value();
    auto &remote = static_cast<RemoteRef &>(*nobody);
    while (a.tell(nobody, noise(10'000)) == Code::OK) {
    }
    std::atomic<Code> code{Code::INTERNAL};
    remote.when_room(10'000, [&](Code what) { code = what; });
    EXPECT_TRUE(a.wait([&] { return code == Code::GATED; }));
    const auto told = std::make_shared<std::atomic<Code>>(Code::INTERNAL);
    a.remoting->stop(0);
    remote.when_room(1, [told](Code what) { *told = what; });
    EXPECT_EQ(*told, Code::CLOSED);
}

}  // namespace
}  // namespace motet
