#include "core/config/config.h"

#include <gtest/gtest.h>

#include "core/config/key.h"
#include "core/config/value.h"

namespace motet {
namespace {

TEST(Settings, EveryDefaultIsAcceptedAndEveryKeyIsFoundOnce) {
    for (const Setting &setting : kSettings) {
        bool must_be_chosen = setting.standard.empty() && setting.kind == Kind::list;
        EXPECT_TRUE(must_be_chosen || accepted(setting, setting.standard)) << setting.key;
        EXPECT_FALSE(describe_accepted(setting).empty()) << setting.key;
        EXPECT_TRUE(setting.meaning.ends_with(".")) << setting.key;
        std::string key(setting.key);
        for (size_t open = key.find('<'); open != std::string::npos; open = key.find('<')) {
            key.replace(open, key.find('>') - open + 1, "chosen");
        }
        EXPECT_EQ(find_setting(split_key(key).value()), &setting) << setting.key;
    }
}

TEST(Config, StartsWithDefaults) {
    Config config;
    EXPECT_EQ(config.text("system.name"), "motet");
    EXPECT_TRUE(config.boolean("remote.enabled"));
    EXPECT_EQ(config.integer("remote.port"), 0);
    EXPECT_EQ(config.real("cluster.failure-detector.threshold"), 8.0);
    EXPECT_EQ(config.duration("cluster.failure-detector.acceptable-pause"), 3 * kSecond);
    EXPECT_EQ(config.size("remote.max-frame-size"), 256 * 1024);
    EXPECT_TRUE(config.list("cluster.roles").empty());
    EXPECT_EQ(config.get("cluster.downing.strategy").value(), "keep-majority");
}

TEST(Config, SetIsReadBackAndACopyIsItsOwn) {
    Config config;
    ASSERT_TRUE(config.set("remote.port", " 4711 ").ok());
    ASSERT_TRUE(config.set("cluster.roles", "frontend, backend").ok());
    ASSERT_TRUE(config.set("trace.flush-interval", "1.5s").ok());
    ASSERT_TRUE(config.set("remote.queue-size", "64MB").ok());
    Config copy = config;
    ASSERT_TRUE(copy.set("remote.port", "1").ok());
    EXPECT_EQ(config.integer("remote.port"), 4711);
    EXPECT_EQ(config.get("remote.port").value(), "4711");
    EXPECT_EQ(config.list("cluster.roles"), (std::vector<std::string>{"frontend", "backend"}));
    EXPECT_EQ(config.duration("trace.flush-interval"), 1500 * kMillisecond);
    EXPECT_EQ(config.size("remote.queue-size"), 64'000'000);
}

TEST(Config, UnknownKeyNamesTheNearest) {
    Config config;
    Status status = config.set("cluster.seednodes", "x");
    EXPECT_EQ(status.code(), Code::UNKNOWN_KEY);
    EXPECT_EQ(status.message(), "unknown key \"cluster.seednodes\"; did you mean \"cluster.seed-nodes\"?");
    for (std::string key : {"", ".", "remote", "remote.", "remote.port.", "remote..port", "Remote.Port",
                            "\"remote.port", "cluster.role.<name>.min-members", "cluster.role.a.b.min-members"}) {
        EXPECT_EQ(config.set(key, "1").code(), Code::UNKNOWN_KEY) << key;
        EXPECT_EQ(config.get(key).status().code(), Code::UNKNOWN_KEY) << key;
    }
    EXPECT_EQ(config.set(std::string(1 << 20, 'x'), "1").code(), Code::UNKNOWN_KEY);
}

TEST(Config, BadValueNamesKeyValueAndWhatIsAccepted) {
    Config config;
    Status status = config.set("remote.port", "70000");
    EXPECT_EQ(status.code(), Code::BAD_VALUE);
    EXPECT_EQ(status.message(), "remote.port: \"70000\" is not accepted; expected an integer from 0 to 65535");
    EXPECT_EQ(config.integer("remote.port"), 0);
    EXPECT_EQ(config.set("log.level", "loud").message(),
              "log.level: \"loud\" is not accepted; expected debug, info, warning, error or off");
    EXPECT_EQ(config.set("trace.sample-ratio", "2").message(),
              "trace.sample-ratio: \"2\" is not accepted; expected a number from 0 to 1");
}

TEST(Config, RefusesWhatIsNotOfTheKind) {
    const std::pair<const char *, std::vector<std::string>> cases[] = {
        {"remote.enabled", {"", "yes", "1", "On"}},
        {"remote.port", {"", "x", "1x", "1.0", "0x10", "99999999999999999999", "-1"}},
        {"trace.sample-ratio", {"", "nan", "inf", "-0.1", "1e"}},
        {"trace.flush-interval", {"", "200", "ms", "200 ms", "-1s", "1w", "99999999999d", "0s"}},
        {"remote.max-frame-size", {"", "1", "1TiB", "KiB", "-4KiB", "99999999999999GiB"}},
        {"system.name", {"", "-a", "a b", "a/b", "\xc3\xa9"}},
        {"remote.host", {"", "a b", "[::1]", "::g", "host:1"}},
        {"cluster.roles", {"a,,b", "a,a", ",", "-a"}},
        {"cluster.seed-nodes",
         {"x", "motet.tcp://S@h", "motet.tcp://S@h:0", "motet.tcp://S@h:70000", "motet.tcp://S@::1:5", "tcp://S@h:1",
          "motet.tcp://@h:1", "motet.tcp://S@:1", "motet.tcp://S@h:1,motet.tcp://S@h:1", "motet.tcp://S:1@h"}},
        {"log.level", {"", "debug|info", "INFO"}},
    };
    Config config;
    for (const auto &[key, values] : cases) {
        for (const std::string &value : values) {
            EXPECT_EQ(config.set(key, value).code(), Code::BAD_VALUE) << key << " = " << value;
        }
    }
    EXPECT_EQ(config.set("remote.cookie", std::string(65537, 'x')).code(), Code::BAD_VALUE);
}

TEST(Config, DurationsThatAreNegativeOrOverflowAreRefusedWithASentence) {
    Config config;
    EXPECT_EQ(
        config.set("remote.gate-time", "-1s").message(),
        "remote.gate-time: \"-1s\" is not accepted; expected a duration from 1ms to 1h (units ns, us, ms, s, m, h, d)");
    for (const Setting &setting : kSettings) {
        if (setting.kind != Kind::duration) {
            continue;
        }
        for (const char *value : {"-1ns", "-0.5h", "300000d", "9999999999999999999s", "1e9s"}) {
            std::string key(setting.key);
            if (size_t name = key.find('<'); name != std::string::npos) {
                key.replace(name, key.find('>') + 1 - name, "any");
            }
            Status refused = config.set(key, value);
            EXPECT_EQ(refused.code(), Code::BAD_VALUE) << key << " = " << value;
            EXPECT_NE(refused.message().find("expected a duration"), std::string::npos) << refused.message();
        }
    }
}

TEST(Config, AcceptsWhatIsOfTheKind) {
    const std::pair<const char *, std::vector<std::string>> cases[] = {
        {"remote.enabled", {"on", "off", "true", "false"}},
        {"cluster.join-give-up", {"0", "0s", "5ms", "1h", "2d", "1.5m", "100us", "7ns"}},
        {"remote.max-frame-size", {"65536", "4KiB", "64MiB", "1MB", "5000B", "5kB", "5KB", "1.5MiB"}},
        {"remote.host", {"localhost", "10.0.0.1", "::1", "fe80::1:2", "node-1.example.org"}},
        {"remote.bind-host", {"", "*", "0.0.0.0"}},
        {"cluster.roles", {"", "a", "a,b_c,d.e-f"}},
        {"cluster.seed-nodes",
         {"", "motet.tcp://S@h:1", "motet.tcp://S@[::1]:65535 , motet.tcp://S@10.0.0.1:7", "motet.ipc://S@worker-1"}},
    };
    Config config;
    for (const auto &[key, values] : cases) {
        for (const std::string &value : values) {
            EXPECT_TRUE(config.set(key, value).ok()) << config.set(key, value).message();
        }
    }
}

TEST(Config, APartOfAKeyMayBeChosenByTheUser) {
    Config config;
    EXPECT_EQ(config.integer("cluster.role.<name>.min-members", "backend"), 0);
    ASSERT_TRUE(config.set("cluster.role.backend.min-members", "3").ok());
    ASSERT_TRUE(config.set("cluster.role.\"a.b\".min-members", "2").ok());
    ASSERT_TRUE(config.set("cluster.role.\"plain\".min-members", "1").ok());
    EXPECT_EQ(config.integer("cluster.role.<name>.min-members", "backend"), 3);
    EXPECT_EQ(config.integer("cluster.role.<name>.min-members", "a.b"), 2);
    EXPECT_EQ(config.get("cluster.role.plain.min-members").value(), "1");
    EXPECT_EQ(config.names("cluster.role"), (std::vector<std::string>{"a.b", "backend", "plain"}));
    EXPECT_TRUE(config.names("actor.dispatcher").empty());
    EXPECT_EQ(config.set("cluster.role.backend.min-members", "x").message().substr(0, 35),
              "cluster.role.backend.min-members: \"");
}

TEST(Key, PartsAreSplitAndJoined) {
    EXPECT_EQ(split_key("a.b-c.\"/d/*.e\".f"), (std::vector<std::string>{"a", "b-c", "/d/*.e", "f"}));
    EXPECT_EQ(join_key({"a", "/d/*.e", "f"}), "a.\"/d/*.e\".f");
    for (const char *bad : {"", ".", "a.", ".a", "a..b", "\"a", "\"\"", "a\"b\"", "\"a\"b", "a b", "a.\"b\"c"}) {
        EXPECT_FALSE(split_key(bad)) << bad;
    }
}

}  // namespace
}  // namespace motet
