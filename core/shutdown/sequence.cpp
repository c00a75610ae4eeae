#include "core/shutdown/sequence.h"

#include <algorithm>

namespace motet {

std::optional<size_t> ShutdownSequence::find_phase(std::string_view name) const {
    const auto found =
        std::find_if(phases_.begin(), phases_.end(), [&](const Phase &phase) { return phase.name == name; });
    return found == phases_.end() ? std::nullopt : std::optional<size_t>(found - phases_.begin());
}

static Status no_such_phase(std::string_view name, const std::vector<Phase> &phases) {
    std::string text = "there is no phase \"" + std::string(name.substr(0, 100)) + "\" of the shutdown; there are";
    for (const Phase &phase : phases) {
        text += (&phase == phases.data() ? ": " : ", ") + phase.name;
    }
    return Status(Code::NOT_FOUND, text);
}

Result<TaskNumber> ShutdownSequence::add(std::string_view phase, std::string name) {
    const std::optional<size_t> place = find_phase(phase);
    if (!place) {
        return no_such_phase(phase, phases_);
    }
    if (name.empty()) {
        return Status(Code::INVALID,
                      "a task of phase " + std::string(phase) + " needs a name, to be called by in logs");
    }
    if (state_ == State::finished || (state_ == State::running && *place <= current_)) {
        return Status(Code::BAD_STATE, "task \"" + name + "\" comes too late: phase " + std::string(phase) +
                                           " of the shutdown has begun");
    }
    tasks_.emplace(++last_task_, Task{std::move(name), *place});
    return last_task_;
}

bool ShutdownSequence::cancel(TaskNumber task) { return running_.count(task) == 0 && tasks_.erase(task) != 0; }

Status ShutdownSequence::run(Nanos now, ShutdownReason reason, std::string_view from, Nanos within) {
    const std::optional<size_t> first = from.empty() ? 0 : find_phase(from);
    if (!first) {
        return no_such_phase(from, phases_);
    }
    const bool sooner = within >= 0 && now + within < deadline_;
    deadline_ = sooner ? now + within : deadline_;
    if (state_ == State::idle) {
        state_ = State::running;
        reason_ = reason;
        log(LogLevel::info, std::string("shutdown begins, reason ") + reason_name(reason));
        enter(now, *first);
    } else if (state_ == State::running && sooner) {
        phase_end_ = std::min(phase_end_, in_last() ? deadline_ : now + (deadline_ - now) / 2);
        on_timer(now);
    }
    return {};
}

void ShutdownSequence::completed(Nanos now, TaskNumber task, const Status &outcome) {
    if (running_.erase(task) == 0) {
        return;
    }
    const auto ended = tasks_.extract(task);
    if (!outcome.ok()) {
        fail(now, outcome.code(),
             "phase " + phase().name + ", task \"" + ended.mapped().name + "\" failed: " + outcome.message());
    } else if (running_.empty()) {
        leave(now);
    }
}

void ShutdownSequence::on_timer(Nanos now) {
    if (state_ != State::running || now < phase_end_) {
        return;
    }
    std::string names;
    for (const TaskNumber task : std::exchange(running_, {})) {
        names += (names.empty() ? "\"" : ", \"") + tasks_.extract(task).mapped().name + "\"";
    }
    fail(now, Code::TIMEOUT, "phase " + phase().name + " is over, though not all of it is done: " + names);
}

// What goes wrong is told; the phase goes on with what still runs, unless it is not to recover.
void ShutdownSequence::fail(Nanos now, Code code, const std::string &text) {
    log(LogLevel::warning, "shutdown " + text);
    if (!phase().recover && outcome_ == Code::OK) {
        outcome_ = code;
        outcome_text_ = "shutdown " + text;
        for (const TaskNumber task : std::exchange(running_, {})) {
            tasks_.erase(task);
        }
        in_last() ? leave(now) : enter(now, phases_.size() - 1);
    } else if (running_.empty()) {
        leave(now);
    }
}

void ShutdownSequence::leave(Nanos now) {
    if (in_last()) {
        state_ = State::finished;
        tasks_.clear();
        effects_.emplace_back(Finish{outcome_, outcome_text_, phase_end_});
    } else {
        enter(now, current_ + 1);
    }
}

void ShutdownSequence::enter(Nanos now, size_t phase) {
    for (current_ = phase; !in_last(); ++current_) {
        const auto mine = [this](const auto &task) { return task.second.phase == current_; };
        if (std::none_of(tasks_.begin(), tasks_.end(), mine)) {
            continue;
        }
        if (!this->phase().enabled) {
            log(LogLevel::info, "shutdown phase " + this->phase().name + " is disabled");
        } else if (deadline_ <= now) {
            log(LogLevel::info, "shutdown phase " + this->phase().name + " is left out: no time is left");
        } else {
            break;
        }
    }
    begin_tasks(now);
}

void ShutdownSequence::begin_tasks(Nanos now) {
    phase_end_ = now + phase().timeout;
    if (deadline_ != INT64_MAX) {
        phase_end_ = in_last() ? deadline_ : std::min(phase_end_, now + (deadline_ - now) / 2);
    }
    log(LogLevel::debug, "shutdown phase " + phase().name);
    for (const auto &[number, task] : tasks_) {
        if (task.phase == current_) {
            running_.insert(number);
            effects_.emplace_back(BeginTask{number});
        }
    }
    if (phase_end_ <= now) {  // there is no time: nobody expects that they end
        running_.clear();
    }
    if (running_.empty()) {
        leave(now);
    }
}

}  // namespace motet
