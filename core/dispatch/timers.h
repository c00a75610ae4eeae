// Timers run small pieces of work when their time has come.
//
// Timers itself owns no thread: whoever owns it calls advance() when next_deadline() has come. TimerThread does that
// with the operating system's clock; a simulation does it with its own.
//
// Threads that schedule are spread over shards, each with a wheel and a lock of its own: two threads that share one
// schedule and cancel no more than one does alone, two with a shard each three times as much.
//
// Knows: deadlines. Must never know: actors.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ref_counted.h"
#include "core/base/spin_lock.h"
#include "core/base/status.h"
#include "core/dispatch/timing_wheel.h"

namespace motet {

// The longest delay of a timer, 146 years: added to any present it is still a time.
constexpr Nanos kMaxDelay = INT64_MAX / 2;

// What a timer does: calls a function with an object, which the timer holds while it is pending, and two numbers. It
// must be short: it runs on the thread that calls Timers::advance().
struct TimerWork {
    void (*run)(RefCounted &object, int64_t key, uint64_t number) = nullptr;
    Ptr<RefCounted> object = nullptr;
    int64_t key = 0;
    uint64_t number = 0;
};

// One timer. It is part of an object of whoever schedules it, so that scheduling takes no memory, and is that owner's
// again from the moment its work begins to run.
class Timer : private TimerNode {
  public:
    Timer() = default;
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    // When it is, or was, to run.
    Nanos due() const { return deadline; }

  private:
    friend class Timers;
    TimerWork work_;
    uint32_t shard_ = 0;
};

class Timers {
  public:
    // shards: with one, the order of what runs is a function of what is scheduled alone.
    explicit Timers(const Clock &clock, size_t shards = 1);
    ~Timers() { close(); }

    // Has work run once after a delay, or at a time. Nothing comes of it once closed. REQUIRES: timer is not pending;
    // one thread at a time schedules or cancels it; it stays where it is until its work runs or cancel() has returned.
    void schedule(Timer &timer, Nanos delay, TimerWork work);
    void schedule_at(Timer &timer, Nanos deadline, TimerWork work);

    // Lets go of the work at once. False: it has run, is running, or was not pending.
    bool cancel(Timer &timer);

    // Runs what is due, in order of deadlines; where those are equal, in the order in which a thread has scheduled.
    // REQUIRES: one thread at a time.
    void advance();

    // When advance() is next needed.
    std::optional<Nanos> next_deadline();

    // Called when a timer was scheduled that may be due before what next_deadline() said last.
    void on_earlier(std::function<void()> callback) { on_earlier_ = std::move(callback); }

    const Clock &clock() const { return clock_; }

    // How many are pending.
    size_t size() const;

    // Forgets all timers; none is accepted any more.
    void close();

  private:
    struct alignas(64) Shard {
        explicit Shard(Nanos now) : wheel(now) {}

        mutable SpinLock lock;
        bool closed = false;     // under lock
        Nanos told = INT64_MAX;  // under lock: next_deadline() of this shard, as last said
        TimingWheel wheel;       // under lock
        Nanos due = INT64_MAX;   // of who advances: the earliest deadline that is due
    };

    uint32_t own_shard() const;
    static void find_due(Shard &shard, Nanos now);
    static void run_due(Shard &shard, Nanos now);

    const Clock &clock_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::function<void()> on_earlier_;
};

// Advances timers on a thread of its own, which sleeps until the next deadline.
class TimerThread {
  public:
    static Result<std::unique_ptr<TimerThread>> start(Timers &timers);
    ~TimerThread() { stop(); }
    void stop();

  private:
    explicit TimerThread(Timers &timers) : timers_(timers) {}
    void work();

    Timers &timers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool earlier_ = false;   // under mutex_
    bool stopping_ = false;  // under mutex_
    std::thread thread_;
};

}  // namespace motet
