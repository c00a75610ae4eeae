#include "core/message/fields.h"

#include <gtest/gtest.h>

#include <msgpack.hpp>

#include "core/base/random.h"

namespace motet {
namespace {

Bytes bytes(const msgpack::sbuffer &buffer) {
    return {reinterpret_cast<const uint8_t *>(buffer.data()), buffer.size()};
}

// {a: {b: 1, "deep": [2, {"b": 3}]}, [1]: 4, b: "text", c: bin, d: -5, e: ref, f: 1.5}
msgpack::sbuffer sample() {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer(buffer);
    packer.pack_map(7);
    packer.pack("a");
    packer.pack_map(2);
    packer.pack("b");
    packer.pack(1);
    packer.pack("deep");
    packer.pack_array(2);
    packer.pack(2);
    packer.pack(std::map<std::string, int>{{"b", 3}});
    packer.pack(std::vector<std::string>{"b"});
    packer.pack(4);
    packer.pack("b");
    packer.pack("text");
    packer.pack("c");
    packer.pack(std::vector<unsigned char>{7, 8});
    packer.pack("d");
    packer.pack(-5);
    packer.pack("e");
    packer.pack_ext(2, kRefExtension);
    packer.pack_ext_body("/x", 2);
    packer.pack("f");
    packer.pack(1.5);
    return buffer;
}

TEST(FieldsTest, FindsWhatStandsAtTheTop) {
    const msgpack::sbuffer map = sample();
    const auto found = find_fields(bytes(map), {"f", "e", "d", "c", "b", "a", "nothing"});
    ASSERT_TRUE(found);
    const auto &[f, e, d, c, b, a, nothing] = *found;
    EXPECT_EQ(f.kind, Field::Kind::other);
    EXPECT_EQ(e.kind, Field::Kind::ref);
    EXPECT_EQ(e.bytes, "/x");
    EXPECT_EQ(d.kind, Field::Kind::integer);
    EXPECT_TRUE(d.negative);
    EXPECT_EQ(static_cast<int64_t>(d.integer), -5);
    EXPECT_EQ(c.kind, Field::Kind::binary);
    EXPECT_EQ(c.bytes, "\x07\x08");
    EXPECT_EQ(b.kind, Field::Kind::text);
    EXPECT_EQ(b.bytes, "text");
    EXPECT_EQ(a.kind, Field::Kind::other);
    EXPECT_EQ(nothing.kind, Field::Kind::absent);
}

TEST(FieldsTest, RefusesWhatIsNoMap) {
    const uint8_t number[] = {7};
    const uint8_t array[] = {0x91, 0x81, 0xa1, 'a', 1};
    const uint8_t cut_off[] = {0x82, 0xa1, 'a', 1, 0xa1};
    EXPECT_FALSE(find_fields({}, {"a"}));
    EXPECT_FALSE(find_fields(number, {"a"}));
    EXPECT_FALSE(find_fields(array, {"a"}));
    EXPECT_FALSE(find_fields(cut_off, {"b"}));
    EXPECT_TRUE(find_fields(cut_off, {"a"})) << "what comes later is not read";
}

TEST(FieldsTest, DeepNestingIsRefused) {
    std::vector<uint8_t> deep{0x81, 0xa1, 'a'};
    deep.resize(deep.size() + 100'000, 0x91);
    EXPECT_FALSE(find_fields(deep, {"b"}));
}

TEST(FieldsTest, DamageAndNoiseDoNoHarm) {
    Random random(1);
    const msgpack::sbuffer map = sample();
    for (int round = 0; round < 20'000; ++round) {
        std::vector<uint8_t> damaged(bytes(map).begin(), bytes(map).end());
        for (uint64_t i = random.below(4) + 1; i > 0; --i) {
            damaged[random.below(damaged.size())] = static_cast<uint8_t>(random.next());
        }
        damaged.resize(random.below(damaged.size()) + 1);
        if (const auto found = find_fields(damaged, {"b", "c"})) {
            for (const Field &field : *found) {
                EXPECT_LE(field.bytes.size(), damaged.size());
            }
        }
    }
}

}  // namespace
}  // namespace motet
