// Messages with another codec than MessagePack: what stands behind the '+' in the names of their types.
#include "support.h"

#include <algorithm>

namespace {

struct Job {
    std::int64_t id = 0;
    motet::Ref who;
    double ratio = 0;
    std::vector<std::string> tags;
    MOTET_FIELDS(id, who, ratio, tags)
};

struct Line {
    std::string text;
    MOTET_FIELDS(text)
};

struct Blob {
    std::vector<std::uint8_t> data;
    MOTET_FIELDS(data)
};

// Has a codec of the program.
struct Backwards {
    std::string text;
};

struct Picture {
    std::vector<std::uint8_t> pixels;
    MOTET_FIELDS(pixels)
};

}  // namespace

MOTET_MESSAGE(Job, "test.Job+json");
MOTET_MESSAGE(Line, "test.Line+utf8");
MOTET_MESSAGE(Blob, "test.Blob+raw");
MOTET_MESSAGE(Backwards, "test.Backwards+reverse");
MOTET_MESSAGE(Picture, "test.Picture+json");

template <> struct motet::payload_codec<Backwards> {
    static std::string encode(const Backwards &value) { return {value.text.rbegin(), value.text.rend()}; }

    static Backwards decode(Bytes payload) {
        if (std::find(payload.begin(), payload.end(), 0xff) != payload.end()) {
            throw std::invalid_argument("this cannot be turned");
        }
        return {std::string(payload.rbegin(), payload.rend())};
    }
};

namespace {

template <class T> motet::Props echo() {
    return motet::actor([](motet::Context &context, const T &message) { context.reply(message); });
}

template <class T> std::string payload_of(const T &message) {
    return motet::detail::encode_message(message,
                                         [](motet::Bytes bytes) { return std::string(bytes.begin(), bytes.end()); });
}

TEST(CppCodecs, ValuesComeAndGo) {
    motet::System system(quiet());
    const motet::Ref jobs = system.spawn(echo<Job>());
    const Job job = system.ask<Job>(jobs, Job{7, jobs, 2.0, {"a", "\xc3\xa9"}}, patience).get();
    EXPECT_EQ(job.id, 7);
    EXPECT_EQ(job.who, jobs);
    EXPECT_EQ(job.ratio, 2.0);
    EXPECT_EQ(job.tags, (std::vector<std::string>{"a", "\xc3\xa9"}));
    EXPECT_EQ(system.ask<Line>(system.spawn(echo<Line>()), Line{"gr\xc3\xb6\xc3\x9f"}, patience).get().text,
              "gr\xc3\xb6\xc3\x9f");
    const std::vector<std::uint8_t> bytes{0, 0xff, 0xc1};
    EXPECT_EQ(system.ask<Blob>(system.spawn(echo<Blob>()), Blob{bytes}, patience).get().data, bytes);
    EXPECT_EQ(system.ask<Backwards>(system.spawn(echo<Backwards>()), Backwards{"abc"}, patience).get().text, "abc");
    system.close(patience);
}

TEST(CppCodecs, ThePayloadIsTheBareForm) {
    EXPECT_EQ(payload_of(Job{7, {}, 1.5, {"a"}}), R"({"id":7,"who":null,"ratio":1.5,"tags":["a"]})");
    EXPECT_EQ(payload_of(Line{"abc"}), "abc");
    EXPECT_EQ(payload_of(Blob{{1, 2}}), "\x01\x02");
    EXPECT_EQ(payload_of(Backwards{"abc"}), "cba");
    EXPECT_EQ(payload_of(Line{}), "");
}

template <class T> std::string refusal(std::string_view payload) {
    const motet::Bytes bytes(reinterpret_cast<const std::uint8_t *>(payload.data()), payload.size());
    try {
        motet::detail::decode_message<T>(nullptr, bytes);
    } catch (const std::exception &refused) {
        return refused.what();
    }
    return "accepted";
}

TEST(CppCodecs, WhatTheyDoNotReadOrWriteIsRefused) {
    EXPECT_EQ(refusal<Job>("[1,"),
              "the text is not JSON: [json.exception.parse_error.101] parse error at line 1, column 4: "
              "syntax error while parsing value - unexpected end of input; expected '[', '{', or a "
              "literal");
    EXPECT_EQ(refusal<Job>("[1]"), "the payload of test.Job+json does not have the fields of that type");
    EXPECT_EQ(refusal<Line>("\xff"), "the payload of test.Line+utf8 is not UTF-8");
    EXPECT_EQ(refusal<Backwards>("\xff"), "this cannot be turned");
    try {
        payload_of(Picture{{1}});
        ADD_FAILURE() << "JSON has no binaries";
    } catch (const motet::Error &refused) {
        EXPECT_STREQ(refused.what(), "the value cannot be JSON: JSON has no binaries");
    }
}

}  // namespace
