#include "support.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <random>

enum class Key { minor = 1, major = 2 };
MSGPACK_ADD_ENUM(Key);

namespace {

struct Forms {
    std::int8_t small = 0;
    std::int64_t large = 0;
    std::uint64_t natural = 0;
    double real = 0;
    float half = 0;
    bool loud = false;
    Key key = Key::minor;
    std::string text;
    std::vector<std::vector<std::int32_t>> bars;
    std::map<std::string, std::int32_t> pages;
    bool operator==(const Forms &) const = default;
    MOTET_FIELDS(small, large, natural, real, half, loud, key, text, bars, pages)
};

struct Tree {
    std::vector<Tree> children;
    MOTET_FIELDS(children)
};

// Described for msgpack-cxx alone.
struct Plain {
    std::int32_t number = 0;
    Forms forms;
    MSGPACK_DEFINE_MAP(number, forms)
};

using Payload = std::vector<std::uint8_t>;

template <class Value> Payload encoded(const Value &value) {
    Payload payload;
    motet::detail::encode(value, [&](motet::Bytes bytes) {
        payload.assign(bytes.begin(), bytes.end());
        return 0;
    });
    return payload;
}

template <class Value> Value decoded(const Payload &payload) {
    return motet::detail::decode<Value>(nullptr, payload, "test.Value");
}

template <class Value> std::string refusal(const Payload &payload) {
    try {
        decoded<Value>(payload);
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::malformed);
        return error.what();
    }
    return "accepted";
}

// A map with one field, whose value is these bytes.
Payload field(const std::string &name, const Payload &value) {
    Payload payload;
    payload.push_back(0x81);
    payload.push_back(static_cast<std::uint8_t>(0xa0 + name.size()));
    std::copy(name.begin(), name.end(), std::back_inserter(payload));
    std::copy(value.begin(), value.end(), std::back_inserter(payload));
    return payload;
}

constexpr const char *kWrongFields = "the payload of test.Value does not have the fields of that type";

TEST(CppCodec, EverySizeOfNumberTextAndArray) {
    for (int bits = 0; bits < 63; ++bits) {
        for (std::int64_t number : {std::int64_t{1} << bits, (std::int64_t{1} << bits) - 1, -(std::int64_t{1} << bits),
                                    -(std::int64_t{1} << bits) - 1}) {
            Forms forms;
            forms.large = number;
            forms.natural = std::uint64_t{1} << bits;
            forms.real = static_cast<double>(number) / 3;
            EXPECT_EQ(decoded<Forms>(encoded(forms)), forms) << number;
        }
    }
    for (std::size_t size : {0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536}) {
        Forms forms{-128,
                    std::numeric_limits<std::int64_t>::min(),
                    std::numeric_limits<std::uint64_t>::max(),
                    -0.0,
                    1.5f,
                    true,
                    Key::major,
                    std::string(size, 'a'),
                    std::vector<std::vector<std::int32_t>>(size, {7, -7}),
                    {}};
        for (std::size_t page = 0; page < size; ++page) {
            forms.pages[std::to_string(page)] = static_cast<std::int32_t>(page);
        }
        EXPECT_EQ(decoded<Forms>(encoded(forms)), forms) << size;
    }
}

TEST(CppCodec, NumbersMayBeLongerThanTheyMust) {
    EXPECT_EQ(decoded<Forms>(field("small", {0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80})).small, -128);
    EXPECT_EQ(decoded<Forms>(field("small", {0xcf, 0, 0, 0, 0, 0, 0, 0, 5})).small, 5);
    EXPECT_EQ(decoded<Forms>(field("natural", {0xd1, 0x01, 0x00})).natural, 256u);
    EXPECT_EQ(decoded<Forms>(field("real", {0xca, 0x3f, 0x80, 0, 0})).real, 1.0);
    EXPECT_EQ(decoded<Forms>(field("real", {0xff})).real, -1.0) << "an integer is a real number";
    EXPECT_EQ(decoded<Forms>(field("text", {0xdb, 0, 0, 0, 1, 'a'})).text, "a");
    EXPECT_EQ(decoded<Forms>(field("bars", {0xdd, 0, 0, 0, 1, 0xdc, 0, 1, 9})).bars[0][0], 9);
}

