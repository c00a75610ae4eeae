#include "core/dispatch/thread_pool.h"

#include <chrono>

#include "core/base/thread.h"

namespace motet {

namespace {

constexpr int kSlotTurns = 16;     // slices in a row from the slot before the queue has its turn
constexpr int kSearchRounds = 32;  // looks around before a worker sleeps
constexpr auto kBusySleep = std::chrono::milliseconds(1);

}  // namespace

thread_local ThreadPool::Worker *ThreadPool::current_ = nullptr;

Result<std::unique_ptr<ThreadPool>> ThreadPool::start(std::string name, int threads, int throughput) {
    std::unique_ptr<ThreadPool> pool(new ThreadPool(throughput));
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

ThreadPool::~ThreadPool() { shut_down(0); }

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
        // Only this worker fills the slot, so an empty one needs no exchange.
        Runnable *older = worker->newest.load(std::memory_order_relaxed);
        if (!older) {
            worker->newest.store(runnable, std::memory_order_release);
            return;
        }
        older = worker->newest.exchange(runnable, std::memory_order_acq_rel);
        if (older) {
            push_own(*worker, older);
            if (idle_.load(std::memory_order_relaxed) > 0) {
                wake_one();
            }
        }
        return;
    }
    {
        std::lock_guard lock(mutex_);
        shared_.push_back(runnable);
        shared_count_.store(shared_count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        if (idle_.load(std::memory_order_relaxed) == 0) {
            return;
        }
        ++wakeups_;
    }
    wake_.notify_one();
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
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (Runnable *runnable = find_work(worker)) {
            run_slice(worker, runnable);
        } else if (!sleep(worker)) {
            break;
        }
    }
    current_ = nullptr;
    std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
}

void ThreadPool::run_slice(Worker &worker, Runnable *runnable) {
    bool more = runnable->run(throughput_);
    worker.slices.store(worker.slices.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (more) {
        push_own(worker, runnable);
    }
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
        if (Runnable *newest = worker.newest.exchange(nullptr, std::memory_order_acq_rel)) {
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
    return queue_first && worker.newest.load(std::memory_order_relaxed)
               ? worker.newest.exchange(nullptr, std::memory_order_acq_rel)
               : nullptr;
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
                stuck = other->newest.exchange(nullptr, std::memory_order_acq_rel);
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

uint64_t ThreadPool::progress() const {
    uint64_t slices = 0;
    for (const auto &worker : workers_) {
        slices += worker->slices.load(std::memory_order_relaxed);
    }
    return slices;
}

}  // namespace motet
