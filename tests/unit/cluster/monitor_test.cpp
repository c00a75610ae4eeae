#include "core/cluster/monitor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace motet {
namespace {

bool alive(const Monitor &monitor, uint64_t uid, Nanos now) {
    const std::vector<Monitor::Opinion> opinions = monitor.opinions(now);
    const auto found =
        std::find_if(opinions.begin(), opinions.end(), [uid](const auto &opinion) { return opinion.subject == uid; });
    EXPECT_NE(found, opinions.end());
    return found != opinions.end() && found->alive;
}

struct Watched {
    Watched() { monitor.watch({2}, 0); }
    // Rounds of a heartbeat with an answer, until a time.
    void run(Nanos until) {
        for (; now <= until; now += kSecond) {
            monitor.beat(1, {}, now, random);
            monitor.answered(2, ++sequence, false, now);
        }
        now -= kSecond;
    }
    Monitor monitor{MonitorSettings{}};
    Random random{1};
    Nanos now = kSecond;
    uint32_t sequence = 0;
};

TEST(Monitor, SuspectsWhoFallsSilent) {
    Watched watched;
    watched.run(60 * kSecond);
    EXPECT_TRUE(alive(watched.monitor, 2, 63 * kSecond));
    EXPECT_FALSE(alive(watched.monitor, 2, 66 * kSecond));
}

TEST(Monitor, SuspectsAlsoWhoNeverAnswered) {
    Watched watched;
    EXPECT_TRUE(alive(watched.monitor, 2, 3 * kSecond));
    EXPECT_FALSE(alive(watched.monitor, 2, 7 * kSecond));
}

TEST(Monitor, AnySignOfLifeCounts) {
    Watched watched;
    watched.run(60 * kSecond);
    watched.monitor.heard(2, 65 * kSecond);
    EXPECT_TRUE(alive(watched.monitor, 2, 67 * kSecond));
    EXPECT_FALSE(alive(watched.monitor, 2, 69 * kSecond));
}

TEST(Monitor, ABurstOfLateAnswersCountsOnce) {
    Watched watched;
    watched.run(10 * kSecond);
    for (int i = 0; i < 5; ++i) {
        watched.monitor.beat(1, {}, 15 * kSecond, watched.random);
    }
    EXPECT_TRUE(watched.monitor.answered(2, 15, false, 15 * kSecond));
    EXPECT_FALSE(watched.monitor.answered(2, 14, false, 15 * kSecond));
    EXPECT_FALSE(watched.monitor.answered(2, 15, false, 15 * kSecond));
    EXPECT_FALSE(watched.monitor.answered(2, 99, false, 15 * kSecond));  // never asked
}

TEST(Monitor, AsksOthersToTryWhenOneIsSilent) {
    Watched watched;
    watched.run(10 * kSecond);
    EXPECT_EQ(watched.monitor.beat(1, {2, 3, 4, 5, 6}, 11 * kSecond, watched.random).size(), 1u);
    const auto sendings = watched.monitor.beat(1, {2, 3, 4, 5, 6}, 13 * kSecond, watched.random);
    ASSERT_EQ(sendings.size(), 4u);
    for (size_t i = 1; i < sendings.size(); ++i) {
        EXPECT_NE(sendings[i].to, 2u);
        EXPECT_EQ(std::get<ProbeRequest>(sendings[i].body).subject, 2u);
    }
    watched.monitor.answered(2, watched.sequence + 2, true, 13 * kSecond);
    EXPECT_TRUE(alive(watched.monitor, 2, 15 * kSecond));
}

TEST(Monitor, ARestartForgetsWhatWasMissed) {
    Watched watched;
    watched.run(10 * kSecond);
    EXPECT_FALSE(alive(watched.monitor, 2, 30 * kSecond));
    watched.monitor.restart_all(30 * kSecond);
    EXPECT_TRUE(alive(watched.monitor, 2, 33 * kSecond));
    EXPECT_FALSE(alive(watched.monitor, 2, 37 * kSecond));
}

TEST(Monitor, HasAnOpinionOnlyOnThoseItWatches) {
    Watched watched;
    watched.monitor.watch({3, 4}, 0);
    EXPECT_EQ(watched.monitor.opinions(0).size(), 2u);
    EXPECT_FALSE(watched.monitor.answered(2, 0, false, 0));
}

}  // namespace
}  // namespace motet
