// The order of phases, by settings.
#include "core/shutdown/phases.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Result<std::vector<Phase>> phases(const Settings &settings) {
    Config config;
    for (const auto &[key, value] : settings) {
        const Status set = config.set(key, value);
        EXPECT_TRUE(set.ok()) << set.message();
    }
    return phases_from(config);
}

std::vector<std::string> order(const Settings &settings) {
    std::vector<std::string> names;
    const Result<std::vector<Phase>> made = phases(settings);
    EXPECT_TRUE(made.ok()) << made.status().message();
    for (const Phase &phase : made.ok() ? made.value() : std::vector<Phase>()) {
        names.push_back(phase.name);
    }
    return names;
}

std::string refusal(const Settings &settings) {
    const Result<std::vector<Phase>> made = phases(settings);
    EXPECT_EQ(made.status().code(), Code::BAD_VALUE);
    return made.status().message();
}

TEST(ShutdownPhases, TheStandardOnesHaveTheirOrderAndTimes) {
    const std::vector<Phase> expected = {{"before-service-unbind", 5 * kSecond},
                                         {"service-unbind", 5 * kSecond},
                                         {"service-requests-done", 5 * kSecond},
                                         {"service-stop", 5 * kSecond},
                                         {"before-cluster-shutdown", 5 * kSecond},
                                         {"cluster-sharding-shutdown-region", 10 * kSecond},
                                         {"cluster-leave", 5 * kSecond},
                                         {"cluster-exiting", 10 * kSecond},
                                         {"cluster-exiting-done", 5 * kSecond},
                                         {"cluster-shutdown", 5 * kSecond},
                                         {"before-actor-system-terminate", 5 * kSecond},
                                         {"actor-system-terminate", 10 * kSecond}};
    EXPECT_EQ(phases({}).value(), expected);
}

TEST(ShutdownPhases, WhatIsSetCounts) {
    const std::vector<Phase> made = phases({{"shutdown.phase-timeout", "7s"},
                                            {"shutdown.phase.service-stop.timeout", "1s"},
                                            {"shutdown.phase.service-unbind.recover", "off"},
                                            {"shutdown.phase.service-requests-done.enabled", "off"}})
                                        .value();
    EXPECT_EQ(made[0], (Phase{"before-service-unbind", 7 * kSecond}));
    EXPECT_EQ(made[1], (Phase{"service-unbind", 7 * kSecond, false}));
    EXPECT_EQ(made[2], (Phase{"service-requests-done", 7 * kSecond, true, false}));
    EXPECT_EQ(made[3], (Phase{"service-stop", 1 * kSecond}));
    EXPECT_EQ(made.back().timeout, 10 * kSecond);
}

TEST(ShutdownPhases, OnesOfTheUserComeAsSoonAsTheyMay) {
    const std::vector<std::string> names = order({{"shutdown.phase.flush.depends-on", "service-stop"},
                                                  {"shutdown.phase.say.timeout", "1s"},
                                                  {"shutdown.phase.archive.depends-on", "flush, cluster-leave"}});
    EXPECT_EQ(names, (std::vector<std::string>{
                         "say", "before-service-unbind", "service-unbind", "service-requests-done", "service-stop",
                         "flush", "before-cluster-shutdown", "cluster-sharding-shutdown-region", "cluster-leave",
                         "archive", "cluster-exiting", "cluster-exiting-done", "cluster-shutdown",
                         "before-actor-system-terminate", "actor-system-terminate"}));
}

TEST(ShutdownPhases, AStandardOneMayWaitForOneOfTheUser) {
    const std::vector<std::string> names = order(
        {{"shutdown.phase.service-stop.depends-on", "drain"}, {"shutdown.phase.drain.depends-on", "service-unbind"}});
    EXPECT_EQ(names[2], "drain");
    EXPECT_EQ(names[4], "service-stop");
}

TEST(ShutdownPhases, WhatCannotBeIsRefusedByName) {
    EXPECT_NE(refusal({{"shutdown.phase.flush.depends-on", "service-stob"}}).find("there is no phase \"service-stob\""),
              std::string::npos);
    EXPECT_NE(refusal({{"shutdown.phase.one.depends-on", "two"},
                       {"shutdown.phase.two.depends-on", "three"},
                       {"shutdown.phase.three.depends-on", "two"}})
                  .find("two, three, two"),
              std::string::npos);
    // Not before what it waits for: the standard order stays.
    EXPECT_NE(refusal({{"shutdown.phase.late.depends-on", "cluster-shutdown"},
                       {"shutdown.phase.service-stop.depends-on", "late"}})
                  .find("late"),
              std::string::npos);
    EXPECT_NE(refusal({{"shutdown.phase.after.depends-on", "actor-system-terminate"}}).find("nothing comes after"),
              std::string::npos);
    EXPECT_NE(refusal({{"shutdown.phase.actor-system-terminate.enabled", "off"}}).find("off is not accepted"),
              std::string::npos);
}

}  // namespace
}  // namespace motet
