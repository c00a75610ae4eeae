// ThreadPool is the dispatcher with threads of its own: work-stealing with several, pinned with one.
//
// A worker keeps what it makes ready itself: the newest in a slot of its own (the receiver of the message just sent,
// whose data is in the cache), older ones in a queue that idle workers steal from. The slot is read and written by its
// worker without any atomic step; the rare thief pays for both (see steal_newest()). What other threads make ready goes
// to a shared queue. A worker without work looks around, then sleeps: for a millisecond at a time while another worker
// is busy, so that nobody waits behind a long slice, and until it is woken when all are idle.
//
// Knows: threads and queues. Must never know: actors.
// Source of the idea: R. Blumofe, C. Leiserson, "Scheduling Multithreaded Computations by Work Stealing", 1999.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/spin_lock.h"
#include "core/base/status.h"
#include "core/dispatch/dispatcher.h"

namespace motet {

class ThreadPool final : public Dispatcher {
  public:
    // Starts threads named name.
    static Result<std::unique_ptr<ThreadPool>> start(std::string name, int threads, Slice slice);
    ~ThreadPool() override;

    void schedule(Runnable *runnable) override;
    bool shut_down(Nanos timeout) override;

    // Queues many at once, from a thread that is none of the pool's. Takes them out of the list.
    void schedule_all(ReadyList &ready, uint32_t count);

    Progress progress() const override;

  private:
    struct alignas(64) Worker {
        ThreadPool *pool = nullptr;
        std::thread thread;
        std::atomic<Runnable *> newest{nullptr};  // written by the worker alone
        std::atomic<bool> robbed{false};          // somebody has taken, or looks at, what newest says
        alignas(64) SpinLock lock;
        const Runnable *stolen = nullptr;      // under lock: what the worker must not take for its own any more
        ReadyList queue;                       // under lock
        std::atomic<uint32_t> queued{0};       // written under lock
        std::atomic<uint64_t> slices{0};       // written by the worker alone
        std::atomic<uint64_t> seen_slices{0};  // what a thief last saw; a standing number opens the slot to thieves
    };

    explicit ThreadPool(Slice slice);

    void work(Worker &worker);
    void run_slice(Worker &worker, Runnable *runnable);
    bool run_timed(Runnable *runnable);
    Runnable *find_work(Worker &worker);
    Runnable *take_own(Worker &worker);
    Runnable *take_shared();
    Runnable *steal(Worker &thief);
    static Runnable *replace_newest(Worker &worker, Runnable *runnable);
    static Runnable *steal_newest(Worker &victim);
    void push_own(Worker &worker, Runnable *runnable);
    void wake_one();
    bool sleep(Worker &worker);

    static constinit thread_local Worker *current_ __attribute__((tls_model("initial-exec")));

    const Slice slice_;
    const bool slots_;  // whether the operating system lets a thief look into them
    std::vector<std::unique_ptr<Worker>> workers_;
    std::atomic<int> idle_{0};
    std::atomic<bool> stopping_{false};

    std::mutex mutex_;
    std::condition_variable wake_;
    ReadyList shared_;                       // under mutex_
    std::atomic<uint32_t> shared_count_{0};  // written under mutex_
    uint64_t wakeups_ = 0;                   // under mutex_
    std::condition_variable ended_;
    int running_ = 0;  // under mutex_: threads that have not ended
};

}  // namespace motet
