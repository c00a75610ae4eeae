// What one lane writes the other end understands, also when frames are lost.
#include <gtest/gtest.h>

#include "core/remote/inbound_lane.h"
#include "core/remote/outbound_lane.h"

namespace motet {
namespace {

constexpr std::string_view kOwn = "motet.tcp://S@h:1";

class FakeActor final : public ActorRef {
  public:
    FakeActor(std::string path, uint64_t incarnation) : path_(std::move(path)), incarnation_(incarnation) {}
    Code deliver(Envelope *envelope) override {
        envelope->destroy();
        return Code::OK;
    }
    void deliver_system(SystemMessage *message) override { delete message; }
    System &system() const override { std::abort(); }
    std::string path() const override { return path_; }
    uint64_t incarnation() const override { return incarnation_; }

  private:
    std::string path_;
    uint64_t incarnation_;
};

// One sender's side, with what it remembers of its target.
struct Writer {
    explicit Writer(size_t max_frame = 10'000, size_t max_queued = 100'000)
        : lane({max_frame, max_queued}, std::string(kOwn)) {}

    Code append(std::string_view payload, const ActorRef *sender = nullptr, std::string_view target = "/user/a#7") {
        OutboundMessage message;
        message.target = target;
        message.target_number = target == "/user/a#7" ? &number : &other_number;
        message.sender = sender;
        message.type = 64;
        message.type_name = "t";
        message.trace = trace;
        message.payload = {reinterpret_cast<const uint8_t *>(payload.data()), payload.size()};
        return lane.append(message, first);
    }

    // All records that wait, as text, one a line.
    std::vector<std::string> take() {
        std::vector<std::string> lines;
        OutboundLane::Frame frame;
        while (lane.take(frame)) {
            lines.push_back("frame of epoch " + std::to_string(frame.epoch));
            wire::RecordReader reader(frame.bytes.view().subspan(wire::kHeaderSize));
            for (wire::Record record; reader.next(record);) {
                lines.push_back(describe(record));
            }
            lane.sent(frame.bytes.size());
        }
        return lines;
    }

    static std::string describe(const wire::Record &record) {
        const auto name = [](const wire::Name &written) {
            return written.literal ? std::string(written.text) : std::to_string(written.number);
        };
        wire::Define define;
        if (wire::Envelope envelope; record.kind == 0x84 && wire::read_envelope(record.body, envelope) == nullptr) {
            return name(envelope.target) + " " + (envelope.has_sender ? name(envelope.sender) : "-") + " " +
                   name(envelope.type) + " " + std::string(envelope.payload.begin(), envelope.payload.end());
        }
        EXPECT_EQ(wire::read_define(record.body, wire::kMaxPath, define), nullptr);
        return (record.kind == 0x81   ? "type "
                : record.kind == 0x82 ? "target "
                                      : "sender ") +
               std::to_string(define.number) + " = " + std::string(define.text);
    }

    OutboundLane lane;
    NumberCache number;
    NumberCache other_number;
    const TraceContext *trace = nullptr;
    bool first = false;
};

using Lines = std::vector<std::string>;

wire::FrameHeader header(uint64_t sequence, uint32_t epoch) {
    wire::FrameHeader result;
    result.sequence = sequence;
    result.epoch = epoch;
    return result;
}

TEST(OutboundLane, NamesThingsOnceAndNumbersThemAfterwards) {
    Writer writer;
    const FakeActor sender(std::string(kOwn) + "/user/s", 9);
    EXPECT_EQ(writer.append("1", &sender), Code::OK);
    EXPECT_TRUE(writer.first);
    EXPECT_EQ(writer.append("2", &sender), Code::OK);
    EXPECT_FALSE(writer.first);
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 1", "type 0 = t", "target 0 = /user/a#7", "sender 0 = /user/s#9",
                                    "0 0 0 1", "0 0 0 2"}));
    EXPECT_EQ(writer.append("3", &sender), Code::OK);
    EXPECT_TRUE(writer.first);
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 1", "0 0 0 3"}));
    EXPECT_EQ(writer.lane.queued(), 0u);
}

