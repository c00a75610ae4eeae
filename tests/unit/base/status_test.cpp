#include "core/base/status.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

TEST(Status, DefaultIsSuccess) {
    Status status;
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(status.code(), Code::OK);
    EXPECT_EQ(status.message(), "success");
}

TEST(Status, CarriesCodeAndSentence) {
    Status status(Code::BAD_VALUE, "threshold: -1 is not above 0");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.code(), Code::BAD_VALUE);
    EXPECT_EQ(status.message(), "threshold: -1 is not above 0");
}

TEST(Status, EveryNumberHasANameAlsoAnUnknownOne) {
    EXPECT_STREQ(code_name(Code::TIMEOUT), "TIMEOUT");
    EXPECT_STREQ(code_name(static_cast<Code>(-12345)), "INTERNAL");
    EXPECT_TRUE(code_retriable(Code::TIMEOUT));
    EXPECT_FALSE(code_retriable(Code::INVALID));
}

TEST(Result, IsAValueOrAStatus) {
    Result<int> good(7);
    EXPECT_TRUE(good.ok());
    EXPECT_EQ(good.value(), 7);
    Result<int> bad(Status(Code::NOT_FOUND, "no such number"));
    EXPECT_FALSE(bad.ok());
    EXPECT_EQ(bad.status().code(), Code::NOT_FOUND);
}

}  // namespace
}  // namespace motet
