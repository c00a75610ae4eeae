#include "core/simulate/dispatcher.h"

namespace motet {

namespace {

// A slice is one message, so that the seed chooses between any two of them.
constexpr int kThroughput = 1;

}  // namespace

void ReadyPool::add(Runnable *runnable, const void *owner) {
    ready_.push_back({runnable, owner});
    scheduler_.after(0, [this] { run_one(); });
}

void ReadyPool::forget(const void *owner) {
    std::erase_if(ready_, [owner](const Entry &entry) { return entry.owner == owner; });
}

void ReadyPool::run_one() {
    if (ready_.empty()) {
        return;
    }
    Entry &chosen = ready_[random_.below(ready_.size())];
    const Entry entry = chosen;
    chosen = ready_.back();
    ready_.pop_back();
    if (entry.runnable->run(kThroughput)) {
        add(entry.runnable, entry.owner);
    }
}

void SimulatedDispatcher::schedule(Runnable *runnable) {
    if (!ended_) {
        pool_.add(runnable, this);
    }
}

bool SimulatedDispatcher::shut_down(Nanos) {
    ended_ = true;
    pool_.forget(this);
    return true;
}

}  // namespace motet
