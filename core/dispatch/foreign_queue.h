// ForeignQueue is what stands behind a dispatcher without threads: what is ready waits until somebody else's takes it.
// Knows: a queue and a descriptor. Must never know: which language polls.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "core/base/status.h"
#include "core/dispatch/dispatcher.h"

namespace motet {

class ForeignQueue {
  public:
    ForeignQueue() = default;
    ~ForeignQueue();

    // Queues a ready runnable; false when the queue is closed.
    bool offer(Runnable *runnable);

    // Every wait ends at once from now on.
    void shut_down();
    bool closed() const { return closed_.load(std::memory_order_acquire); }

    // The first ready runnable; nullptr when there is none. The taker runs it and, where more work is left, schedules
    // it.
    Runnable *take();

    // Waits until something is ready, the queue is closed, wake() was called, or the time has passed (negative: for
    // ever). True: wake() was called, or the queue is closed.
    bool wait(Nanos timeout);

    // Ends one wait, present or next.
    void wake();

    // Readable exactly while something is ready, a wake() is unanswered, or the queue is closed. Made at the first
    // call.
    Result<int> descriptor();

  private:
    void raise();  // REQUIRES mutex_

    std::mutex mutex_;
    std::condition_variable ready_condition_;
    ReadyList ready_;      // under mutex_
    bool woken_ = false;   // under mutex_
    bool raised_ = false;  // under mutex_: the descriptor is readable
    int descriptor_ = -1;
    std::atomic<bool> closed_{false};
};

}  // namespace motet
