// The driver of the shutdown, with real timers and threads.
#include "core/shutdown/coordinated_shutdown.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace motet {
namespace {

class CoordinatedShutdownTest : public testing::Test {
  protected:
    void SetUp() override {
        Result<std::unique_ptr<TimerThread>> started = TimerThread::start(timers);
        ASSERT_TRUE(started.ok());
        thread = std::move(started.value());
    }

    void TearDown() override {
        timers.close();
        thread->stop();
    }

    Code wait() {
        EXPECT_EQ(ended.wait_for(std::chrono::seconds(60)), std::future_status::ready);
        return ended.get();
    }

    TaskNumber add(const std::string &phase, CoordinatedShutdown::Begin begin) {
        Result<TaskNumber> task = shutdown->add(phase, "task", std::move(begin));
        EXPECT_TRUE(task.ok()) << task.status().message();
        return task.value();
    }

    SystemClock clock;
    Timers timers{clock};
    std::unique_ptr<TimerThread> thread;
    Logger log{"test", LogLevel::off};
    std::promise<Code> end;
    std::future<Code> ended = end.get_future();
    Ptr<CoordinatedShutdown> shutdown = make_counted<CoordinatedShutdown>(
        std::vector<Phase>{{"brief", 20 * kMillisecond},
                           {"first", 60 * kSecond},
                           {"strict", 60 * kSecond, false},
                           {"last", 60 * kSecond}},
        timers, log, [this](Status outcome, Nanos) { end.set_value(outcome.code()); });
};

TEST_F(CoordinatedShutdownTest, TasksMayEndAtOnceOrOnAnyThread) {
    std::vector<std::thread> threads;
    std::atomic<int> order{0};
    int first = 0;
    int last = 0;
    add("strict", [&](TaskNumber task) {
        threads.emplace_back([&, task] {
            first = ++order;
            EXPECT_TRUE(shutdown->complete(task, {}));
        });
    });
    add("last", [&](TaskNumber task) {
        last = ++order;
        EXPECT_TRUE(shutdown->complete(task, {}));
        EXPECT_FALSE(shutdown->complete(task, {}));
    });
    EXPECT_TRUE(shutdown->run(ShutdownReason::process_exit).ok());
    EXPECT_EQ(wait(), Code::OK);
    EXPECT_EQ(first, 1);
    EXPECT_EQ(last, 2);
    EXPECT_EQ(shutdown->reason(), ShutdownReason::process_exit);
    for (std::thread &each : threads) {
        each.join();
    }
}

TEST_F(CoordinatedShutdownTest, ATimerEndsAPhaseWhoseTaskHangs) {
    auto held = std::make_shared<int>();
    const std::weak_ptr<int> watched = held;
    TaskNumber hung = 0;
    add("brief", [&hung, kept = std::move(held)](TaskNumber task) { hung = task; });
    EXPECT_TRUE(shutdown->run(ShutdownReason::unknown).ok());
    EXPECT_EQ(wait(), Code::OK);
    // It still runs: what it holds is let go when it says that it has ended.
    EXPECT_FALSE(watched.expired());
    EXPECT_TRUE(shutdown->complete(hung, {}));
    EXPECT_TRUE(watched.expired());
}

TEST_F(CoordinatedShutdownTest, AFailureOfAStrictPhaseIsTheOutcome) {
    const TaskNumber strict =
        add("strict", [&](TaskNumber task) { shutdown->complete(task, Status(Code::IO, "no disk")); });
    EXPECT_FALSE(shutdown->complete(strict, {}));  // it has not begun
    EXPECT_TRUE(shutdown->run(ShutdownReason::unknown).ok());
    EXPECT_EQ(wait(), Code::IO);
}

TEST_F(CoordinatedShutdownTest, WhatIsNeverBegunIsLetGo) {
    auto cancelled = std::make_shared<int>();
    auto skipped = std::make_shared<int>();
    const std::weak_ptr<int> watch_cancelled = cancelled;
    const std::weak_ptr<int> watch_skipped = skipped;
    const TaskNumber task = add("first", [kept = std::move(cancelled)](TaskNumber) { FAIL(); });
    add("first", [kept = std::move(skipped)](TaskNumber) { FAIL(); });
    EXPECT_TRUE(shutdown->cancel(task));
    EXPECT_FALSE(shutdown->cancel(task));
    EXPECT_TRUE(watch_cancelled.expired());
    EXPECT_TRUE(shutdown->run(ShutdownReason::unknown, {}, 0).ok());
    EXPECT_EQ(wait(), Code::OK);
    EXPECT_TRUE(watch_skipped.expired());
}

TEST_F(CoordinatedShutdownTest, ManyMayRunItAtOnceAndATaskMayToo) {
    std::atomic<int> begun{0};
    add("first", [&](TaskNumber task) {
        ++begun;
        EXPECT_TRUE(shutdown->run(ShutdownReason::unknown).ok());
        EXPECT_TRUE(shutdown->add("last", "late", [&](TaskNumber late) { shutdown->complete(late, {}); }).ok());
        shutdown->complete(task, {});
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { EXPECT_TRUE(shutdown->run(ShutdownReason::unknown).ok()); });
    }
    for (std::thread &each : threads) {
        each.join();
    }
    EXPECT_EQ(wait(), Code::OK);
    EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace motet
