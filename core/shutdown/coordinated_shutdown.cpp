#include "core/shutdown/coordinated_shutdown.h"

#include <algorithm>

namespace motet {

// The sequence changes as a whole; when there is no memory for that, not at all.
template <typename Change> void CoordinatedShutdown::change(Change &&how) {
    ShutdownSequence changed = sequence_;
    how(changed);
    sequence_ = std::move(changed);
}

Result<TaskNumber> CoordinatedShutdown::add(std::string_view phase, std::string name, Begin begin) {
    std::lock_guard lock(mutex_);
    ShutdownSequence changed = sequence_;
    Result<TaskNumber> task = changed.add(phase, std::move(name));
    if (task.ok()) {
        tasks_.emplace(task.value(), Task{std::move(begin)});
        sequence_ = std::move(changed);
    }
    return task;
}

bool CoordinatedShutdown::cancel(TaskNumber task) {
    Tasks::node_type cancelled;  // freed after the lock is: what it holds may be anything
    std::lock_guard lock(mutex_);
    if (!sequence_.cancel(task)) {
        return false;
    }
    cancelled = tasks_.extract(task);
    return true;
}

Status CoordinatedShutdown::run(ShutdownReason reason, std::string_view from, Nanos within) {
    std::unique_lock lock(mutex_);
    Status begun;
    change([&](ShutdownSequence &sequence) { begun = sequence.run(now(), reason, from, within); });
    go_on(lock);
    return begun;
}

std::optional<ShutdownReason> CoordinatedShutdown::reason() const {
    std::lock_guard lock(mutex_);
    return sequence_.reason();
}

bool CoordinatedShutdown::complete(TaskNumber task, const Status &outcome) {
    Tasks::node_type ended;
    std::unique_lock lock(mutex_);
    const auto known = tasks_.find(task);
    if (known == tasks_.end() || known->second.stage != Stage::begun) {
        return false;
    }
    ended = tasks_.extract(known);
    patiently([&] { change([&](ShutdownSequence &sequence) { sequence.completed(now(), task, outcome); }); });
    go_on(lock);
    lock.unlock();
    return true;
}

void CoordinatedShutdown::set_timer() {
    const Nanos deadline = sequence_.next_deadline();
    if (deadline == timer_deadline_) {
        return;
    }
    timers_.cancel(timer_);
    timer_deadline_ = deadline;
    ++timer_number_;
    if (deadline != INT64_MAX) {
        auto work = [](RefCounted &shutdown, int64_t, uint64_t number) {
            static_cast<CoordinatedShutdown &>(shutdown).on_timer(number);
        };
        timers_.schedule_at(timer_, deadline, {work, Ptr<RefCounted>(this), 0, timer_number_});
    }
}

void CoordinatedShutdown::on_timer(uint64_t number) {
    std::unique_lock lock(mutex_);
    if (number == timer_number_) {  // and not set anew meanwhile
        timer_deadline_ = INT64_MAX;
    }
    patiently([&] { change([&](ShutdownSequence &sequence) { sequence.on_timer(now()); }); });
    go_on(lock);
}

// Carries out what the sequence wants done. The lock is released meanwhile.
void CoordinatedShutdown::go_on(std::unique_lock<std::mutex> &lock) {
    set_timer();
    if (working_) {
        return;
    }
    working_ = true;
    for (auto work = sequence_.take_effects(); !work.empty(); work = sequence_.take_effects()) {
        lock.unlock();
        for (ShutdownSequence::Effect &effect : work) {
            carry_out(effect);
        }
        lock.lock();
    }
    working_ = false;
}

void CoordinatedShutdown::carry_out(ShutdownSequence::Effect &effect) {
    if (const auto *line = std::get_if<ShutdownSequence::WriteLine>(&effect)) {
        log_.log(line->level, line->text);
    } else if (const auto *task = std::get_if<ShutdownSequence::BeginTask>(&effect)) {
        if (!if_memory_allows([&] { begin(task->task); })) {
            complete(task->task, Status(Code::NO_MEMORY, ""));
        }
    } else {
        const auto &finish = std::get<ShutdownSequence::Finish>(effect);
        drop_waiting();
        finished_(finish.outcome(), finish.deadline);
    }
}

void CoordinatedShutdown::begin(TaskNumber task) {
    Begin begin;
    {
        std::lock_guard lock(mutex_);
        Task &known = tasks_.at(task);
        known.stage = Stage::begun;
        begin = known.begin;
    }
    begin(task);
}

// Lets go of what will never be begun.
void CoordinatedShutdown::drop_waiting() {
    for (bool more = true; more;) {
        Tasks::node_type dropped;  // freed after the lock is
        std::lock_guard lock(mutex_);
        const auto waiting = std::find_if(tasks_.begin(), tasks_.end(),
                                          [](const auto &task) { return task.second.stage == Stage::waiting; });
        more = waiting != tasks_.end();
        if (more) {
            dropped = tasks_.extract(waiting);
        }
    }
}

}  // namespace motet
