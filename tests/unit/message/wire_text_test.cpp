#include "core/message/wire_text.h"

#include <fstream>
#include <gtest/gtest.h>

#include "tests/unit/message/wire_description.h"

namespace motet::wire {
namespace {

using testing::from_hex;
using testing::Json;

std::string said(const std::string &name) {
    std::ifstream file("tests/vectors/wire.json");  // tests run in the root of the repository
    for (const Json &one : Json::parse(file)) {
        if (one.at("name") == name) {
            return describe(from_hex(one.at("hex")));
        }
    }
    ADD_FAILURE() << "no vector " << name;
    return {};
}

TEST(WireText, SaysWhatFramesSay) {
    EXPECT_EQ(said("hello"), "HELLO on lane control, version 1, from life 1122334455667788 to any\n"
                             "  I am motet.tcp://A@127.0.0.1:2552, you are motet.tcp://B@[::1]:2553; versions 1 to 1, "
                             "with a cookie\n");
    const std::string piece = said("further piece of a large message");
    EXPECT_NE(piece.find("frame 8 in epoch 1"), std::string::npos) << piece;
    EXPECT_NE(piece.find("\n  piece of 3, 6 bytes: 05 06 07 08 09 0a\n"), std::string::npos) << piece;
    const std::string large = said("first piece of a large message");
    EXPECT_NE(large.find("\n  large 3 of 10 bytes, after frame 42, to /user/a#17 from /user/b#3, type shop.Picture, "
                         "4 bytes: 01 02 03 04\n"),
              std::string::npos)
        << large;
    EXPECT_NE(said("goodbye").find("\n  goodbye: "), std::string::npos);
    EXPECT_NE(said("watch").find("\n  system 1 watch "), std::string::npos) << said("watch");
}

TEST(WireText, SaysWhatIsWrong) {
    EXPECT_EQ(said("not ours"), "frame: not ours, it does not begin with MOTT\n");
    EXPECT_NE(said("path that is not printable").find("; envelope: a path that is empty, too long or not printable\n"),
              std::string::npos);
}

TEST(WireText, HasALineForEveryFrameAndEveryCutOfIt) {
    std::ifstream file("tests/vectors/wire.json");
    for (const Json &one : Json::parse(file)) {
        const std::vector<uint8_t> frame = from_hex(one.at("hex"));
        for (size_t size = 0; size <= frame.size(); ++size) {
            const std::string text = describe({frame.data(), size});
            EXPECT_TRUE(!text.empty() && text.back() == '\n' && is_printable(text.substr(0, text.find('\n'))));
        }
    }
}

}  // namespace
}  // namespace motet::wire
