#include "core/simulate/scheduler.h"

#include <algorithm>

namespace motet {

void Scheduler::at(Nanos time, std::function<void()> what) {
    events_.push({std::max(time, now_), ++sequence_, std::move(what)});
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
    event.what();
    return true;
}

void Scheduler::run_until(Nanos time) {
    run_until(time, [] { return false; });
}

bool Scheduler::run_until(Nanos time, const std::function<bool()> &condition) {
    while (!condition()) {
        if (events_.empty() || events_.top().time > time) {
            now_ = std::max(now_, time);
            return condition();
        }
        step();
    }
    return true;
}

}  // namespace motet
