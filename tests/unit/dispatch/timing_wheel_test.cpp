#include "core/dispatch/timing_wheel.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "core/base/random.h"

namespace motet {
namespace {

constexpr Nanos kHour = 3600 * kSecond;

// Takes out what is due, as who owns a wheel does.
std::vector<TimerNode *> take_due(TimingWheel &wheel, Nanos now) {
    std::vector<TimerNode *> due;
    do {
        while (TimerNode *first = wheel.first_due(now)) {
            wheel.remove(*first);
            due.push_back(first);
        }
    } while (wheel.sorting());
    return due;
}

TEST(TimingWheel, GivesTimersInOrderOfDeadlinesToTheNanosecond) {
    TimingWheel wheel(1000);
    std::deque<TimerNode> nodes(6);
    const Nanos deadlines[] = {kHour, 1001, 5000, 1000, kHour - 1, 64 * kSecond};
    for (size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].deadline = deadlines[i];
        wheel.add(nodes[i]);
    }
    EXPECT_EQ(wheel.next(), 1000);
    EXPECT_EQ(take_due(wheel, 1000), (std::vector{&nodes[3]}));
    EXPECT_EQ(wheel.next(), 1001);
    EXPECT_EQ(take_due(wheel, 4999), (std::vector{&nodes[1]}));
    EXPECT_TRUE(take_due(wheel, 4999).empty());
    EXPECT_EQ(take_due(wheel, kHour - 1), (std::vector{&nodes[2], &nodes[5], &nodes[4]}));
    EXPECT_EQ(wheel.size(), 1u);
    EXPECT_EQ(wheel.next(), kHour);
    EXPECT_EQ(take_due(wheel, kHour), (std::vector{&nodes[0]}));
    EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(TimingWheel, EqualDeadlinesKeepTheOrderInWhichTheyWereAdded) {
    TimingWheel wheel(0);
    std::deque<TimerNode> nodes(300);
    std::vector<TimerNode *> expected;
    Nanos now = 0;
    for (TimerNode &node : nodes) {  // the later ones, added closer to the deadline, begin in lower wheels
        node.deadline = kHour;
        wheel.add(node);
        expected.push_back(&node);
        now += (kHour - now) / 3;
        EXPECT_TRUE(take_due(wheel, now).empty());
    }
    EXPECT_EQ(take_due(wheel, kHour), expected);
}

TEST(TimingWheel, WhatIsLateComesAtOnce) {
    TimingWheel wheel(0);
    EXPECT_TRUE(take_due(wheel, kSecond).empty());
    TimerNode late;
    late.deadline = 1;
    wheel.add(late);
    EXPECT_EQ(wheel.next(), kSecond);
    EXPECT_EQ(take_due(wheel, kSecond), (std::vector{&late}));
}

TEST(TimingWheel, HoldsTheLatestDeadlineThereIs) {
    TimingWheel wheel(0);
    TimerNode node;
    node.deadline = INT64_MAX;
    wheel.add(node);
    EXPECT_EQ(wheel.next(), INT64_MAX);
    EXPECT_TRUE(take_due(wheel, INT64_MAX - 1).empty());
    EXPECT_EQ(take_due(wheel, INT64_MAX), (std::vector{&node}));
}

// A crowd in one slot goes down in pieces; what is removed meanwhile is gone.
TEST(TimingWheel, PausesWhileItSortsManyTimers) {
    TimingWheel wheel(0);
    std::deque<TimerNode> nodes(10'000);
    for (size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].deadline = kHour + static_cast<Nanos>(i % 100);
        wheel.add(nodes[i]);
    }
    EXPECT_EQ(wheel.first_due(kHour), nullptr);
    EXPECT_TRUE(wheel.sorting());
    for (size_t i = 5; i < nodes.size(); ++i) {
        wheel.remove(nodes[i]);
    }
    TimerNode more;
    more.deadline = kHour + 2;
    wheel.add(more);
    EXPECT_EQ(take_due(wheel, 2 * kHour), (std::vector{&nodes[0], &nodes[1], &nodes[2], &more, &nodes[3], &nodes[4]}));
    EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimingWheel, DoesAsAnOrderedListDoes) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random = Random::keyed(seed, 1);
        Nanos now = static_cast<Nanos>(random.below(kHour));
        TimingWheel wheel(now);
        std::deque<TimerNode> nodes(200);
        std::map<std::pair<Nanos, uint64_t>, TimerNode *> model;
        std::map<TimerNode *, std::pair<Nanos, uint64_t>> places;
        uint64_t sequence = 0;
        for (int step = 0; step < 5000; ++step) {
            TimerNode &node = nodes[random.below(nodes.size())];
            if (places.count(&node) != 0) {
                wheel.remove(node);
                model.erase(places[&node]);
                places.erase(&node);
            } else {
                node.deadline = now + static_cast<Nanos>(random.below(uint64_t{1} << random.below(45)));
                wheel.add(node);
                places[&node] = {node.deadline, ++sequence};
                model[places[&node]] = &node;
            }
            if (random.below(4) != 0) {
                continue;
            }
            now += static_cast<Nanos>(random.below(uint64_t{1} << random.below(43)));
            std::vector<TimerNode *> expected;
            while (!model.empty() && model.begin()->first.first <= now) {
                expected.push_back(model.begin()->second);
                places.erase(model.begin()->second);
                model.erase(model.begin());
            }
            ASSERT_EQ(take_due(wheel, now), expected);
            ASSERT_EQ(wheel.size(), model.size());
            ASSERT_EQ(wheel.next().has_value(), !model.empty());
            if (!model.empty()) {
                ASSERT_GT(*wheel.next(), now);
                ASSERT_LE(*wheel.next(), model.begin()->first.first);
            }
        }
    }
}

// How often who sleeps until next() wakes in vain.
size_t idle_wakeups(TimingWheel &wheel, Nanos until) {
    size_t wakeups = 0;
    for (std::optional<Nanos> next; (next = wheel.next()) && *next < until; ++wakeups) {
        EXPECT_TRUE(take_due(wheel, *next).empty());
    }
    return wakeups;
}

TEST(TimingWheel, HardlyWakesWhoWaitsForATimeFarAway) {
    TimingWheel few(0);
    std::deque<TimerNode> nodes(100'000);
    for (size_t i = 0; i < 10; ++i) {
        nodes[i].deadline = kHour + static_cast<Nanos>(i) * kMicrosecond;
        few.add(nodes[i]);
    }
    EXPECT_EQ(idle_wakeups(few, kHour), 0u);
    EXPECT_EQ(take_due(few, 2 * kHour).size(), 10u);
    TimingWheel many(0);
    for (size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].deadline = kHour + static_cast<Nanos>(i) * kMicrosecond;
        many.add(nodes[i]);
    }
    EXPECT_LE(idle_wakeups(many, kHour), 7u);  // once for each wheel at most, in an hour
}

TEST(TimingWheel, EveryTimerCanBeTakenOut) {
    TimingWheel wheel(0);
    std::deque<TimerNode> nodes(200);
    for (size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].deadline = kHour + static_cast<Nanos>(i % 7);
        wheel.add(nodes[i]);
    }
    (void)wheel.first_due(kHour);  // which leaves it sorting
    size_t taken = 0;
    while (TimerNode *left = wheel.any()) {
        wheel.remove(*left);
        ++taken;
    }
    EXPECT_EQ(taken, nodes.size());
}

}  // namespace
}  // namespace motet
