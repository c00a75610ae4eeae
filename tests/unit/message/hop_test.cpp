#include "core/message/hop.h"

#include <gtest/gtest.h>

#include "core/message/message.h"

namespace motet {
namespace {

TEST(HopTest, AMessageThatNobodyPassedOnHasNone) {
    Envelope *envelope = Envelope::make(64, {}, nullptr, {});
    EXPECT_FALSE(envelope->passed_on());
    EXPECT_TRUE(envelope->hops().first.empty());
    envelope->destroy();
}

TEST(HopTest, TheFirstAreKeptAndAllAreCounted) {
    const Ptr<const Hop> first = make_counted<Hop>("/first");
    Envelope *envelope = Envelope::make(64, {}, nullptr, {});
    envelope->pass(first);
    for (int i = 1; i < 70'000; ++i) {
        envelope->pass(make_counted<Hop>("/" + std::to_string(i)));
    }
    const Hops hops = envelope->hops();
    ASSERT_EQ(hops.first.size(), Hops::kKept);
    EXPECT_EQ(hops.first.front(), "/first");
    EXPECT_EQ(hops.first.back(), "/7");
    EXPECT_EQ(hops.all, UINT16_MAX) << "the largest number stands for more";
    envelope->destroy();
    EXPECT_EQ(first->before(), nullptr) << "who passes on is not changed by it";
}

TEST(HopTest, ACopyHasTheSameAndThenItsOwn) {
    Envelope *envelope = Envelope::make(64, {}, nullptr, {});
    envelope->pass(make_counted<Hop>("/a"));
    Envelope *left = envelope->copy(), *right = envelope->copy();
    left->pass(make_counted<Hop>("/left"));
    right->pass(make_counted<Hop>("/right"));
    envelope->destroy();
    EXPECT_EQ(left->hops().first, (std::vector<std::string>{"/a", "/left"}));
    EXPECT_EQ(right->hops().first, (std::vector<std::string>{"/a", "/right"}));
    left->destroy();
    right->destroy();
}

TEST(HopTest, TextIsReadAsItWasWritten) {
    const Hops hops{{"/a", "/b"}, 7};
    EXPECT_EQ(hops.to_text(100), "7 /a /b");
    EXPECT_EQ(hops.to_text(6), "7 /a") << "what does not fit is only counted";
    const Hops read = Hops::from_text("7 /a /b");
    EXPECT_EQ(read.first, hops.first);
    EXPECT_EQ(read.all, 7);
}

TEST(HopTest, TextThatIsNoneIsHarmless) {
    for (const char *text : {"", "x", "-1 /a", "70000 /a", " 1 /a", "99999999999999999999"}) {
        EXPECT_EQ(Hops::from_text(text).all, 0) << text;
    }
    EXPECT_EQ(Hops::from_text("1 /a /b").first.size(), 1u);
    EXPECT_EQ(Hops::from_text("2/a").first.size(), 0u);
    std::string many = "60000";
    for (int i = 0; i < 1000; ++i) {
        many += " /x";
    }
    EXPECT_EQ(Hops::from_text(many).first.size(), Hops::kKept);
}

}  // namespace
}  // namespace motet
