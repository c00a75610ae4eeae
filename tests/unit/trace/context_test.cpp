#include "core/trace/context.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace motet {
namespace {

const char *const kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, DefaultIsNone) {
    TraceContext context;
    EXPECT_TRUE(context.none());
    EXPECT_FALSE(context.sampled());
    EXPECT_EQ(context.to_traceparent(), "");
    static_assert(std::is_trivially_copyable_v<TraceContext> && sizeof(TraceContext) <= 32);
}

TEST(TraceContext, RootIsRandomAndDrawnFromTheGivenGenerator) {
    Random first(7), second(7);
    TraceContext context = TraceContext::root(first, true);
    EXPECT_EQ(context, TraceContext::root(second, true));
    EXPECT_FALSE(context == TraceContext::root(first, true));
    EXPECT_TRUE(context.sampled());
    EXPECT_EQ(context.flags, TraceContext::kSampled | TraceContext::kRandom);
    EXPECT_EQ(TraceContext::root(first, false).flags, TraceContext::kRandom);
}

TEST(TraceContext, ChildKeepsTraceAndFlags) {
    Random random(1);
    TraceContext parent = TraceContext::root(random, true);
    TraceContext child = parent.child(random);
    EXPECT_EQ(child.trace_high, parent.trace_high);
    EXPECT_EQ(child.trace_low, parent.trace_low);
    EXPECT_EQ(child.flags, parent.flags);
    EXPECT_NE(child.span, parent.span);
    EXPECT_TRUE(TraceContext{}.child(random) == TraceContext{});
}

TEST(TraceContext, BytesHaveTheFrozenLayout) {
    auto context = TraceContext::from_traceparent(kExample).value();
    std::array<uint8_t, TraceContext::kSize> bytes{};
    context.to_bytes(bytes.data());
    const std::array<uint8_t, TraceContext::kSize> expected = {0,    0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd,
                                                               0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c, 0xb7,
                                                               0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31, 1};
    EXPECT_EQ(bytes, expected);
    EXPECT_EQ(TraceContext::from_bytes(bytes.data(), bytes.size()), context);
}

TEST(TraceContext, BytesThatAreNoContextGiveNone) {
    std::array<uint8_t, TraceContext::kSize> bytes{};
    TraceContext::from_traceparent(kExample)->to_bytes(bytes.data());
    EXPECT_TRUE(TraceContext::from_bytes(nullptr, 0).none());
    EXPECT_TRUE(TraceContext::from_bytes(nullptr, TraceContext::kSize).none());
    EXPECT_TRUE(TraceContext::from_bytes(bytes.data(), 25).none());
    auto other_format = bytes;
    other_format[0] = 1;
    EXPECT_TRUE(TraceContext::from_bytes(other_format.data(), other_format.size()).none());
    auto no_span = bytes;
    std::fill(no_span.begin() + 17, no_span.begin() + 25, uint8_t{0});
    EXPECT_EQ(TraceContext::from_bytes(no_span.data(), no_span.size()), TraceContext{});
    auto unknown_flags = bytes;
    unknown_flags[25] = 0xff;
    EXPECT_EQ(TraceContext::from_bytes(unknown_flags.data(), unknown_flags.size()).flags, 3);
}

TEST(Traceparent, RoundTrip) {
    auto context = TraceContext::from_traceparent(kExample);
    ASSERT_TRUE(context);
    EXPECT_TRUE(context->sampled());
    EXPECT_EQ(context->to_traceparent(), kExample);
    EXPECT_EQ(trace_id_hex(*context), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(span_id_hex(context->span), "b7ad6b7169203331");
}

TEST(Traceparent, FlagsAreBits) {
    std::string text = kExample;
    text.replace(53, 2, "03");
    EXPECT_EQ(TraceContext::from_traceparent(text)->flags, 3);
    text.replace(53, 2, "02");
    EXPECT_FALSE(TraceContext::from_traceparent(text)->sampled());
    text.replace(53, 2, "ff");
    EXPECT_EQ(TraceContext::from_traceparent(text)->to_traceparent().substr(53), "03");
}

TEST(Traceparent, HigherVersionIsReadAsFarAsKnownAndWrittenAsOurs) {
    std::string text = kExample;
    text.replace(0, 2, "cc");
    EXPECT_EQ(TraceContext::from_traceparent(text)->to_traceparent(), kExample);
    EXPECT_TRUE(TraceContext::from_traceparent(text + "-what-the-future-brings"));
    EXPECT_FALSE(TraceContext::from_traceparent(text + "."));
}

TEST(Traceparent, MalformedIsRefused) {
    const std::string good = kExample;
    auto with = [&](size_t at, const std::string &part) { return std::string(good).replace(at, part.size(), part); };
    for (const std::string &text :
         {std::string(), good.substr(0, 54), good + "-", good + "-00", " " + good, with(0, "ff"), with(0, "0x"),
          with(2, "_"), with(35, "_"), with(52, "_"), with(53, "0g"), with(3, "0AF7"), with(36, "B7"), with(0, "0A"),
          with(3, std::string(32, '0')), with(36, std::string(16, '0')), with(3, std::string(1, '\0'))}) {
        EXPECT_FALSE(TraceContext::from_traceparent(text)) << text;
    }
}

}  // namespace
}  // namespace motet
