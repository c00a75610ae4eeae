#include "core/message/signals.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

TEST(SignalsTest, ADeadLetterIsReadAsItWasWritten) {
    TraceContext trace;
    trace.trace_high = 1;
    trace.trace_low = 2;
    trace.span = 3;
    const DeadLetterBody body{Code::MAILBOX_FULL, "test.Word", "motet://S/user/a",         "",
                              1u << 20,           trace,       {{"/user/a", "/user/b"}, 5}};
    const Result<DeadLetterBody> read = decode_dead_letter(encode_dead_letter(body));
    ASSERT_TRUE(read.ok()) << read.status().message();
    EXPECT_EQ(read.value().cause, body.cause);
    EXPECT_EQ(read.value().type, body.type);
    EXPECT_EQ(read.value().target, body.target);
    EXPECT_EQ(read.value().sender, body.sender);
    EXPECT_EQ(read.value().size, body.size);
    EXPECT_EQ(read.value().trace, trace);
    EXPECT_EQ(read.value().hops.first, body.hops.first);
    EXPECT_EQ(read.value().hops.all, 5);
}

TEST(SignalsTest, WhatIsNoDeadLetterIsMalformed) {
    const ByteVector failure = encode_failure(Code::FAILED, "x");
    EXPECT_TRUE(decode_dead_letter(failure).ok());  // unknown keys are skipped
    for (size_t size = 0; size < failure.size(); ++size) {
        EXPECT_EQ(decode_dead_letter(Bytes(failure).first(size)).status().code(), Code::MALFORMED) << size;
    }
}

TEST(SignalsTest, AFailureIsReadAsItWasWritten) {
    const Status read = decode_failure(encode_failure(Code::TIMEOUT, "too late"));
    EXPECT_EQ(read.code(), Code::TIMEOUT);
    EXPECT_EQ(read.message(), "too late");
}

// Of what a peer claims to have sent nothing is allocated: an array of 2^32 - 1 values that is not there.
TEST(SignalsTest, AFailureThatIsNoneIsAFailureStill) {
    const std::vector<uint8_t> huge = {0x81, 0xa4, 'c', 'o', 'd', 'e', 0xdd, 0xff, 0xff, 0xff, 0xff};
    EXPECT_EQ(decode_failure(huge).code(), Code::MALFORMED);
    EXPECT_EQ(decode_failure({}).code(), Code::MALFORMED);
    for (const uint8_t good : {0xc0, 0x00, 0x05, 0x7f}) {  // codes that stand for no error
        const std::vector<uint8_t> body = {0x81, 0xa4, 'c', 'o', 'd', 'e', good};
        EXPECT_EQ(decode_failure(body).code(), Code::FAILED) << int{good};
    }
    const std::vector<uint8_t> zero_with_a_sign = {0x81, 0xa4, 'c', 'o', 'd', 'e', 0xd1, 0, 0};
    EXPECT_EQ(decode_failure(zero_with_a_sign).code(), Code::FAILED);
}

}  // namespace
}  // namespace motet
