// CoordinatedShutdown runs the shutdown of one system: it feeds the sequence with the time, with tasks and with their
// ends, and begins what the sequence wants begun.
//
// It has no thread: it goes on with whoever brings the news, a timer or the end of a task. Nothing is called while its
// lock is held.
//
// Knows: timers, how a task is begun. Must never know: what a task does, what ends when all is done.
#pragma once

#include <functional>
#include <mutex>
#include <unordered_map>

#include "core/base/ref_counted.h"
#include "core/dispatch/timers.h"
#include "core/shutdown/sequence.h"

namespace motet {

class CoordinatedShutdown final : public RefCounted {
  public:
    // Begins a task, on any thread, without blocking; complete() is to follow, at once or later. What it holds is let
    // go when that has come, or will never be needed.
    using Begin = std::function<void(TaskNumber)>;

    // Called once, when all phases are done.
    using Finished = std::function<void(Status outcome, Nanos deadline)>;

    CoordinatedShutdown(std::vector<Phase> phases, Timers &timers, Logger &log, Finished finished)
        : timers_(timers), log_(log), finished_(std::move(finished)), sequence_(std::move(phases)) {}

    // As in ShutdownSequence.
    Result<TaskNumber> add(std::string_view phase, std::string name, Begin begin);
    bool cancel(TaskNumber task);
    Status run(ShutdownReason reason, std::string_view from = {}, Nanos within = -1);
    std::optional<ShutdownReason> reason() const;

    // Says that a task that was begun has ended. False: there is no such task, or it was said before.
    bool complete(TaskNumber task, const Status &outcome);

  private:
    enum class Stage { waiting, begun };
    struct Task {
        Begin begin;
        Stage stage = Stage::waiting;
    };
    using Tasks = std::unordered_map<TaskNumber, Task>;

    template <typename Change> void change(Change &&how);  // REQUIRES mutex_
    Nanos now() const { return timers_.clock().now().mono; }
    void set_timer();  // REQUIRES mutex_
    void on_timer(uint64_t number);
    void go_on(std::unique_lock<std::mutex> &lock);
    void carry_out(ShutdownSequence::Effect &effect);
    void begin(TaskNumber task);
    void drop_waiting();

    Timers &timers_;
    Logger &log_;
    const Finished finished_;
    mutable std::mutex mutex_;
    ShutdownSequence sequence_;  // under mutex_, as all below
    Tasks tasks_;                // that wait, or were begun and have not ended
    bool working_ = false;       // some thread carries out what is to be done
    Timer timer_;
    Nanos timer_deadline_ = INT64_MAX;
    uint64_t timer_number_ = 0;  // of the last time it was set
};

}  // namespace motet
