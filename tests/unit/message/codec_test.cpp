#include "core/message/codec.h"

#include <gtest/gtest.h>

#include "core/message/type_table.h"

namespace motet {
namespace {

std::string packed(std::initializer_list<int> bytes) { return {bytes.begin(), bytes.end()}; }

Bytes bytes_of(const std::string &text) { return {reinterpret_cast<const uint8_t *>(text.data()), text.size()}; }

std::string json_of(const std::string &value) {
    Result<std::string> json = json_from_msgpack(bytes_of(value));
    return json.ok() ? json.value() : std::string(code_name(json.status().code())) + ": " + json.status().message();
}

std::string value_of(std::string_view json) {
    Result<std::string> value = json_to_msgpack(json);
    return value.ok() ? value.value() : std::string(code_name(value.status().code())) + ": " + value.status().message();
}

TEST(Codec, StandsBehindThePlus) {
    EXPECT_EQ(codec_of("demo.Job"), "msgpack");
    EXPECT_EQ(codec_of("demo.Job+json"), "json");
    TypeTable types;
    EXPECT_TRUE(types.intern("demo.Job+json").ok());
    EXPECT_TRUE(types.intern("demo.Job+my-codec_2.x").ok());
    EXPECT_NE(types.intern("demo.Job").value(), types.intern("demo.Job+json").value());
    for (const char *name : {"demo.Job+", "+json", "a+b+c", "demo.Job+JSON", "+"}) {
        const Result<TypeId> refused = types.intern(name);
        ASSERT_FALSE(refused.ok()) << name;
        EXPECT_NE(refused.status().message().find("behind a '+' is a codec's name"), std::string::npos);
    }
}

TEST(JsonCodec, ValuesComeAndGo) {
    const struct {
        std::string value;
        const char *json;
    } kSame[] = {
        {packed({0xc0}), "null"},
        {packed({0xc3}), "true"},
        {packed({0x05}), "5"},
        {packed({0xfb}), "-5"},
        {packed({0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "18446744073709551615"},
        {packed({0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0}), "-9223372036854775808"},
        {packed({0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0}), "1.5"},
        {packed({0xcb, 0x40, 0, 0, 0, 0, 0, 0, 0}), "2.0"},
        {packed({0xcb, 0x7e, 0x37, 0xe4, 0x3c, 0x88, 0x00, 0x75, 0x9c}), "1e+300"},
        {packed({0xa0}), "\"\""},
        {packed({0xa5, 'a', '"', '\\', '\n', 0x7f}), "\"a\\\"\\\\\\u000a\x7f\""},
        {packed({0xa2, 0xc3, 0xa9}), "\"\xc3\xa9\""},
        {packed({0x90}), "[]"},
        {packed({0x93, 0x01, 0x90, 0x91, 0xc0}), "[1,[],[null]]"},
        {packed({0x80}), "{}"},
        {packed({0x82, 0xa1, 'z', 0x01, 0xa1, 'a', 0x81, 0xa1, 'b', 0x91, 0x02}), "{\"z\":1,\"a\":{\"b\":[2]}}"},
        {packed({0xc7, 0x03, 0x01, '/', 'u', 'x'}), "{\"$ref\":\"/ux\"}"},
        {packed({0x92, 0xd5, 0x01, '/', 'u', 0x01}), "[{\"$ref\":\"/u\"},1]"},
    };
    for (const auto &same : kSame) {
        EXPECT_EQ(json_of(same.value), same.json);
        EXPECT_EQ(value_of(same.json), same.value) << same.json;
    }
    EXPECT_EQ(json_of(packed({0xca, 0x3f, 0xc0, 0, 0})), "1.5") << "a short float";
    EXPECT_EQ(value_of(" { \"a\" : [ 1 , 2 ] } "), packed({0x81, 0xa1, 'a', 0x92, 0x01, 0x02}));
    EXPECT_EQ(value_of("\"\\u00e9\""), packed({0xa2, 0xc3, 0xa9}));
    EXPECT_EQ(value_of("18446744073709551616"), packed({0xcb, 0x43, 0xf0, 0, 0, 0, 0, 0, 0}));
}

TEST(JsonCodec, WhatJsonDoesNotHaveIsRefused) {
    const std::string refused = "MALFORMED: the value cannot be JSON: ";
    EXPECT_EQ(json_of(packed({0xc4, 0x01, 0x00})), refused + "JSON has no binaries");
    EXPECT_EQ(json_of(packed({0xd4, 0x02, 0x00})), refused + "JSON has no extensions but refs");
    EXPECT_EQ(json_of(packed({0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0})), refused + "JSON has no infinity and no NaN");
    EXPECT_EQ(json_of(packed({0x81, 0x01, 0x01})), refused + "a key in JSON is a text");
    EXPECT_EQ(json_of(packed({0x81, 0xd4, 0x01, '/', 0x01})), refused + "a key in JSON is a text");
    EXPECT_EQ(json_of(packed({0x81, 0x90, 0x01})), refused + "a key in JSON is a text");
    EXPECT_EQ(json_of(packed({0xa1, 0xff})), refused + "a text in it is not UTF-8");
    EXPECT_EQ(json_of(packed({0x81, 0xa4, '$', 'r', 'e', 'f', 0xa0})),
              refused + "a key may not be \"$ref\" in JSON, where that is a ref");
    EXPECT_EQ(json_of(std::string(64, '\x91') + '\xc0'), std::string(64, '[') + "null" + std::string(64, ']'));
    EXPECT_EQ(json_of(std::string(65, '\x91') + '\xc0'), refused + "it is nested deeper than 64");
    for (const std::string &bytes : {packed({}), packed({0xc1}), packed({0x92, 0x01}), packed({0x01, 0x02}),
                                     packed({0xc9, 0xff, 0xff, 0xff, 0xff, 0x01})}) {
        EXPECT_EQ(json_of(bytes), "MALFORMED: the value is not one value of MessagePack");
    }
}

TEST(JsonCodec, WhatIsNoJsonIsRefusedWithItsPlace) {
    for (const char *text : {"", "{", "[1,]", "nul", "1 2", "\"\xff\"", "{\"a\":01}", "'a'", "{1:2}"}) {
        const std::string refusal = value_of(text);
        EXPECT_EQ(refusal.find("MALFORMED: the text is not JSON: "), 0u) << text << ": " << refusal;
        EXPECT_NE(refusal.find("column"), std::string::npos) << refusal;
    }
    for (const char *text : {"{\"$ref\":1}", "{\"$ref\":\"/u\",\"a\":1}", "[{\"a\":1,\"$ref\":\"/u\"}]"}) {
        EXPECT_EQ(value_of(text),
                  "MALFORMED: the JSON is refused: the key \"$ref\" stands alone, with the path of a ref");
    }
    EXPECT_EQ(value_of(std::string(64, '[') + std::string(64, ']')), std::string(63, '\x91') + '\x90');
    EXPECT_EQ(value_of(std::string(65, '[') + std::string(65, ']')),
              "MALFORMED: the JSON is refused: it is nested deeper than 64");
    EXPECT_EQ(value_of(std::string(1'000'000, '[')), "MALFORMED: the JSON is refused: it is nested deeper than 64");
}

}  // namespace
}  // namespace motet
