#include <motet/trace.h>

#include <gtest/gtest.h>

namespace {

const char *const kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(CTrace, RoundTrip) {
    uint8_t bytes[MOTET_TRACE_SIZE];
    ASSERT_EQ(motet_trace_parse(kExample, bytes, sizeof bytes), MOTET_TRACE_SIZE);
    char text[MOTET_TRACEPARENT_SIZE + 1];
    ASSERT_EQ(motet_trace_format(bytes, sizeof bytes, text, sizeof text), MOTET_TRACEPARENT_SIZE);
    EXPECT_STREQ(text, kExample);
}

TEST(CTrace, RefusesWhatIsNoContext) {
    uint8_t bytes[MOTET_TRACE_SIZE] = {};
    char text[MOTET_TRACEPARENT_SIZE + 1];
    EXPECT_EQ(motet_trace_format(bytes, sizeof bytes, text, sizeof text), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_parse("00-nonsense", bytes, sizeof bytes), MOTET_E_MALFORMED);
    ASSERT_EQ(motet_trace_parse(kExample, bytes, sizeof bytes), MOTET_TRACE_SIZE);
    EXPECT_EQ(motet_trace_format(bytes, sizeof bytes - 1, text, sizeof text), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_format(bytes, sizeof bytes, text, sizeof text - 1), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_format(nullptr, 0, text, sizeof text), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_format(bytes, sizeof bytes, nullptr, 0), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_parse(nullptr, bytes, sizeof bytes), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_parse(kExample, bytes, sizeof bytes - 1), MOTET_E_INVALID);
    EXPECT_EQ(motet_trace_parse(kExample, nullptr, 0), MOTET_E_INVALID);
}

}  // namespace
