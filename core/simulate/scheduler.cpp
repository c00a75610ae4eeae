#include "core/simulate/scheduler.h"

#include <algorithm>

namespace motet {

void Scheduler::at(Nanos time, std::function<void()> what) {
    if (!closed_) {
        events_.push({std::max(time, now_), ++sequence_, std::move(what)});
    }
}

void Scheduler::close() {
    closed_ = true;
    events_ = {};
}

bool Scheduler::step() {
    if (events_.empty()) {
        return false;
    }
    // The element is popped right after; only its order, which is not touched, matters to the queue until then.
    Event event = std::move(const_cast<Event &>(events_.top()));
    events_.pop();
    now_ = event.time;
    ++steps_;
    ++depth_;
    event.what();
    --depth_;
    return true;
}

bool Scheduler::step_now() { return !events_.empty() && events_.top().time <= now_ && step(); }

void Scheduler::run_until(Nanos time) {
    run_until(time, [] { return false; });
}

bool Scheduler::run_until(Nanos time, const std::function<bool()> &condition) {
    Nanos present = now_;
    uint64_t at_once = 0;
    while (!condition()) {
        if (events_.empty() || events_.top().time > time) {
            now_ = std::max(now_, time);
            return condition();
        }
        step();
        at_once = now_ == present ? at_once + 1 : 0;
        present = now_;
        if (at_once >= kMostAtOnce) {
            return false;
        }
    }
    return true;
}

}  // namespace motet
