#include "core/dispatch/timers.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "core/base/random.h"

namespace motet {
namespace {

class HandClock final : public Clock {
  public:
    Now now() const override { return {time, time}; }
    Nanos time = 1000;
};

// Writes down what has run, and counts those of its kind that are alive.
struct Journal final : RefCounted {
    Journal() { ++alive; }
    ~Journal() override { --alive; }

    static TimerWork line(const Ptr<Journal> &journal, int64_t line) {
        return {[](RefCounted &object, int64_t key, uint64_t) { static_cast<Journal &>(object).lines.push_back(key); },
                journal, line};
    }

    std::vector<int64_t> lines;
    static inline std::atomic<int> alive{0};
};

using Lines = std::vector<int64_t>;

TEST(Timers, RunInOrderOfDeadlinesThenOfScheduling) {
    HandClock clock;
    Timers timers(clock);
    auto journal = make_counted<Journal>();
    std::array<Timer, 5> timer;
    timers.schedule(timer[0], 20, Journal::line(journal, 0));
    timers.schedule(timer[1], 10, Journal::line(journal, 1));
    timers.schedule(timer[2], 20, Journal::line(journal, 2));
    timers.schedule(timer[3], -5, Journal::line(journal, 3));
    timers.schedule_at(timer[4], 1010, Journal::line(journal, 4));
    EXPECT_EQ(timers.next_deadline(), 1000);
    timers.advance();
    EXPECT_EQ(journal->lines, Lines{3});
    EXPECT_EQ(timers.next_deadline(), 1010);
    clock.time = 1019;
    timers.advance();
    EXPECT_EQ(journal->lines, (Lines{3, 1, 4}));
    clock.time = 1020;
    timers.advance();
    EXPECT_EQ(journal->lines, (Lines{3, 1, 4, 0, 2}));
    EXPECT_EQ(timers.next_deadline(), std::nullopt);
    EXPECT_EQ(timer[0].due(), 1020);
}

TEST(Timers, ThreadsOfDifferentShardsAreServedInOrderOfDeadlines) {
    HandClock clock;
    Timers timers(clock, 4);
    auto journal = make_counted<Journal>();
    std::array<Timer, 40> timer;
    for (size_t i = 0; i < timer.size(); ++i) {
        std::thread([&, i] {
            timers.schedule(timer[i], static_cast<Nanos>(i * 7 % timer.size()),
                            Journal::line(journal, static_cast<int64_t>(i * 7 % timer.size())));
        }).join();
    }
    EXPECT_EQ(timers.next_deadline(), 1000);
    clock.time += 100;
    timers.advance();
    Lines sorted(timer.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
        sorted[i] = static_cast<int64_t>(i);
    }
    EXPECT_EQ(journal->lines, sorted);
}

TEST(Timers, CancelLetsGoAtOnce) {
    HandClock clock;
    Timers timers(clock);
    std::array<Timer, 100> timer;
    for (Timer &each : timer) {
        timers.schedule(each, kSecond, Journal::line(make_counted<Journal>(), 1));
    }
    EXPECT_EQ(timers.size(), 100u);
    EXPECT_EQ(Journal::alive, 100);
    for (size_t i = 0; i < timer.size(); i += 2) {
        EXPECT_TRUE(timers.cancel(timer[i]));
        EXPECT_FALSE(timers.cancel(timer[i]));
    }
    EXPECT_EQ(timers.size(), 50u);
    EXPECT_EQ(Journal::alive, 50);
    clock.time += kSecond;
    timers.advance();
    EXPECT_EQ(Journal::alive, 0);
    EXPECT_FALSE(timers.cancel(timer[1]));
}

// A timer that is part of the object it holds ends with it.
struct Self final : RefCounted {
    Self() { ++alive; }
    ~Self() override { --alive; }
    Timer timer;
    static inline std::atomic<int> alive{0};
};

TEST(Timers, CloseForgetsAllAndAcceptsNone) {
    HandClock clock;
    Timers timers(clock, 2);
    for (int i = 0; i < 100; ++i) {
        auto self = make_counted<Self>();
        timers.schedule(self->timer, i % 3, {[](RefCounted &, int64_t, uint64_t) {}, self});
    }
    EXPECT_EQ(Self::alive, 100);
    timers.close();
    EXPECT_EQ(Self::alive, 0);
    Timer timer;
    timers.schedule(timer, 0, Journal::line(make_counted<Journal>(), 1));
    EXPECT_EQ(Journal::alive, 0);
    EXPECT_EQ(timers.next_deadline(), std::nullopt);
    EXPECT_FALSE(timers.cancel(timer));
}

TEST(Timers, WorkMaySchedule) {
    struct Chain final : RefCounted {
        explicit Chain(Timers &of) : timers(of) {}
        static void run(RefCounted &object, int64_t left, uint64_t) {
            auto &chain = static_cast<Chain &>(object);
            ++chain.runs;
            if (left > 0) {
                chain.timers.schedule(chain.timer, 0, {run, Ptr<Chain>(&chain), left - 1});
            }
        }
        Timers &timers;
        Timer timer;
        int runs = 0;
    };
    HandClock clock;
    Timers timers(clock);
    auto chain = make_counted<Chain>(timers);
    timers.schedule(chain->timer, 5, {Chain::run, chain, 10});
    clock.time += 5;
    timers.advance();
    EXPECT_EQ(chain->runs, 11);
}

TEST(Timers, TellWhenOneComesBeforeAllOthers) {
    HandClock clock;
    Timers timers(clock);
    int told = 0;
    timers.on_earlier([&] { ++told; });
    auto journal = make_counted<Journal>();
    std::array<Timer, 4> timer;
    timers.schedule(timer[0], 100, Journal::line(journal, 0));
    EXPECT_EQ(told, 1);
    timers.schedule(timer[1], 100, Journal::line(journal, 1));
    timers.schedule(timer[2], 200, Journal::line(journal, 2));
    EXPECT_EQ(told, 1);
    timers.schedule(timer[3], 50, Journal::line(journal, 3));
    EXPECT_EQ(told, 2);
    timers.cancel(timer[3]);
    timers.schedule(timer[3], 99, Journal::line(journal, 3));
    EXPECT_EQ(told, 2);  // who waits wakes at 50 and learns what is next
    EXPECT_EQ(timers.next_deadline(), 1099);
    timers.close();
}

// Every timer either runs once, not early, or is cancelled; and it lets go of its object then.
TEST(TimerThread, RunsWhatIsNotCancelledWhileThreadsSchedule) {
    struct Slot final : RefCounted {
        Timer timer;
        std::atomic<int> runs{0};
        std::atomic<bool> early{false};
        SystemClock clock;
    };
    SystemClock clock;
    Timers timers(clock, 2);
    Result<std::unique_ptr<TimerThread>> thread = TimerThread::start(timers);
    ASSERT_TRUE(thread.ok());
    constexpr int kThreads = 4;
    std::atomic<int> wrong{0};
    std::vector<std::thread> schedulers;
    for (int t = 0; t < kThreads; ++t) {
        schedulers.emplace_back([&, t] {
            Random random = Random::keyed(static_cast<uint64_t>(t), 1);
            std::vector<Ptr<Slot>> slots;
            std::vector<int> expected;
            for (int i = 0; i < 2000; ++i) {
                slots.push_back(make_counted<Slot>());
                expected.push_back(0);
                auto run = [](RefCounted &object, int64_t, uint64_t) {
                    auto &slot = static_cast<Slot &>(object);
                    slot.early = slot.early || slot.clock.mono() < slot.timer.due();
                    ++slot.runs;
                };
                timers.schedule(slots.back()->timer, static_cast<Nanos>(random.below(20 * kMillisecond)),
                                {run, slots.back()});
                const size_t chosen = random.below(slots.size());
                if (timers.cancel(slots[chosen]->timer)) {
                    expected[chosen] = -1;
                }
            }
            for (size_t i = 0; i < slots.size(); ++i) {
                const int runs = expected[i] + 1;
                for (auto deadline = clock.mono() + 60 * kSecond; slots[i]->runs < runs && clock.mono() < deadline;) {
                    std::this_thread::yield();
                }
                wrong += slots[i]->runs != runs || slots[i]->early;
            }
        });
    }
    for (std::thread &scheduler : schedulers) {
        scheduler.join();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(timers.size(), 0u);
    thread.value()->stop();
}

}  // namespace
}  // namespace motet