TEST(OutboundLane, WritesWhatIsUsedOnceInFull) {
    Writer writer;
    const FakeActor ask(std::string(kOwn) + "/temp/$a", 9);
    const FakeActor third("motet.tcp://S@h:2/user/s", 9);
    const FakeActor looks_alike(std::string(kOwn) + "0/user/s", 9);
    writer.append("1", &ask);
    writer.append("2", &third, "/temp/$b#3");
    writer.append("3", &looks_alike);
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 1", "type 0 = t", "target 0 = /user/a#7", "0 /temp/$a#9 0 1",
                                    "/temp/$b#3 motet.tcp://S@h:2/user/s#9 0 2", "0 motet.tcp://S@h:10/user/s#9 0 3"}));
}

TEST(OutboundLane, TakesAnActorInTheMemoryOfAnOtherForWhatItIs) {
    Writer writer;
    alignas(FakeActor) unsigned char memory[sizeof(FakeActor)];
    auto *first = new (memory) FakeActor(std::string(kOwn) + "/user/first", 1);
    writer.append("1", first);
    std::destroy_at(static_cast<const FakeActor *>(first));
    auto *second = new (memory) FakeActor(std::string(kOwn) + "/user/second", 2);
    writer.append("2", second);
    std::destroy_at(static_cast<const FakeActor *>(second));
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 1", "type 0 = t", "target 0 = /user/a#7",
                                    "sender 0 = /user/first#1", "0 0 0 1", "sender 1 = /user/second#2", "0 1 0 2"}));
}

TEST(OutboundLane, BeginsAgainWithNewTables) {
    Writer writer;
    writer.append("1");
    writer.lane.new_tables();
    writer.append("2");
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 1", "type 0 = t", "target 0 = /user/a#7", "0 - 0 1",
                                    "frame of epoch 2", "type 0 = t", "target 0 = /user/a#7", "0 - 0 2"}));
}

