#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/config/config.h"

namespace motet {
namespace {

class LoadFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "motet-config-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        path_ = pattern + "/motet.toml";
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    Status load(const std::string &text) {
        std::ofstream(path_, std::ios::binary) << text;
        return config_.load_file(path_);
    }

    Config config_;
    std::string directory_;
    std::string path_;
};

TEST_F(LoadFile, TablesMakeDottedKeysAndArraysMakeLists) {
    Status status = load(R"(
system.name = "choir"
[remote]
port = 4711
enabled = false
max-frame-size = "1MiB"
[cluster]
roles = ["frontend", "backend"]
failure-detector = { threshold = 9.5, acceptable-pause = "5s" }
[cluster.role."a.b"]
min-members = 2
)");
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(config_.text("system.name"), "choir");
    EXPECT_EQ(config_.integer("remote.port"), 4711);
    EXPECT_FALSE(config_.boolean("remote.enabled"));
    EXPECT_EQ(config_.size("remote.max-frame-size"), 1 << 20);
    EXPECT_EQ(config_.list("cluster.roles"), (std::vector<std::string>{"frontend", "backend"}));
    EXPECT_EQ(config_.real("cluster.failure-detector.threshold"), 9.5);
    EXPECT_EQ(config_.duration("cluster.failure-detector.acceptable-pause"), 5 * kSecond);
    EXPECT_EQ(config_.integer("cluster.role.<name>.min-members", "a.b"), 2);
}

TEST_F(LoadFile, WhereAKeyIsMissingTheFileIsRefused) {
    for (const std::string text : {"[= 5\n", "[\1", "[[", "[a.=]", "= 1", "[remote]\n, = 1"}) {
        const Status status = load(text);
        EXPECT_EQ(status.code(), Code::MALFORMED) << text;
        EXPECT_EQ(status.message().rfind(path_ + ":", 0), 0u) << status.message();
    }
}

TEST_F(LoadFile, PropertiesOfADeploymentAreOneKeyHoweverTheyAreWritten) {
    Status status = load(R"(
[actor.deployment."/service/worker"]
router = "round-robin-pool"
"router.instances" = 5
"router.resizer.rampup-rate" = 0.5
supervision = { directive = "stop", backoff.min = "1s" }
[actor.deployment."/group"]
"router.paths" = ["/user/a", "/user/b"]
)");
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(config_.names("actor.deployment"), (std::vector<std::string>{"/group", "/service/worker"}));
    EXPECT_EQ(config_.texts("actor.deployment.<path>.<property>", "/service/worker"),
              (std::map<std::string, std::string>{{"router", "round-robin-pool"},
                                                  {"router.instances", "5"},
                                                  {"router.resizer.rampup-rate", "0.5"},
                                                  {"supervision.backoff.min", "1s"},
                                                  {"supervision.directive", "stop"}}));
    EXPECT_EQ(config_.texts("actor.deployment.<path>.<property>", "/group").at("router.paths"), "/user/a,/user/b");
    ASSERT_TRUE(config_.set("actor.deployment.\"/service/worker\".router.instances", "6").ok());
    EXPECT_EQ(config_.get("actor.deployment.\"/service/worker\".\"router.instances\"").value(), "6");
    EXPECT_TRUE(config_.texts("actor.deployment.<path>.<property>", "/other").empty());
    EXPECT_EQ(config_.set("actor.deployment.\"/service/worker\"", "6").code(), Code::UNKNOWN_KEY);
}

TEST_F(LoadFile, ErrorsNameTheLineAndChangeNothing) {
    ASSERT_TRUE(config_.set("remote.port", "1").ok());
    Status unknown = load("[remote]\nport = 2\nprot = 3\n");
    EXPECT_EQ(unknown.code(), Code::UNKNOWN_KEY);
    EXPECT_EQ(unknown.message(), path_ + ":3: unknown key \"remote.prot\"; did you mean \"remote.port\"?");
    Status bad = load("[remote]\n\nport = 70000\n");
    EXPECT_EQ(bad.code(), Code::BAD_VALUE);
    EXPECT_EQ(bad.message(), path_ + ":3: remote.port: \"70000\" is not accepted; expected an integer from 0 to 65535");
    Status malformed = load("[remote]\nport = \n");
    EXPECT_EQ(malformed.code(), Code::MALFORMED);
    EXPECT_TRUE(malformed.message().starts_with(path_ + ":2: ")) << malformed.message();
    EXPECT_EQ(config_.integer("remote.port"), 1);
}

TEST_F(LoadFile, RefusesValuesThatAreNoSettings) {
    for (const char *text : {"remote.port = 2020-01-01", "cluster.roles = [[\"a\"]]", "cluster.roles = [\"a,b\"]",
                             "cluster.roles = [\"\"]", "[[remote.port]]", "remote.port = nan"}) {
        EXPECT_EQ(load(text).code(), Code::BAD_VALUE) << text;
    }
    EXPECT_EQ(load("remote = 5").code(), Code::UNKNOWN_KEY);
}

TEST_F(LoadFile, RefusesFilesThatCannotBeRead) {
    EXPECT_EQ(config_.load_file(directory_ + "/none.toml").code(), Code::IO);
    EXPECT_NE(config_.load_file(directory_ + "/none.toml").message().find("none.toml"), std::string::npos);
    EXPECT_EQ(config_.load_file(directory_).code(), Code::IO);
    EXPECT_EQ(load("#" + std::string(1 << 20, 'x')).code(), Code::TOO_LARGE);
    EXPECT_EQ(load(std::string("a\0b", 3)).code(), Code::MALFORMED);
    EXPECT_EQ(load("a = " + std::string(100000, '[')).code(), Code::MALFORMED);
    EXPECT_TRUE(load("").ok());
}

class LoadEnvironment : public ::testing::Test {
  protected:
    void set(const char *name, const char *value) {
        setenv(name, value, 1);
        names_.push_back(name);
    }
    void TearDown() override {
        for (const char *name : names_) {
            unsetenv(name);
        }
    }
    Config config_;
    std::vector<const char *> names_;
};

TEST_F(LoadEnvironment, ReadsKeys) {
    set("MOTET_CLUSTER__SEED_NODES", "motet.tcp://motet@h:1");
    set("MOTET_CLUSTER__ROLE__BACKEND__MIN_MEMBERS", "2");
    set("MOTET_TEST_ANYTHING", "x");
    Status status = config_.load_environment();
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(config_.list("cluster.seed-nodes"), std::vector<std::string>{"motet.tcp://motet@h:1"});
    EXPECT_EQ(config_.integer("cluster.role.<name>.min-members", "backend"), 2);
}

TEST_F(LoadEnvironment, ErrorsNameTheVariableAndChangeNothing) {
    set("MOTET_REMOTE__PORT", "7");
    set("MOTET_LOG_LEVEL", "info");
    Status unknown = config_.load_environment();
    EXPECT_EQ(unknown.code(), Code::UNKNOWN_KEY);
    EXPECT_EQ(unknown.message(),
              "environment variable MOTET_LOG_LEVEL: unknown key \"log-level\"; did you mean MOTET_LOG__LEVEL?");
    EXPECT_EQ(config_.integer("remote.port"), 0);
    unsetenv("MOTET_LOG_LEVEL");
    set("MOTET_REMOTE__PORT", "x");
    EXPECT_EQ(config_.load_environment().message(), "environment variable MOTET_REMOTE__PORT: remote.port: \"x\" is "
                                                    "not accepted; expected an integer from 0 to 65535");
}

}  // namespace
}  // namespace motet
