#include <motet/config.h>

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace {

struct Outcome {
    int32_t code;
    std::string message;
};

Outcome outcome(motet_error_t *error) {
    Outcome result{motet_error_code(error), motet_error_message(error)};
    motet_error_free(error);
    return result;
}

class CConfig : public ::testing::Test {
  protected:
    std::unique_ptr<motet_config_t, decltype(&motet_config_free)> owner_{motet_config_new(), motet_config_free};
    motet_config_t *config_ = owner_.get();
};

TEST_F(CConfig, SetsAndGets) {
    EXPECT_STREQ(motet_config_get(config_, "system.name"), "motet");
    EXPECT_EQ(motet_config_set(config_, "system.name", "choir"), nullptr);
    EXPECT_STREQ(motet_config_get(config_, "system.name"), "choir");
    EXPECT_EQ(motet_config_get(config_, "no.such-key"), nullptr);
}

TEST_F(CConfig, ErrorsNameKeyValueAndWhatIsAccepted) {
    EXPECT_EQ(outcome(motet_config_set(config_, "remote.prot", "1")).code, MOTET_E_UNKNOWN_KEY);
    Outcome bad = outcome(motet_config_set(config_, "remote.port", "x"));
    EXPECT_EQ(bad.code, MOTET_E_BAD_VALUE);
    EXPECT_EQ(bad.message, "remote.port: \"x\" is not accepted; expected an integer from 0 to 65535");
    EXPECT_EQ(outcome(motet_config_load_file(config_, "/nonexistent/motet.toml")).code, MOTET_E_IO);
}

TEST_F(CConfig, NullIsInvalidNeverACrash) {
    EXPECT_EQ(outcome(motet_config_set(nullptr, "a", "b")).message, "config is NULL");
    EXPECT_EQ(outcome(motet_config_set(config_, nullptr, "b")).message, "key is NULL");
    EXPECT_EQ(outcome(motet_config_set(config_, "a", nullptr)).code, MOTET_E_INVALID);
    EXPECT_EQ(outcome(motet_config_load_file(config_, nullptr)).code, MOTET_E_INVALID);
    EXPECT_EQ(outcome(motet_config_load_file(nullptr, "a")).code, MOTET_E_INVALID);
    EXPECT_EQ(outcome(motet_config_load_environment(nullptr)).code, MOTET_E_INVALID);
    EXPECT_EQ(motet_config_get(nullptr, "a"), nullptr);
    EXPECT_EQ(motet_config_get(config_, nullptr), nullptr);
    motet_config_free(nullptr);
}

}  // namespace
