#include "core/dispatch/timers.h"

#include <algorithm>
#include <atomic>

#include "core/base/thread.h"

namespace motet {

Timers::Timers(const Clock &clock, size_t shards) : clock_(clock) {
    const Nanos now = clock_.mono();
    for (size_t i = 0; i < shards; ++i) {
        shards_.push_back(std::make_unique<Shard>(now));
    }
}

// Threads take turns, so that a few of them have a shard each.
uint32_t Timers::own_shard() const {
    static std::atomic<uint32_t> threads{0};
    static constinit thread_local uint32_t number __attribute__((tls_model("initial-exec"))) = 0;
    if (number == 0) [[unlikely]] {
        number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
    }
    return number % static_cast<uint32_t>(shards_.size());
}

void Timers::schedule(Timer &timer, Nanos delay, TimerWork work) {
    schedule_at(timer, clock_.mono() + std::clamp<Nanos>(delay, 0, kMaxDelay), std::move(work));
}

void Timers::schedule_at(Timer &timer, Nanos deadline, TimerWork work) {
    timer.shard_ = own_shard();
    timer.deadline = deadline;
    Shard &shard = *shards_[timer.shard_];
    {
        std::lock_guard lock(shard.lock);
        if (shard.closed) {
            return;
        }
        timer.work_ = std::move(work);
        shard.wheel.add(timer);
        if (deadline >= shard.told) {
            return;
        }
        shard.told = deadline;
    }
    if (on_earlier_) {
        on_earlier_();
    }
}

bool Timers::cancel(Timer &timer) {
    TimerWork dropped;  // let go of after the lock is: the timer may be part of its object
    Shard &shard = *shards_[timer.shard_];
    std::lock_guard lock(shard.lock);
    if (!timer.next) {
        return false;
    }
    shard.wheel.remove(timer);
    dropped = std::move(timer.work_);
    return true;
}

void Timers::advance() {
    const Nanos now = clock_.mono();
    for (const auto &shard : shards_) {
        find_due(*shard, now);
    }
    for (;;) {
        auto first = std::min_element(shards_.begin(), shards_.end(),
                                      [](const auto &left, const auto &right) { return left->due < right->due; });
        if ((*first)->due == INT64_MAX) {
            return;
        }
        run_due(**first, now);
        find_due(**first, now);
    }
}

void Timers::find_due(Shard &shard, Nanos now) {
    for (bool more = true; more;) {
        std::lock_guard lock(shard.lock);
        const TimerNode *first = shard.wheel.first_due(now);
        shard.due = first ? first->deadline : INT64_MAX;
        more = shard.wheel.sorting();
    }
}

void Timers::run_due(Shard &shard, Nanos now) {
    TimerWork due;
    {
        std::lock_guard lock(shard.lock);
        if (TimerNode *first = shard.wheel.first_due(now)) {
            shard.wheel.remove(*first);
            due = std::move(static_cast<Timer *>(first)->work_);
        }
    }
    if (due.run) {  // it was not cancelled meanwhile
        due.run(*due.object, due.key, due.number);
    }
}

std::optional<Nanos> Timers::next_deadline() {
    std::optional<Nanos> earliest;
    for (const auto &shard : shards_) {
        std::lock_guard lock(shard->lock);
        const std::optional<Nanos> next = shard->wheel.next();
        shard->told = next.value_or(INT64_MAX);
        if (next) {
            earliest = std::min(*next, earliest.value_or(INT64_MAX));
        }
    }
    return earliest;
}

size_t Timers::size() const {
    size_t sum = 0;
    for (const auto &shard : shards_) {
        std::lock_guard lock(shard->lock);
        sum += shard->wheel.size();
    }
    return sum;
}

void Timers::close() {
    for (const auto &shard : shards_) {
        for (bool more = true; more;) {
            TimerWork dropped;  // let go of after the lock is
            std::lock_guard lock(shard->lock);
            shard->closed = true;
            TimerNode *left = shard->wheel.any();
            more = left != nullptr;
            if (left) {
                shard->wheel.remove(*left);
                dropped = std::move(static_cast<Timer *>(left)->work_);
            }
        }
    }
}

Result<std::unique_ptr<TimerThread>> TimerThread::start(Timers &timers) {
    std::unique_ptr<TimerThread> result(new TimerThread(timers));
    TimerThread *self = result.get();
    timers.on_earlier([self] {
        {
            std::lock_guard lock(self->mutex_);
            self->earlier_ = true;
        }
        self->changed_.notify_one();
    });
    Result<std::thread> thread = start_thread("motet-timers", [self] { self->work(); });
    if (!thread.ok()) {
        return std::move(thread.status());
    }
    result->thread_ = std::move(thread.value());
    return result;
}

void TimerThread::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void TimerThread::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        earlier_ = false;
        lock.unlock();
        timers_.advance();
        std::optional<Nanos> deadline = timers_.next_deadline();
        lock.lock();
        auto due = [this] { return stopping_ || earlier_; };
        if (!deadline) {
            changed_.wait(lock, due);
        } else {
            Nanos delay = *deadline - timers_.clock().mono();
            if (delay > 0) {
                changed_.wait_for(lock, std::chrono::nanoseconds(delay), due);
            }
        }
    }
}

}  // namespace motet
