#include <cmath>
#include <gtest/gtest.h>

#include "core/detect/deadline.h"
#include "core/detect/phi_accrual.h"

namespace motet {
namespace {

TEST(Phi, HasThePublishedValues) {
    EXPECT_NEAR(phi_of(0, 1000, 100), 0.0, 1e-9);
    EXPECT_LE(phi_of(500, 1000, 100), 0.1);
    EXPECT_NEAR(phi_of(1000, 1000, 100), 0.30, 0.01);
    EXPECT_NEAR(phi_of(1200, 1000, 100), 1.64, 0.01);
    EXPECT_NEAR(phi_of(1400, 1000, 100), 4.74, 0.01);
    EXPECT_NEAR(phi_of(1600, 1000, 100), 10.8, 0.1);
    EXPECT_NEAR(phi_of(1700, 1000, 100), 15.3, 0.1);
}

TEST(Phi, FollowsTheNormalDistribution) {
    const auto cdf = [](double x) { return 1.0 - std::pow(10.0, -phi_of(x, 0, 10)); };
    EXPECT_NEAR(cdf(6), 0.7257, 0.001);
    EXPECT_NEAR(cdf(15), 0.9332, 0.001);
    EXPECT_NEAR(cdf(20), 0.97725, 0.001);
    EXPECT_NEAR(cdf(25), 0.99379, 0.001);
    EXPECT_NEAR(cdf(35), 0.99977, 0.001);
}

TEST(Phi, IsZeroOrInfiniteWhereTheExponentLeavesTheRange) {
    EXPECT_EQ(phi_of(0, 1e9, 1), 0.0);
    EXPECT_TRUE(std::isinf(phi_of(1e9, 0, 1)));
}

PhiAccrualSettings cluster_settings() { return {}; }

PhiAccrualSettings remote_watch_settings() {
    PhiAccrualSettings settings;
    settings.threshold = 10.0;
    settings.max_samples = 200;
    settings.acceptable_pause = 10 * kSecond;
    return settings;
}

// The first whole millisecond after the last heartbeat at which the detector no longer takes the peer for available.
Nanos detection_time(const PhiAccrual &detector, Nanos last) {
    Nanos after = 0;
    while (detector.available(last + after)) {
        after += kMillisecond;
    }
    return after / kMillisecond;
}

Nanos beat_steadily(PhiAccrual &detector, int times) {
    Nanos now = 5 * kSecond;
    detector.heartbeat(now);
    for (int i = 1; i < times; ++i) {
        now += kSecond;
        detector.heartbeat(now);
    }
    return now;
}

TEST(PhiAccrual, DetectsAfterTheKnownTimes) {
    PhiAccrual started(cluster_settings());
    EXPECT_NEAR(detection_time(started, beat_steadily(started, 1)), 5306, 2);
    PhiAccrual steady(cluster_settings());
    EXPECT_NEAR(detection_time(steady, beat_steadily(steady, 2000)), 4523, 2);
    PhiAccrual watch_started(remote_watch_settings());
    EXPECT_NEAR(detection_time(watch_started, beat_steadily(watch_started, 1)), 12450, 3);
    PhiAccrual watch_steady(remote_watch_settings());
    EXPECT_NEAR(detection_time(watch_steady, beat_steadily(watch_steady, 300)), 11580, 2);
}

TEST(PhiAccrual, SuspectsNobodyItHasNotHeard) {
    PhiAccrual detector(cluster_settings());
    EXPECT_FALSE(detector.monitored());
    EXPECT_EQ(detector.phi(1000 * kSecond), 0.0);
    EXPECT_TRUE(detector.available(1000 * kSecond));
}

TEST(PhiAccrual, SeedsItsHistoryAroundTheEstimate) {
    PhiAccrual detector(cluster_settings());
    detector.heartbeat(0);
    EXPECT_NEAR(detector.mean(), 1000, 1e-6);
    EXPECT_NEAR(detector.deviation(), 250, 1e-6);
}

TEST(PhiAccrual, DoesNotLearnFromAnOutage) {
    PhiAccrual detector(cluster_settings());
    Nanos now = beat_steadily(detector, 50);
    const double mean = detector.mean();
    now += 60 * kSecond;
    EXPECT_FALSE(detector.available(now));
    detector.heartbeat(now);
    EXPECT_EQ(detector.mean(), mean);
    EXPECT_TRUE(detector.available(now));
}

TEST(PhiAccrual, ForgetsAllButTheNewestIntervals) {
    PhiAccrualSettings settings;
    settings.max_samples = 3;
    PhiAccrual detector(settings);
    Nanos now = 0;
    detector.heartbeat(now);
    for (const Nanos interval : {400, 500, 600, 700, 800}) {
        now += interval * kMillisecond;
        detector.heartbeat(now);
    }
    EXPECT_NEAR(detector.mean(), 700, 1e-6);
}

TEST(PhiAccrual, NeverTakesTheDeviationBelowItsFloor) {
    PhiAccrual detector(cluster_settings());
    beat_steadily(detector, 2000);
    EXPECT_EQ(detector.deviation(), 100.0);
}

TEST(PhiAccrualSettings, NamesTheValueThatCannotBe) {
    PhiAccrualSettings settings;
    EXPECT_TRUE(settings.check().ok());
    settings.threshold = -1;
    EXPECT_EQ(settings.check().message(), "phi threshold: -1.000000 is not above 0");
    settings = {};
    settings.max_samples = 1;
    EXPECT_EQ(settings.check().message(), "phi max samples: 1 is below 2");
    settings = {};
    settings.first_estimate = 0;
    EXPECT_EQ(settings.check().code(), Code::BAD_VALUE);
}

TEST(Deadline, IsAvailableUntilIntervalAndPauseArePast) {
    Deadline detector(kSecond, 3 * kSecond);
    EXPECT_TRUE(detector.available(100 * kSecond));
    detector.heartbeat(100 * kSecond);
    EXPECT_TRUE(detector.available(104 * kSecond - 1));
    EXPECT_FALSE(detector.available(104 * kSecond));
    EXPECT_NEAR(detector.phi(102 * kSecond), 0.5, 1e-9);
    detector.heartbeat(104 * kSecond);
    EXPECT_TRUE(detector.available(104 * kSecond));
}

}  // namespace
}  // namespace motet
