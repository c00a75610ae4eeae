// ShutdownSequence is a coordinated shutdown as a pure machine: tasks, the time and the ends of tasks go in; what is to
// be begun, and that all is done, comes out.
//
// The phases run one after the other, the tasks of a phase all at once. A phase ends when its tasks have, or when its
// time is over; who gives a time for the whole gives each phase at most half of what is left of it, the last one the
// rest. A phase that does not recover from a failure has the last phase follow at once.
//
// Knows: phases, names of tasks. Must never know: threads, clocks, what a task does.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/base/log.h"
#include "core/shutdown/phases.h"
#include "core/shutdown/reason.h"

namespace motet {

// Names a task of a shutdown; 0 names none.
using TaskNumber = uint64_t;

class ShutdownSequence {
  public:
    // What the driver has to do, in this order.
    struct BeginTask {
        TaskNumber task;
    };
    struct WriteLine {
        LogLevel level;
        std::string text;
    };
    struct Finish {
        Code code;
        std::string text;  // what went wrong
        Nanos deadline;    // when the last phase would have ended, had it taken all its time

        Status outcome() const { return code == Code::OK ? Status() : Status(code, text); }
    };
    using Effect = std::variant<BeginTask, WriteLine, Finish>;

    // REQUIRES: at least one phase.
    explicit ShutdownSequence(std::vector<Phase> phases) : phases_(std::move(phases)) {}

    // Errors: INVALID (no name), NOT_FOUND (no such phase), BAD_STATE (the phase has begun).
    Result<TaskNumber> add(std::string_view phase, std::string name);

    // False: it has begun, or there is no such task.
    bool cancel(TaskNumber task);

    // Begins with a phase, the first one when it is not named. When it has begun already it goes on as it is, but ends
    // within the time, if that is sooner. within: for the whole; negative: each phase has its own. Errors: NOT_FOUND.
    Status run(Nanos now, ShutdownReason reason, std::string_view from, Nanos within);

    // A task that was begun has ended. Later words about it change nothing.
    void completed(Nanos now, TaskNumber task, const Status &outcome);

    void on_timer(Nanos now);
    std::vector<Effect> take_effects() { return std::exchange(effects_, {}); }

    // When on_timer() is to be called next; INT64_MAX: never.
    Nanos next_deadline() const { return state_ == State::running ? phase_end_ : INT64_MAX; }

    // Why; none as long as it has not begun.
    std::optional<ShutdownReason> reason() const { return reason_; }

  private:
    enum class State { idle, running, finished };

    struct Task {
        std::string name;
        size_t phase;
    };

    std::optional<size_t> find_phase(std::string_view name) const;
    const Phase &phase() const { return phases_[current_]; }
    bool in_last() const { return current_ + 1 == phases_.size(); }
    void enter(Nanos now, size_t phase);
    void begin_tasks(Nanos now);
    void leave(Nanos now);
    void set_phase_end(Nanos now, Nanos timeout);
    void fail(Nanos now, Code code, const std::string &text);
    void log(LogLevel level, std::string text) { effects_.emplace_back(WriteLine{level, std::move(text)}); }

    std::vector<Phase> phases_;
    std::map<TaskNumber, Task> tasks_;  // not begun, or of the present phase and not ended
    std::set<TaskNumber> running_;      // of the present phase
    TaskNumber last_task_ = 0;
    State state_ = State::idle;
    std::optional<ShutdownReason> reason_;
    size_t current_ = 0;
    Nanos deadline_ = INT64_MAX;  // of the whole
    Nanos phase_end_ = INT64_MAX;
    Code outcome_ = Code::OK;
    std::string outcome_text_;
    std::vector<Effect> effects_;
};

}  // namespace motet
