#include "core/actor/name.h"

#include <gtest/gtest.h>

#include <set>

namespace motet {
namespace {

TEST(ActorNameTest, GeneratedNamesAreShortAndAllDifferent) {
    EXPECT_EQ(generated_name(0), "$a");
    EXPECT_EQ(generated_name(63), "$~");
    EXPECT_EQ(generated_name(64), "$ab");
    std::set<std::string> names;
    for (uint64_t i = 0; i < 10000; ++i) {
        names.insert(generated_name(i));
    }
    EXPECT_EQ(names.size(), 10000u);
}

TEST(ActorNameTest, ANameIsEqualToItsText) {
    for (uint64_t number : {0ull, 1ull, 63ull, 64ull, 4095ull, 4096ull, (1ull << 59) + 12345}) {
        ActorName name = ActorName::generated(number);
        EXPECT_TRUE(name == ActorName::of(name.text())) << name.text();
        EXPECT_EQ(name.hash(), ActorName::of(name.text()).hash());
    }
    EXPECT_TRUE(ActorName::of("worker") == ActorName::of("worker"));
    EXPECT_FALSE(ActorName::of("worker") == ActorName::of("walker"));
    for (const char *odd : {"", "$", "$a$", "$ba", "$aa", "$bbbbbbbbbbbbbbbbbbbb"}) {
        EXPECT_EQ(ActorName::of(odd).text(), odd);
    }
}

TEST(ActorNameTest, MovesWithItsText) {
    ActorName name = ActorName::of("a name that is longer than what fits into a string itself");
    ActorName moved = std::move(name);
    name = ActorName::of("another");
    EXPECT_EQ(moved.text(), "a name that is longer than what fits into a string itself");
    EXPECT_EQ(name.text(), "another");
}

}  // namespace
}  // namespace motet