TEST(CppCodec, WhatDoesNotFitIsRefused) {
    EXPECT_EQ(refusal<Forms>(field("small", {0xcc, 0x80})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("small", {0xd1, 0xff, 0x7f})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("natural", {0xff})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("large", {0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("loud", {0x01})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("text", {0xc0})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("bars", {0x91, 0x80})), kWrongFields);
    EXPECT_EQ(refusal<Forms>(field("pages", {0x90})), kWrongFields);
    EXPECT_EQ(refusal<Forms>({0x91, 0xc1}), "the payload of test.Value is not MessagePack");
}

TEST(CppCodec, WhatIsNotKnownIsSkippedWhateverItIs) {
    Payload unknown = {0xde, 0,    12,                                             // a map of so many
                       0x01, 0x90,                                                 // a number as key
                       0x91, 0x01, 0x80,                                           // an array as key
                       0xc0, 0xc2,                                                 // nil as key
                       0xa1, 'a',  0xc4, 2,    7,   7,                             // binary
                       0xa1, 'b',  0xd6, 3,    1,   2,    3,    4,                 // an extension of fixed size
                       0xa1, 'c',  0xc7, 1,    3,   9,                             // another
                       0xa1, 'd',  0x81, 0xa1, 'x', 0x92, 0xc3, 0xd0, 0x80,        // nested
                       0xa1, 'e',  0xcb, 0,    0,   0,    0,    0,    0,    0, 0,  // real
                       0xa1, 'f',  0xda, 0,    1,   'z',                           // text
                       0xa4, 't',  'e',  'x',  't', 0xa2, 'l',  'a',               // known
                       0xa1, 'g',  0xdf, 0,    0,   0,    1,    0xa0, 0xdc, 0, 0,  // a map with an empty array
                       0xa1, 'h',  0xce, 0,    0,   0,    1};                      // a number
    EXPECT_EQ(decoded<Forms>(unknown).text, "la");
    for (std::size_t size = 0; size < unknown.size(); ++size) {
        EXPECT_NE(refusal<Forms>({unknown.begin(), unknown.begin() + static_cast<std::ptrdiff_t>(size)}), "accepted");
    }
}

TEST(CppCodec, DepthIsBounded) {
    Payload deep;
    for (int level = 0; level < 300; ++level) {
        Payload head = field("children", {0x91});
        std::copy(head.begin(), head.end(), std::back_inserter(deep));
    }
    deep.push_back(0x80);
    EXPECT_EQ(refusal<Tree>(deep), "the payload of test.Value is not MessagePack: depth overflow");
    EXPECT_EQ(refusal<Forms>(deep), "the payload of test.Value is not MessagePack: depth overflow");
    EXPECT_EQ(decoded<Tree>(field("children", {0x91, 0x80})).children.size(), 1u);
}

TEST(CppCodec, StructsThatOnlyMsgpackKnowsTravelToo) {
    Plain plain;
    plain.number = 7;
    plain.forms.text = "la";
    Plain back = decoded<Plain>(encoded(plain));
    EXPECT_EQ(back.number, 7);
    EXPECT_EQ(back.forms, plain.forms);
}

TEST(CppCodec, DamagedBytesAreReadOrRefused) {
    Forms forms{1, 1000000, 70000, 0.5, 1.5f, true, Key::major, "Spem in alium", {{1, 2}, {}, {300}}, {{"a", 1}}};
    const Payload whole = encoded(forms);
    std::mt19937 random(1);
    int refused = 0;
    for (int round = 0; round < 20000; ++round) {
        Payload damaged = whole;
        for (int hit = 0; hit <= round % 3; ++hit) {
            damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
        }
        damaged.resize(round % 5 == 0 ? random() % damaged.size() : damaged.size());
        refused += refusal<Forms>(damaged) != "accepted";
    }
    EXPECT_GT(refused, 5000);
    EXPECT_LT(refused, 20000);
}

}  // namespace
