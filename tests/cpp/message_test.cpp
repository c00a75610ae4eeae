#include "support.h"

#include <map>
#include <optional>

namespace {

// Score has refs at every depth.
struct Score {
    std::string title;
    std::vector<motet::Ref> voices;
    std::map<std::string, std::vector<motet::Ref>> sections;
    std::optional<motet::Ref> conductor;
    motet::Ref nobody;
    std::vector<std::uint8_t> cover;
    double tempo = 0;
    MOTET_FIELDS(title, voices, sections, conductor, nobody, cover, tempo)
};

// What an older version of a program knows of a score.
struct OldScore {
    std::string title;
    int pages = 12;
    MOTET_FIELDS(title, pages)
};

}  // namespace

MOTET_MESSAGE(Score, "test.Score");
MOTET_MESSAGE(OldScore, "test.OldScore");

namespace {

// Answers a score with itself, decoded and encoded again.
motet::Props librarian() {
    return motet::actor([](motet::Context &context, const Score &score) { context.reply(score); });
}

TEST(CppMessage, RefsTravelAtAnyDepth) {
    motet::System system(quiet());
    motet::Ref library = system.spawn(librarian(), "library");
    motet::Ref other = system.spawn(librarian(), "other");
    Score score{"Spem in alium", {library, other}, {{"choir 1", {other}}, {"choir 2", {}}}, library, {}, {0, 255}, 0.5};
    Score back = system.ask<Score>(library, score, patience).get();
    EXPECT_EQ(back.title, score.title);
    EXPECT_EQ(back.voices, score.voices);
    EXPECT_EQ(back.sections, score.sections);
    EXPECT_EQ(back.conductor, score.conductor);
    EXPECT_FALSE(back.nobody);
    EXPECT_EQ(back.cover, score.cover);
    EXPECT_EQ(back.tempo, 0.5);
    EXPECT_EQ(back.voices[1].path(), other.path());
    system.close(patience);
}

TEST(CppMessage, UnknownFieldsAreSkippedAndMissingOnesKeepTheirDefault) {
    motet::detail::encode(Score{"Missa", {}, {}, {}, {}, {}, 1}, [](motet::Bytes bytes) {
        auto old = motet::detail::decode<OldScore>(nullptr, bytes, "test.OldScore");
        EXPECT_EQ(old.title, "Missa");
        EXPECT_EQ(old.pages, 12);
        return 0;
    });
}

std::string refusal(std::initializer_list<std::uint8_t> payload) {
    try {
        motet::detail::decode<Text>(nullptr, motet::Bytes(payload.begin(), payload.size()), "test.Text");
    } catch (const motet::Error &error) {
        EXPECT_EQ(error.code(), motet::Code::malformed);
        return error.what();
    }
    return "accepted";
}

TEST(CppMessage, MalformedPayloadsAreNamed) {
    EXPECT_EQ(refusal({}), "the payload of test.Text is not MessagePack: insufficient bytes");
    EXPECT_EQ(refusal({0xc1}), "the payload of test.Text is not MessagePack: parse error");
    EXPECT_EQ(refusal({0x80, 0x80}), "the payload of test.Text has bytes after its end");
    EXPECT_EQ(refusal({0x81, 0xa4, 't', 'e', 'x', 't', 0x07}),
              "the payload of test.Text does not have the fields of that type");
    EXPECT_EQ(refusal({0x07}), "the payload of test.Text does not have the fields of that type");
}

TEST(CppMessage, DeclaredLengthsBeyondThePayloadAllocateNothing) {
    for (std::uint8_t head : {0xdd, 0xdf, 0xc6, 0xdb, 0xc9}) {
        EXPECT_NE(refusal({head, 0xff, 0xff, 0xff, 0xff, 0x00}).find("is not MessagePack"), std::string::npos);
    }
    std::vector<std::uint8_t> deep(100000, 0x91);
    EXPECT_THROW(motet::detail::decode<Text>(nullptr, deep, "test.Text"), motet::Error);
}

TEST(CppMessage, PayloadThatDoesNotFitFailsTheActorWithASentence) {
    motet::System system(quiet());
    auto restarts = std::make_shared<Box<motet::PostRestart>>();
    motet::Ref ref = system.spawn(
        motet::actor([](motet::Context &context, const Text &text) { context.reply(text); },
                     [restarts](motet::Context &, const motet::PostRestart &restart) { restarts->put(restart); }));
    auto type = motet_system_type(system.get(), "test.Text");
    std::uint8_t seven = 7;
    EXPECT_EQ(motet_ref_tell(ref.get(), nullptr, type, &seven, 1, nullptr, 0), MOTET_OK);
    EXPECT_EQ(restarts->take(1)[0].error,
              "motet::Error: the payload of test.Text does not have the fields of that type");
    EXPECT_EQ(system.ask<Text>(ref, Text{"well"}, patience).get().text, "well");
    system.close(patience);
}

TEST(CppMessage, EmptyStructsAreEmptyMaps) {
    motet::detail::encode(Ping{}, [](motet::Bytes bytes) {
        EXPECT_EQ(bytes.size(), 1u);
        EXPECT_EQ(bytes[0], 0x80);
        return 0;
    });
}

TEST(CppMessage, OneTypeHasItsOwnNumberInEachSystem) {
    motet::System one(quiet());
    motet::System two(quiet());
    motet_system_type(two.get(), "test.First");
    auto first = motet::detail::type_of<Text>(one.get());
    auto second = motet::detail::type_of<Text>(two.get());
    EXPECT_NE(first, second);
    EXPECT_EQ(motet::detail::type_of<Text>(one.get()), first);
    EXPECT_EQ(motet_system_type(two.get(), "test.Text"), second);
    one.close(patience);
    two.close(patience);
}

}  // namespace
