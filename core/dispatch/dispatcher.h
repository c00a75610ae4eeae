// Dispatcher decides on which thread a ready actor runs. It is one of a node's three seams.
// Knows: that there are things that can be run. Must never know: actors, messages.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"

namespace motet {

// Something that has work. It is handed to its dispatcher when it becomes ready and is not handed in again before it
// has been run; run() does a slice of the work.
class Runnable {
  public:
    // Does at most throughput pieces of work. True: there is more, run again after others had their turn.
    virtual bool run(int throughput) = 0;

    Runnable *next_ready = nullptr;  // belongs to the dispatcher while scheduled

  protected:
    ~Runnable() = default;
};

// How much a runnable may do in one slice.
struct Slice {
    int throughput = 64;  // pieces of work
    Nanos deadline = 0;   // or this time, whichever comes first; 0: as long as it takes
};

class Dispatcher {
  public:
    virtual ~Dispatcher() = default;

    // Queues a ready runnable. May be called from any thread, also from inside run().
    virtual void schedule(Runnable *runnable) = 0;

    // Ends the dispatcher's threads after the slices they are in; what is queued is not run any more. False: a slice
    // did not end within timeout; its thread goes on by itself and the dispatcher must be kept for ever. Idempotent.
    // REQUIRES: not called by one of those threads.
    virtual bool shut_down(Nanos timeout) = 0;

    // Slices finished so far, and whether any is under way or waits. When the number stands still while there is work,
    // whatever runs here is stuck.
    struct Progress {
        uint64_t slices = 0;
        bool working = false;
    };
    virtual Progress progress() const { return {}; }
};

// Runnables in order of arrival, for one thread or under a lock.
class ReadyList {
  public:
    bool empty() const { return head_ == nullptr; }

    void push_back(Runnable *runnable) {
        runnable->next_ready = nullptr;
        *(head_ ? &tail_->next_ready : &head_) = runnable;
        tail_ = runnable;
    }

    // Takes all of another one.
    void append(ReadyList &other) {
        if (!other.empty()) {
            *(head_ ? &tail_->next_ready : &head_) = other.head_;
            tail_ = other.tail_;
            other.head_ = nullptr;
        }
    }

    Runnable *pop_front() {
        Runnable *first = head_;
        if (first) {
            head_ = first->next_ready;
        }
        return first;
    }

  private:
    Runnable *head_ = nullptr;
    Runnable *tail_ = nullptr;
};

}  // namespace motet
