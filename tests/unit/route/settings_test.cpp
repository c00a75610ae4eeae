#include "core/route/settings.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

Status set_all(RouterSettings &settings, const std::vector<std::pair<std::string, std::string>> &properties) {
    for (const auto &[key, value] : properties) {
        if (Status set = settings.set(key, value); !set.ok()) {
            return set;
        }
    }
    return settings.check();
}

std::string refusal(const std::vector<std::pair<std::string, std::string>> &properties) {
    RouterSettings settings;
    Status status = set_all(settings, properties);
    EXPECT_EQ(status.code(), Code::BAD_VALUE);
    return status.message();
}

TEST(RouterSettingsTest, DefaultsAreTheUsualOnes) {
    RouterSettings settings;
    EXPECT_TRUE(settings.given.empty());
    EXPECT_TRUE(set_all(settings, {{"router", "tail-chopping-pool"}}).ok());
    EXPECT_FALSE(settings.given.empty());
    EXPECT_EQ(settings.name(), "tail-chopping-pool");
    EXPECT_EQ(settings.instances, 1);
    EXPECT_EQ(settings.within, 5 * kSecond);
    EXPECT_EQ(settings.interval, 10 * kMillisecond);
    EXPECT_EQ(settings.virtual_nodes_factor, 10);
}

TEST(RouterSettingsTest, EveryKindHasItsName) {
    for (const std::string logic : {"round-robin", "random", "smallest-mailbox", "broadcast", "scatter-gather",
                                    "tail-chopping", "consistent-hashing"}) {
        for (const std::string shape : {"-pool", "-group"}) {
            RouterSettings settings;
            EXPECT_TRUE(settings.set("router", logic + shape).ok());
            EXPECT_EQ(settings.name(), logic + shape);
            EXPECT_EQ(settings.group, shape == "-group");
        }
    }
}

TEST(RouterSettingsTest, OnlyAPoolCanBalance) {
    RouterSettings settings;
    EXPECT_TRUE(settings.set("router", "balancing-pool").ok());
    EXPECT_EQ(settings.set("router", "balancing-group").code(), Code::BAD_VALUE);
}

TEST(RouterSettingsTest, APoolBeginsWithinTheBoundsOfItsResizer) {
    RouterSettings settings;
    EXPECT_TRUE(
        set_all(settings,
                {{"router", "random-pool"}, {"router.resizer", "pressure"}, {"router.resizer.lower-bound", "3"}})
            .ok());
    EXPECT_EQ(settings.first_size(), 3);
    EXPECT_TRUE(set_all(settings, {{"router.instances", "7"}}).ok());
    EXPECT_EQ(settings.first_size(), 7);
    EXPECT_TRUE(set_all(settings, {{"router.resizer", "optimal-size-exploring"}}).ok());
}

TEST(RouterSettingsTest, ValuesAreReadAndKeptWhenOneIsBad) {
    RouterSettings settings;
    EXPECT_TRUE(set_all(settings, {{"router", "tail-chopping-group"},
                                   {"router.paths", "/user/a, /user/b"},
                                   {"router.within", "2s"},
                                   {"router.interval", "3ms"}})
                    .ok());
    EXPECT_EQ(settings.paths, (std::vector<std::string>{"/user/a", "/user/b"}));
    EXPECT_EQ(settings.within, 2 * kSecond);
    EXPECT_EQ(settings.interval, 3 * kMillisecond);
    EXPECT_FALSE(settings.set("router.within", "soon").ok());
    EXPECT_EQ(settings.within, 2 * kSecond);
}

TEST(RouterSettingsTest, EachRefusalSaysWhatIsAccepted) {
    RouterSettings settings;
    const struct {
        const char *key, *value, *accepted;
    } kBad[] = {
        {"router", "fastest-pool", "smallest-mailbox-pool or -group"},
        {"router", "round-robin", "round-robin-pool or -group"},
        {"router", "", "scatter-gather-pool"},
        {"router.instances", "0", "from 1 to 1000000"},
        {"router.instances", "-1", "from 1 to 1000000"},
        {"router.instances", "many", "from 1 to 1000000"},
        {"router.paths", "", "paths of actors"},
        {"router.paths", "/user/a,,/user/b", "paths of actors"},
        {"router.within", "0s", "a duration above 0"},
        {"router.interval", "-1ms", "a duration above 0"},
        {"router.virtual-nodes-factor", "0", "from 1 to 10000"},
        {"router.hash-key", "", "the name of a field"},
        {"router.resizer", "on", "off, pressure or optimal-size-exploring"},
        {"router.resizer.lower-bound", "0", "a whole number from 1 to 1000000"},
        {"router.resizer.pressure-threshold", "-1", "a whole number from 0 to 1000000"},
        {"router.resizer.rampup-rate", "fast", "a number from 0 to 100"},
        {"router.resizer.backoff-rate", "1.5", "a number from 0 to 1"},
        {"router.resizer.action-interval", "0s", "a duration above 0"},
    };
    for (const auto &bad : kBad) {
        Status status = settings.set(bad.key, bad.value);
        EXPECT_EQ(status.code(), Code::BAD_VALUE) << bad.key;
        EXPECT_NE(status.message().find(bad.key), std::string::npos) << status.message();
        EXPECT_NE(status.message().find("\"" + std::string(bad.value) + "\""), std::string::npos) << status.message();
        EXPECT_NE(status.message().find(bad.accepted), std::string::npos) << status.message();
    }
    Status unknown = settings.set("router.colour", "red");
    EXPECT_EQ(unknown.code(), Code::UNKNOWN_KEY);
    EXPECT_NE(unknown.message().find("router.hash-key"), std::string::npos) << unknown.message();
}

TEST(RouterSettingsTest, WhatDoesNotGoTogetherIsRefused) {
    EXPECT_NE(refusal({{"router.instances", "2"}}).find("router is not"), std::string::npos);
    EXPECT_NE(refusal({{"router", "random-group"}}).find("router.paths"), std::string::npos);
    EXPECT_NE(refusal({{"router", "random-pool"}, {"router.paths", "/user/a"}}).find("for a group"), std::string::npos);
    EXPECT_NE(refusal({{"router", "random-group"}, {"router.paths", "/user/a"}, {"router.instances", "2"}})
                  .find("for a pool"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "round-robin-pool"}, {"router.within", "1s"}}).find("scatter-gather"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "scatter-gather-pool"}, {"router.interval", "1s"}}).find("tail-chopping"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "random-pool"}, {"router.hash-key", "id"}}).find("consistent-hashing"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "random-pool"}, {"router.resizer.lower-bound", "2"}}).find("with a resizer"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "random-group"}, {"router.paths", "/user/a"}, {"router.resizer", "pressure"}})
                  .find("for a pool"),
              std::string::npos);
    EXPECT_NE(refusal({{"router", "random-pool"},
                       {"router.resizer", "pressure"},
                       {"router.resizer.lower-bound", "5"},
                       {"router.resizer.upper-bound", "4"}})
                  .find("upper-bound = 4"),
              std::string::npos);
    EXPECT_NE(
        refusal({{"router", "random-pool"}, {"router.resizer", "pressure"}, {"router.instances", "11"}}).find("11"),
        std::string::npos);
    EXPECT_NE(
        refusal(
            {{"router", "random-pool"}, {"router.resizer", "pressure"}, {"router.resizer.explore-step-size", "0.2"}})
            .find("optimal-size-exploring"),
        std::string::npos);
}

}  // namespace
}  // namespace motet
