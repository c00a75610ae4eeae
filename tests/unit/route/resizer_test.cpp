#include "core/route/resizer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace motet {
namespace {

// Routees of which the first are busy, each with so many messages that wait.
std::vector<Load> loads(int size, int busy, int64_t queued) {
    std::vector<Load> all(static_cast<size_t>(size));
    std::fill_n(all.begin(), busy, Load{true, queued});
    return all;
}

int64_t pressure_change(const ResizerSettings &settings, const std::vector<Load> &of) {
    ResizerSettings set = settings;
    set.kind = ResizerKind::pressure;
    return make_resizer(set, 1)->change(of, 0, 0);
}

TEST(ResizerTest, ThereIsNoneUnlessSet) { EXPECT_EQ(make_resizer({}, 1), nullptr); }

TEST(PressureResizerTest, GrowsByAPartWhenAllAreBusy) {
    EXPECT_EQ(pressure_change({}, loads(1, 1, 1)), 1);
    EXPECT_EQ(pressure_change({}, loads(5, 5, 1)), 1);
    EXPECT_EQ(pressure_change({}, loads(6, 6, 1)), 2);
    EXPECT_EQ(pressure_change({}, loads(5, 4, 1)), 0);
    EXPECT_EQ(pressure_change({}, loads(5, 5, 0)), -1) << "nothing waits";
}

TEST(PressureResizerTest, ShrinksByAPartWhenFewAreBusy) {
    EXPECT_EQ(pressure_change({}, loads(10, 3, 1)), 0);
    EXPECT_EQ(pressure_change({}, loads(10, 2, 1)), -1);
    EXPECT_EQ(pressure_change({.backoff_rate = 0.5}, loads(10, 0, 0)), -5);
    EXPECT_EQ(pressure_change({.backoff_threshold = 0}, loads(10, 0, 0)), 0);
    EXPECT_EQ(pressure_change({.backoff_rate = 0}, loads(10, 0, 0)), 0);
}

TEST(PressureResizerTest, StaysWithinItsBounds) {
    EXPECT_EQ(pressure_change({}, loads(10, 10, 5)), 0);
    EXPECT_EQ(pressure_change({.upper_bound = 7, .rampup_rate = 1}, loads(5, 5, 5)), 2);
    EXPECT_EQ(pressure_change({}, loads(1, 0, 0)), 0);
    EXPECT_EQ(pressure_change({.lower_bound = 3}, loads(0, 0, 0)), 3);
    EXPECT_EQ(pressure_change({.upper_bound = 4}, loads(9, 5, 1)), -5);
}

TEST(PressureResizerTest, TheThresholdSaysWhatBusyMeans) {
    EXPECT_EQ(pressure_change({.pressure_threshold = 0}, loads(2, 2, 0)), 1);
    EXPECT_EQ(pressure_change({.pressure_threshold = 1}, loads(2, 2, 0)), -1);
    EXPECT_EQ(pressure_change({.pressure_threshold = 3}, loads(2, 2, 2)), -1);
    EXPECT_EQ(pressure_change({.pressure_threshold = 3}, loads(2, 2, 3)), 1);
}

class OptimalSizeTest : public testing::Test {
  protected:
    OptimalSizeTest() { settings_.kind = ResizerKind::optimal_size; }

    void make(uint64_t seed = 1) { resizer_ = make_resizer(settings_, seed); }

    // Lets one interval pass in which a pool of this size does so many messages.
    int64_t pass(int size, int busy, uint64_t done) {
        now_ += settings_.action_interval;
        messages_ += done;
        return resizer_->change(loads(size, busy, 0), messages_, now_);
    }

    ResizerSettings settings_;
    std::unique_ptr<Resizer> resizer_;
    Nanos now_ = 0;
    uint64_t messages_ = 0;
};

TEST_F(OptimalSizeTest, ActsOnceInAnInterval) {
    settings_.chance_of_exploration = 1;
    make();
    EXPECT_EQ(pass(5, 5, 0), 0) << "first it only looks";
    EXPECT_EQ(resizer_->change(loads(5, 5, 0), 100, now_ + settings_.action_interval - 1), 0);
    EXPECT_NE(resizer_->change(loads(5, 5, 0), 100, now_ + settings_.action_interval), 0);
}

TEST_F(OptimalSizeTest, ExploresAStepUpOrDown) {
    settings_.upper_bound = 1000;
    settings_.chance_of_exploration = 1;
    make();
    pass(100, 100, 0);
    int up = 0;
    int down = 0;
    for (int i = 0; i < 500; ++i) {
        const int64_t step = pass(100, 100, 1000);
        EXPECT_NE(step, 0);
        EXPECT_LE(std::abs(step), 10);
        ++(step > 0 ? up : down);
    }
    EXPECT_NEAR(down, 100, 40);
    EXPECT_EQ(up + down, 500);
}

TEST_F(OptimalSizeTest, MovesHalfWayTowardsTheBestNearby) {
    settings_.upper_bound = 1000;
    settings_.chance_of_exploration = 0;
    make();
    for (auto [size, done] : {std::pair(20, 1000), {26, 3000}, {40, 9000}}) {
        pass(size, size, 0);
        pass(size, size, static_cast<uint64_t>(done));
    }
    EXPECT_EQ(pass(20, 20, 0), 3) << "26 is best within 8 of 20";
    EXPECT_EQ(pass(30, 30, 0), -2);
    EXPECT_EQ(pass(26, 26, 3000), 0);
}

TEST_F(OptimalSizeTest, WhatWaitsIsNotDone) {
    settings_.upper_bound = 1000;
    settings_.chance_of_exploration = 0;
    make();
    pass(20, 20, 0);
    pass(20, 20, 1000);
    pass(22, 22, 0);
    now_ += settings_.action_interval;
    messages_ += 5000;
    resizer_->change(loads(22, 22, 220), messages_, now_);  // 160 of them
    EXPECT_EQ(pass(21, 21, 0), -1);
}

TEST_F(OptimalSizeTest, ShrinksAfterLongUnderuse) {
    settings_.upper_bound = 100;
    settings_.downsize_after_underutilized_for = 10 * settings_.action_interval;
    make();
    pass(50, 10, 0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(pass(50, i == 5 ? 20 : 10, 10), 0);
    }
    EXPECT_EQ(pass(50, 10, 10), -34) << "to 0.8 times 20";
    EXPECT_EQ(pass(16, 10, 10), 0);
}

TEST_F(OptimalSizeTest, StaysWithinItsBounds) {
    settings_.lower_bound = 3;
    settings_.upper_bound = 5;
    make();
    EXPECT_EQ(pass(1, 0, 0), 2);
    EXPECT_EQ(pass(9, 2, 0), -4);
}

}  // namespace
}  // namespace motet
