#include "core/remote/peer_keys.h"

#include "core/base/random.h"
#include "tests/unit/remote/key_files.h"

namespace motet {
namespace {

std::string digits(char c) { return std::string(64, c); }
CurveKey key(char c) { return *parse_key(digits(c)); }
Address at(const std::string &host, uint16_t port) { return Address::tcp("S", host, port); }

TEST(PeerKeys, NameTheKeyOfEveryPlaceTheNearestFirst) {
    const Result<PeerKeys> read =
        PeerKeys::parse("# all nodes\n\n" + digits('1') + "  one:2552\tone:2553\r\n" + digits('2') +
                        " One 10.0.0.2:7\n" + "  # spare\n" + digits('3') + " [::1]:9 2001:DB8::5 [2001:db8::6]\n" +
                        digits('4') + " *\n" + digits('5') + " one:2552");
    ASSERT_TRUE(read.ok()) << read.status().message();
    const PeerKeys &keys = read.value();
    EXPECT_EQ(keys.size(), 5u);
    EXPECT_EQ(keys.key_of(at("one", 2552)), key('1'));
    EXPECT_EQ(keys.key_of(at("ONE", 2553)), key('1'));
    EXPECT_EQ(keys.key_of(at("one", 9)), key('2'));
    EXPECT_EQ(keys.key_of(at("10.0.0.2", 7)), key('2'));
    EXPECT_EQ(keys.key_of(at("10.0.0.2", 8)), key('4'));
    EXPECT_EQ(keys.key_of(at("::1", 9)), key('3'));
    EXPECT_EQ(keys.key_of(at("2001:db8:0::5", 1)), key('3'));
    EXPECT_EQ(keys.key_of(at("2001:db8::6", 1)), key('3'));
    EXPECT_EQ(keys.key_of(at("elsewhere", 1)), key('4'));
    EXPECT_TRUE(keys.speaks_for(key('1'), at("one", 2552)));
    EXPECT_TRUE(keys.speaks_for(key('5'), at("one", 2552)));
    EXPECT_FALSE(keys.speaks_for(key('2'), at("one", 2552)));
    EXPECT_FALSE(keys.speaks_for(key('4'), at("one", 2552)));
    EXPECT_FALSE(keys.speaks_for(key('6'), at("elsewhere", 1)));
    EXPECT_TRUE(keys.know(key('5')));
    EXPECT_FALSE(keys.know(key('6')));
}

TEST(PeerKeys, KnowNobodyWhereNothingIsListed) {
    const PeerKeys keys = PeerKeys::parse(digits('1') + " one:1\n").value();
    EXPECT_FALSE(keys.key_of(at("two", 1)));
    EXPECT_FALSE(keys.speaks_for(key('1'), at("two", 1)));
    EXPECT_EQ(PeerKeys::parse("").value().size(), 0u);
}

TEST(PeerKeys, SayWhichLineIsWrong) {
    const auto refused = [](const std::string &text, const std::string &reason) {
        const Result<PeerKeys> read = PeerKeys::parse(text);
        ASSERT_FALSE(read.ok()) << text;
        EXPECT_EQ(read.status().code(), Code::BAD_VALUE);
        EXPECT_EQ(read.status().message(), reason);
    };
    refused("\nabc one\n",
            "line 2: \"abc\" is not a public key; expected the 64 digits of a file that motet-keygen has "
            "made");
    refused(digits('1') + "\n", "line 1: no place follows the key; expected host:port, host, or * for every node");
    for (const std::string place : {"one:", "one:0", "one:65536", "one:1x", ":1", "[::1", "[]:1", "[one]:1", "a:b:c",
                                    "**", "one]", "motet.tcp://S@one:1", "[::1]x", "[::1]]:1"}) {
        refused(digits('1') + " fine " + place + "\n",
                "line 1: \"" + place + "\" is not a place; expected host:port, host, or * for every node");
    }
}

TEST(PeerKeys, AreRefusedWhereOthersCanChangeThem) {
    const KeyFiles files;
    files.write("peers", digits('1') + " *\n", 0664);
    const Result<PeerKeys> read = PeerKeys::read(files.path("peers"));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.status().message(), "\"" + files.path("peers") +
                                           "\" can be changed by others than its owner (its mode is 0664); run: chmod "
                                           "go-w " +
                                           files.path("peers"));
    files.write("peers", digits('1') + " *\nx\n", 0644);
    EXPECT_EQ(
        PeerKeys::read(files.path("peers")).status().message().rfind("\"" + files.path("peers") + "\", line 2: ", 0),
        0u);
}

TEST(PeerKeys, SurviveNoise) {
    Random random(11);
    const std::string alphabet = "0123456789abcdef:[]*# \t\r\n.-xyz";
    for (int i = 0; i < 2'000; ++i) {
        std::string text = random.below(2) == 0 ? digits('a') : "";
        for (uint64_t size = random.below(200); size > 0; --size) {
            text += random.below(20) == 0 ? static_cast<char>(random.next()) : alphabet[random.below(alphabet.size())];
        }
        const Result<PeerKeys> read = PeerKeys::parse(text);
        EXPECT_TRUE(read.ok() || read.status().message().starts_with("line ")) << text;
    }
}

}  // namespace
}  // namespace motet
