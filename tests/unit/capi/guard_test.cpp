#include "capi/src/guard.h"

#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>

namespace motet::capi {
namespace {

struct Outcome {
    int32_t code;
    std::string message;
};

template <typename Body> Outcome guarded(Body body) {
    motet_error_t *error = guard(body);
    Outcome outcome{motet_error_code(error), motet_error_message(error)};
    motet_error_free(error);
    return outcome;
}

TEST(Guard, SuccessIsNull) {
    EXPECT_EQ(guard([] { return Status(); }), nullptr);
    EXPECT_EQ(motet_error_code(nullptr), MOTET_OK);
    EXPECT_STREQ(motet_error_message(nullptr), "success");
    EXPECT_EQ(motet_error_retriable(nullptr), 0);
    motet_error_free(nullptr);
}

TEST(Guard, AStatusKeepsCodeAndSentence) {
    Outcome outcome = guarded([] { return Status(Code::NAME_TAKEN, "/user/a exists"); });
    EXPECT_EQ(outcome.code, MOTET_E_NAME_TAKEN);
    EXPECT_EQ(outcome.message, "/user/a exists");
    motet_error_t *error = to_error(Status(Code::TIMEOUT, ""));
    EXPECT_EQ(motet_error_retriable(error), 1);
    motet_error_free(error);
}

TEST(Guard, NoExceptionPasses) {
    EXPECT_EQ(guarded([]() -> Status { throw std::runtime_error("odd"); }).message, "odd");
    EXPECT_EQ(guarded([]() -> Status { throw std::runtime_error("odd"); }).code, MOTET_E_INTERNAL);
    EXPECT_EQ(guarded([]() -> Status { throw std::bad_alloc(); }).code, MOTET_E_NO_MEMORY);
    EXPECT_EQ(guarded([]() -> Status {
                  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
              }).code,
              MOTET_E_NO_THREAD);
    EXPECT_EQ(guarded([]() -> Status { throw 7; }).code, MOTET_E_INTERNAL);
}

TEST(Guard, NumbersAndOthers) {
    EXPECT_EQ(guard_number([]() -> int64_t { return 1ll << 40; }), 1ll << 40);
    EXPECT_EQ(guard_number([]() -> int32_t { throw std::bad_alloc(); }), MOTET_E_NO_MEMORY);
    EXPECT_EQ(guard_number([]() -> int64_t { throw "text"; }), MOTET_E_INTERNAL);
    EXPECT_STREQ(guard_or("failed", []() -> const char * { throw 7; }), "failed");
    EXPECT_STREQ(guard_or("failed", []() -> const char * { return "done"; }), "done");
}

TEST(Codes, HaveNamesAndTexts) {
    EXPECT_STREQ(motet_code_name(MOTET_E_TIMEOUT), "TIMEOUT");
    EXPECT_STREQ(motet_code_name(12345), "INTERNAL");
    EXPECT_STREQ(motet_code_text(MOTET_E_TIMEOUT), "the time allowed has passed");
    EXPECT_STREQ(motet_code_text(12345), "not a code of this library");
}

}  // namespace
}  // namespace motet::capi
