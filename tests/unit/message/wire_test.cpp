#include "core/message/wire.h"

#include <fstream>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/unit/message/wire_description.h"

namespace motet::wire {
namespace {

using testing::build;
using testing::describe;
using testing::from_hex;
using testing::Json;
using testing::to_hex;

Json vectors() {
    std::ifstream file("tests/vectors/wire.json");  // tests run in the root of the repository
    return Json::parse(file);
}

Json vector(const std::string &name) {
    for (const Json &candidate : vectors()) {
        if (candidate.at("name") == name) {
            return candidate;
        }
    }
    ADD_FAILURE() << "no vector " << name;
    return {};
}

TEST(WireVectors, AreReadAsDescribed) {
    const Json all = vectors();
    ASSERT_GE(all.size(), 20u);
    for (const Json &one : all) {
        const std::vector<uint8_t> frame = from_hex(one.at("hex"));
        EXPECT_EQ(describe({frame.data(), frame.size()}), one.at("means")) << one.at("name");
    }
}

TEST(WireVectors, AreWrittenByteForByte) {
    size_t written = 0;
    for (const Json &one : vectors()) {
        if (!one.at("means").contains("problem") && one.value("canonical", true)) {
            EXPECT_EQ(to_hex(build(one.at("means")).view()), one.at("hex")) << one.at("name");
            ++written;
        }
    }
    EXPECT_GE(written, 12u);
}

TEST(Wire, EveryCutOfEveryFrameIsRefused) {
    for (const Json &one : vectors()) {
        if (one.at("means").contains("problem")) {
            continue;
        }
        const std::vector<uint8_t> frame = from_hex(one.at("hex"));
        for (size_t size = 0; size < frame.size(); ++size) {
            EXPECT_TRUE(describe({frame.data(), size}).contains("problem")) << one.at("name") << " cut to " << size;
        }
    }
}

TEST(Wire, EnvelopeSizeIsWhatIsWritten) {
    const std::vector<uint8_t> payload(100, 7);
    const std::vector<uint8_t> trace(kTraceSize, 1);
    Envelope envelope;
    envelope.target = Name::of("/user/a");
    envelope.type = Name::numbered(3);
    envelope.payload = {payload.data(), payload.size()};
    for (int variant = 0; variant < 4; ++variant) {
        envelope.has_sender = (variant & 1) != 0;
        envelope.trace = (variant & 2) != 0 ? Bytes(trace.data(), trace.size()) : Bytes();
        ByteBuffer out;
        write_envelope(out, envelope);
        EXPECT_EQ(out.size(), envelope_size(envelope));
    }
}

TEST(Wire, AnOrdinaryEnvelopeCostsLittle) {
    Envelope envelope;
    envelope.target = Name::numbered(1);
    envelope.has_sender = true;
    envelope.sender = Name::numbered(2);
    envelope.type = Name::numbered(3);
    EXPECT_EQ(envelope_size(envelope), 18u);
}

// Whatever arrives, reading it must end, stay inside the bytes (the address sanitizer looks), and give either a
// description that can be written again or a problem.
void read_anything(const std::vector<uint8_t> &frame) {
    // Exactly as much memory as the frame has, so that one byte too far is seen.
    const std::unique_ptr<uint8_t[]> exact(new uint8_t[frame.size()]);
    std::copy(frame.begin(), frame.end(), exact.get());
    const Json json = describe({exact.get(), frame.size()});
    EXPECT_TRUE(json.contains("problem") || json.contains("frame"));
}

TEST(WireFuzz, MutatedFramesNeverHarm) {
    Random random(20261121);
    std::vector<std::vector<uint8_t>> corpus;
    for (const Json &one : vectors()) {
        corpus.push_back(from_hex(one.at("hex")));
    }
    for (int round = 0; round < 40'000; ++round) {
        std::vector<uint8_t> frame = corpus[random.below(corpus.size())];
        for (uint64_t i = 0, changes = 1 + random.below(4); i < changes && !frame.empty(); ++i) {
            const size_t at = random.below(frame.size());
            switch (random.below(4)) {
            case 0:
                frame[at] = static_cast<uint8_t>(random.next());
                break;
            case 1:
                frame[at] ^= static_cast<uint8_t>(1 << random.below(8));
                break;
            case 2:
                frame.erase(frame.begin() + static_cast<ptrdiff_t>(at));
                break;
            default:
                frame.insert(frame.begin() + static_cast<ptrdiff_t>(at), static_cast<uint8_t>(random.next()));
            }
        }
        read_anything(frame);
        if (frame.size() >= kHeaderSize) {  // once more with a size that fits, so that the records are reached
            const uint64_t size = frame.size() - kHeaderSize;
            for (int i = 0; i < 4; ++i) {
                frame[36 + i] = static_cast<uint8_t>(size >> (8 * i));
            }
            read_anything(frame);
        }
    }
}

TEST(WireFuzz, RandomBytesNeverHarm) {
    Random random(7);
    const std::vector<uint8_t> header = from_hex(vector("frame without records").at("hex"));
    for (int round = 0; round < 40'000; ++round) {
        std::vector<uint8_t> frame;
        if (round % 2 == 0) {
            frame = header;
            frame[5] = static_cast<uint8_t>(1 + random.below(4));
        }
        const uint64_t size = random.below(200);
        for (uint64_t i = 0; i < size; ++i) {
            frame.push_back(static_cast<uint8_t>(random.next()));
        }
        if (round % 2 == 0) {
            frame[36] = static_cast<uint8_t>(size);
        }
        read_anything(frame);
    }
}

TEST(WireFuzz, EveryReaderTakesRandomBodies) {
    Random random(11);
    for (int round = 0; round < 40'000; ++round) {
        const size_t size = random.below(120);
        const std::unique_ptr<uint8_t[]> body(new uint8_t[size]);
        for (size_t i = 0; i < size; ++i) {
            body[i] = static_cast<uint8_t>(random.below(4) == 0 ? random.next() : random.below(40));
        }
        const Bytes bytes(body.get(), size);
        Define define;
        Envelope envelope;
        System system;
        NewTables request;
        uint64_t number;
        std::string_view text;
        FrameHeader header;
        header.from = 1;
        if (read_define(bytes, kMaxPath, define) == nullptr) {
            EXPECT_LT(define.number, kMaxTableSize);
        }
        if (read_envelope(bytes, envelope) == nullptr) {
            EXPECT_LE(envelope.payload.size(), size);
        }
        if (read_system(bytes, system) == nullptr) {
            EXPECT_FALSE(system.watchee.empty());
        }
        EXPECT_EQ(read_number(bytes, number) == nullptr, size == 8);
        if (read_new_tables(bytes, request) == nullptr) {
            EXPECT_LT(static_cast<size_t>(request.lane), kLanes);
        }
        if (read_text(bytes, text) == nullptr) {
            EXPECT_EQ(text.size(), size);
        }
        EXPECT_FALSE(read_hello(header, bytes).ok());
        EXPECT_FALSE(read_welcome(header, bytes).ok());
        EXPECT_FALSE(read_reject(header, bytes).ok());
    }
}

}  // namespace
}  // namespace motet::wire