TEST(OutboundLane, WritesTheTraceOfManyOnce) {
    Writer writer(10'000, 1'000'000);
    Random random(5);
    const TraceContext one = TraceContext::root(random, true);
    const TraceContext other = one.child(random);
    const std::vector<TraceContext> told = {one, one, {}, one, other, other, one};
    for (const TraceContext &trace : told) {
        writer.trace = &trace;
        EXPECT_EQ(writer.append("x"), Code::OK);
    }
    OutboundLane::Frame frame;
    ASSERT_TRUE(writer.lane.take(frame));
    const std::vector<bool> same = {false, true, false, true, false, true, false};
    InboundLane inbound;
    inbound.arrived(header(1, 1));
    wire::RecordReader reader(frame.bytes.view().subspan(wire::kHeaderSize));
    size_t read = 0;
    for (wire::Record record; reader.next(record);) {
        if (wire::Envelope envelope; record.kind == 0x84 && wire::read_envelope(record.body, envelope) == nullptr) {
            EXPECT_EQ(envelope.same_trace, same[read]) << read;
            EXPECT_EQ(inbound.trace(envelope), told[read]) << read;
            ++read;
        }
    }
    EXPECT_EQ(read, told.size());
    // Each frame begins anew; so does what is dropped say the whole.
    writer.trace = &one;
    writer.append("y");
    writer.append("z");
    std::vector<TraceContext> dropped;
    writer.lane.drop(&frame, [&](const OutboundLane::Dropped &message) {
        dropped.push_back(TraceContext::from_bytes(message.trace.data(), message.trace.size()));
    });
    EXPECT_EQ(dropped, (std::vector<TraceContext>{one, one, {}, one, other, other, one, one, one}));
    EXPECT_EQ(writer.lane.queued(), 0u);
}

TEST(InboundLane, KnowsNoTraceOfAnotherFrame) {
    Random random(5);
    std::array<uint8_t, wire::kTraceSize> bytes;
    TraceContext::root(random, true).to_bytes(bytes.data());
    wire::Envelope first;
    first.trace = bytes;
    wire::Envelope same;
    same.same_trace = true;
    InboundLane lane;
    lane.arrived(header(1, 1));
    EXPECT_EQ(lane.trace(same), std::nullopt);
    EXPECT_TRUE(lane.trace(first));
    EXPECT_EQ(lane.trace(same), lane.trace(first));
    lane.arrived(header(2, 1));
    EXPECT_EQ(lane.trace(same), std::nullopt);
    EXPECT_EQ(lane.trace(wire::Envelope()), TraceContext());
}

TEST(OutboundLane, SplitsFramesAndRefusesWhatDoesNotFit) {
    Writer writer(200, 500);
    EXPECT_EQ(writer.append(std::string(201, 'x')), Code::TOO_LARGE);
    EXPECT_EQ(writer.append(std::string(190, 'x')), Code::TOO_LARGE);
    EXPECT_EQ(writer.append(std::string(150, 'x')), Code::OK);
    EXPECT_EQ(writer.append(std::string(150, 'y')), Code::OK);
    EXPECT_EQ(writer.append(std::string(150, 'z')), Code::QUEUE_FULL);
    EXPECT_EQ(writer.take(),
              (Lines{"frame of epoch 1", "type 0 = t", "target 0 = /user/a#7", "0 - 0 " + std::string(150, 'x'),
                     "frame of epoch 1", "0 - 0 " + std::string(150, 'y')}));
    EXPECT_EQ(writer.append(std::string(150, 'z')), Code::OK);
}

TEST(OutboundLane, GivesBackWhatItDropsWithNamesInFull) {
    Writer writer;
    const FakeActor sender(std::string(kOwn) + "/user/s", 9);
    writer.append("sent", &sender);
    OutboundLane::Frame taken;
    ASSERT_TRUE(writer.lane.take(taken));
    writer.append("1", &sender);
    writer.append("2");
    Lines dropped;
    writer.lane.drop(&taken, [&](const OutboundLane::Dropped &message) {
        dropped.push_back(message.target + " " + message.sender + " " + message.type + " " +
                          std::string(message.payload.begin(), message.payload.end()));
    });
    EXPECT_EQ(dropped, (Lines{"/user/a#7 /user/s#9 t sent", "/user/a#7 /user/s#9 t 1", "/user/a#7  t 2"}));
    EXPECT_EQ(writer.lane.queued(), 0u);
    writer.append("3");
    EXPECT_EQ(writer.take(), (Lines{"frame of epoch 2", "type 0 = t", "target 0 = /user/a#7", "0 - 0 3"}));
}

TEST(InboundLane, KnowsFramesThatCameBeforeAndFramesThatWereLost) {
    using Arrival = InboundLane::Arrival;
    InboundLane lane;
    EXPECT_EQ(lane.arrived(header(5, 1)), Arrival::in_order);  // whatever comes first begins
    EXPECT_EQ(lane.arrived(header(6, 1)), Arrival::in_order);
    EXPECT_EQ(lane.arrived(header(6, 1)), Arrival::stale);
    EXPECT_EQ(lane.arrived(header(8, 1)), Arrival::gap);
    EXPECT_EQ(lane.arrived(header(7, 1)), Arrival::stale);
    EXPECT_EQ(lane.arrived(header(9, 2)), Arrival::in_order);
    EXPECT_EQ(lane.arrived(header(10, 1)), Arrival::stale);
    lane.restart();
    EXPECT_EQ(lane.arrived(header(1, 1)), Arrival::in_order);
}

TEST(InboundLane, NeverGivesANumberASecondMeaningInOneEpoch) {
    InboundLane lane;
    lane.arrived(header(1, 1));
    EXPECT_TRUE(lane.define_type(0, 64));
    EXPECT_FALSE(lane.define_type(0, 65));
    EXPECT_TRUE(lane.define_target(3, {"/user/a#1", {}}));  // the definitions before were lost
    EXPECT_FALSE(lane.define_target(3, {"/user/b#1", {}}));
    EXPECT_EQ(lane.type(0), 64);
    EXPECT_EQ(lane.type(1), 0);
    EXPECT_EQ(lane.target(2), nullptr);
    EXPECT_EQ(lane.target(3)->path, "/user/a#1");
    EXPECT_EQ(lane.target(4), nullptr);
    EXPECT_EQ(lane.sender(0), nullptr);
    EXPECT_TRUE(lane.ask_for_tables());
    EXPECT_FALSE(lane.ask_for_tables());
    lane.arrived(header(2, 2));
    EXPECT_EQ(lane.type(0), 0);
    EXPECT_TRUE(lane.define_type(0, 65));
    EXPECT_TRUE(lane.ask_for_tables());
}

}  // namespace
}  // namespace motet
