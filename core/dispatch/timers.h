// Timers run small pieces of work when their time has come.
//
// Timers itself owns no thread: whoever owns it calls advance() when next_deadline() has come. TimerThread does that
// with the operating system's clock; a simulation does it with its own.
//
// Knows: deadlines. Must never know: actors.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/clock.h"
#include "core/base/status.h"

namespace motet {

// Names a pending timer; 0 names none.
using TimerId = uint64_t;

class Timers {
  public:
    using Work = std::function<void()>;

    explicit Timers(const Clock &clock) : clock_(clock) {}

    // Has work run once after delay. Work must be short: it runs on the thread that calls advance().
    TimerId schedule(Nanos delay, Work work);

    // Cancels a timer and frees its memory at once. False: it has run, is running, or was cancelled.
    bool cancel(TimerId id);

    // Runs what is due, in order of deadlines.
    void advance();

    // When advance() is next needed.
    std::optional<Nanos> next_deadline() const;

    // Called when a timer was scheduled that is due before all others.
    void on_earlier(std::function<void()> callback) { on_earlier_ = std::move(callback); }

    const Clock &clock() const { return clock_; }

    // Forgets all timers; none is accepted any more.
    void close();

  private:
    using Key = std::pair<Nanos, TimerId>;

    const Clock &clock_;
    mutable std::mutex mutex_;
    std::map<Key, Work> pending_;         // under mutex_
    std::map<TimerId, Nanos> deadlines_;  // under mutex_
    TimerId last_id_ = 0;                 // under mutex_
    bool closed_ = false;                 // under mutex_
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
