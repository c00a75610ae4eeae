#include "core/dispatch/thread_pool.h"

#include <algorithm>
#include <chrono>

#include "core/base/ref_bank.h"
#include "core/base/thread.h"
#include "core/dispatch/ready_batch.h"

namespace motet {

namespace {

constexpr int kSlotTurns = 16;     // slices in a row from the slot before the queue has its turn
constexpr int kSearchRounds = 32;  // looks around before a worker sleeps
constexpr Nanos kLongestEnd = 3600 * kSecond;
constexpr auto kBusySleep = std::chrono::milliseconds(1);

}  // namespace

constinit thread_local ThreadPool::Worker *ThreadPool::current_ __attribute__((tls_model("initial-exec"))) = nullptr;

ThreadPool::ThreadPool(Slice slice) : slice_(slice), slots_(prepare_barriers()) {}

Result<std::unique_ptr<ThreadPool>> ThreadPool::start(std::string name, int threads, Slice slice) {
    std::unique_ptr<ThreadPool> pool(new ThreadPool(slice));
    for (int i = 0; i < threads; ++i) {
        pool->workers_.push_back(std::make_unique<Worker>());
        pool->workers_.back()->pool = pool.get();
    }
    for (auto &worker : pool->workers_) {
        Result<std::thread> thread = start_thread(name, [p = pool.get(), w = worker.get()] { p->work(*w); });
        if (!thread.ok()) {
            return std::move(thread.status());
        }
        worker->thread = std::move(thread.value());
        std::lock_guard lock(pool->mutex_);
        ++pool->running_;
    }
    return pool;
}

// Its threads, if they have not ended already, run nothing of anybody: a pool with a slice that does not end is kept.
ThreadPool::~ThreadPool() { shut_down(kLongestEnd); }

bool ThreadPool::shut_down(Nanos timeout) {
    std::unique_lock lock(mutex_);
    stopping_.store(true);
    wake_.notify_all();
    bool all = ended_.wait_for(lock, std::chrono::nanoseconds(timeout), [this] { return running_ == 0; });
    lock.unlock();
    for (auto &worker : workers_) {
        if (!worker->thread.joinable()) {
            continue;
        }
        if (all) {
            worker->thread.join();
        } else {
            worker->thread.detach();
        }
    }
    return all;
}

void ThreadPool::schedule(Runnable *runnable) {
    Worker *worker = current_;
    if (worker && worker->pool == this) {
        Runnable *older = slots_ ? replace_newest(*worker, runnable) : runnable;
        if (older) {
            push_own(*worker, older);
            if (idle_.load(std::memory_order_relaxed) > 0) {
                wake_one();
            }
        }
        return;
    }
    if (ReadyBatch *batch = ReadyBatch::current(); batch && batch->add(*this, runnable)) {
        return;
    }
    ReadyList one;
    one.push_back(runnable);
    schedule_all(one, 1);
}

void ThreadPool::schedule_all(ReadyList &ready, uint32_t count) {
    std::lock_guard lock(mutex_);
    shared_.append(ready);
    shared_count_.store(shared_count_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    const auto idle = static_cast<uint32_t>(idle_.load(std::memory_order_relaxed));
    for (uint32_t woken = 0; woken < std::min(idle, count); ++woken) {
        ++wakeups_;
        wake_.notify_one();  // while it is locked: what was pushed may be the last thing that this pool runs
    }
}

void ThreadPool::push_own(Worker &worker, Runnable *runnable) {
    std::lock_guard lock(worker.lock);
    worker.queue.push_back(runnable);
    worker.queued.store(worker.queued.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void ThreadPool::wake_one() {
    {
        std::lock_guard lock(mutex_);
        ++wakeups_;
    }
    wake_.notify_one();
}

void ThreadPool::work(Worker &worker) {
    current_ = &worker;
    RefBank bank;
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (Runnable *runnable = find_work(worker)) {
            run_slice(worker, runnable);
            continue;
        }
        bank.flush();
        if (!sleep(worker)) {
            break;
        }
    }
    bank.flush();
    current_ = nullptr;
    std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
}

void ThreadPool::run_slice(Worker &worker, Runnable *runnable) {
    bool more = slice_.deadline == 0 ? runnable->run(slice_.throughput) : run_timed(runnable);
    worker.slices.store(worker.slices.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (more) {
        push_own(worker, runnable);
    }
}

// A slice whose time is looked at after each piece of work.
bool ThreadPool::run_timed(Runnable *runnable) {
    auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(slice_.deadline);
    bool more = true;
    for (int n = 0; more && n < slice_.throughput && (n == 0 || std::chrono::steady_clock::now() < end); ++n) {
        more = runnable->run(1);
    }
    return more;
}

Runnable *ThreadPool::find_work(Worker &worker) {
    if (Runnable *own = take_own(worker)) {
        return own;
    }
    for (int round = 0; round < kSearchRounds; ++round) {
        if (Runnable *shared = take_shared()) {
            return shared;
        }
        if (Runnable *stolen = steal(worker)) {
            return stolen;
        }
        if (workers_.size() == 1 && round > 0) {
            return nullptr;
        }
        std::this_thread::yield();
    }
    return nullptr;
}

Runnable *ThreadPool::take_own(Worker &worker) {
    bool queue_first = worker.slices.load(std::memory_order_relaxed) % kSlotTurns == 0;
    if (queue_first) {
        // The shared queue must not starve behind actors that keep each other busy either.
        if (Runnable *shared = take_shared()) {
            return shared;
        }
    } else if (worker.newest.load(std::memory_order_relaxed)) {
        if (Runnable *newest = replace_newest(worker, nullptr)) {
            return newest;
        }
    }
    if (worker.queued.load(std::memory_order_relaxed) > 0) {
        std::lock_guard lock(worker.lock);
        if (Runnable *queued = worker.queue.pop_front()) {
            worker.queued.store(worker.queued.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
            return queued;
        }
    }
    return queue_first ? replace_newest(worker, nullptr) : nullptr;
}

// By the worker itself: puts a runnable, or nothing, into its slot. Returns what was there.
Runnable *ThreadPool::replace_newest(Worker &worker, Runnable *runnable) {
    Runnable *older = worker.newest.load(std::memory_order_relaxed);
    worker.newest.store(runnable, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (worker.robbed.load(std::memory_order_relaxed)) [[unlikely]] {
        std::lock_guard lock(worker.lock);
        if (older && older == worker.stolen) {
            older = nullptr;
        } else if (runnable && runnable == worker.stolen) {  // in this very moment
            worker.newest.store(nullptr, std::memory_order_relaxed);
        }
        worker.stolen = nullptr;
        worker.robbed.store(false, std::memory_order_relaxed);
    }
    return older;
}

// By another worker: takes what stands in a slot. The barrier makes the victim see that it was robbed before it relies
// on anything it reads from its slot afterwards; what it has read before and replaced, the thief sees replaced.
Runnable *ThreadPool::steal_newest(Worker &victim) {
    std::lock_guard lock(victim.lock);
    if (victim.robbed.load(std::memory_order_relaxed)) {
        return nullptr;  // what stands there is stolen already
    }
    victim.robbed.store(true, std::memory_order_relaxed);
    barrier_on_all_threads();
    Runnable *stolen = victim.newest.load(std::memory_order_acquire);
    victim.stolen = stolen;
    if (!stolen) {
        victim.robbed.store(false, std::memory_order_relaxed);
    }
    return stolen;
}

Runnable *ThreadPool::take_shared() {
    if (shared_count_.load(std::memory_order_relaxed) == 0) {
        return nullptr;
    }
    std::lock_guard lock(mutex_);
    Runnable *first = shared_.pop_front();
    if (first) {
        shared_count_.store(shared_count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
    return first;
}

Runnable *ThreadPool::steal(Worker &thief) {
    for (auto &victim : workers_) {
        if (victim.get() == &thief) {
            continue;
        }
        if (victim->queued.load(std::memory_order_relaxed) > 0) {
            std::lock_guard lock(victim->lock);
            if (Runnable *stolen = victim->queue.pop_front()) {
                victim->queued.store(victim->queued.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
                return stolen;
            }
        }
    }
    return nullptr;
}

// Sleeps until there may be work; false when the pool shuts down. Before it sleeps it takes what stands in the slot of
// a worker that has been in one slice since the last look.
bool ThreadPool::sleep(Worker &worker) {
    std::unique_lock lock(mutex_);
    uint64_t wakeups_before = wakeups_;
    int others_idle = idle_.fetch_add(1, std::memory_order_seq_cst);
    bool all_idle = others_idle + 1 == static_cast<int>(workers_.size());
    auto woken = [&] {
        return stopping_.load(std::memory_order_relaxed) || wakeups_ != wakeups_before || !shared_.empty();
    };
    Runnable *stuck = nullptr;
    if (all_idle) {
        wake_.wait(lock, woken);
    } else if (!wake_.wait_for(lock, kBusySleep, woken)) {
        for (auto &other : workers_) {
            uint64_t slices = other->slices.load(std::memory_order_relaxed);
            if (other.get() != &worker && other->seen_slices.exchange(slices, std::memory_order_relaxed) == slices) {
                stuck = slots_ ? steal_newest(*other) : nullptr;
                if (stuck) {
                    break;
                }
            }
        }
    }
    idle_.fetch_sub(1, std::memory_order_relaxed);
    lock.unlock();
    if (stuck) {
        run_slice(worker, stuck);
    }
    return !stopping_.load(std::memory_order_relaxed);
}

Dispatcher::Progress ThreadPool::progress() const {
    Progress progress;
    for (const auto &worker : workers_) {
        progress.slices += worker->slices.load(std::memory_order_relaxed);
    }
    progress.working = idle_.load(std::memory_order_relaxed) < static_cast<int>(workers_.size());
    return progress;
}

}  // namespace motet
