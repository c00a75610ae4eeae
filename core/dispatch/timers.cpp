#include "core/dispatch/timers.h"

#include "core/base/thread.h"

namespace motet {

TimerId Timers::schedule(Nanos delay, Work work) {
    bool earliest;
    TimerId id;
    {
        std::lock_guard lock(mutex_);
        if (closed_) {
            return 0;
        }
        id = ++last_id_;
        Nanos deadline = clock_.now().mono + (delay > 0 ? delay : 0);
        auto added = pending_.emplace(Key{deadline, id}, std::move(work)).first;
        deadlines_.emplace(id, deadline);
        earliest = added == pending_.begin();
    }
    if (earliest && on_earlier_) {
        on_earlier_();
    }
    return id;
}

bool Timers::cancel(TimerId id) {
    Work dropped;  // freed after the lock is: its captures may hold anything
    std::lock_guard lock(mutex_);
    auto known = deadlines_.find(id);
    if (known == deadlines_.end()) {
        return false;
    }
    auto pending = pending_.find(Key{known->second, id});
    dropped = std::move(pending->second);
    pending_.erase(pending);
    deadlines_.erase(known);
    return true;
}

void Timers::advance() {
    Nanos now = clock_.now().mono;
    for (;;) {
        Work due;
        {
            std::lock_guard lock(mutex_);
            auto first = pending_.begin();
            if (first == pending_.end() || first->first.first > now) {
                return;
            }
            due = std::move(first->second);
            deadlines_.erase(first->first.second);
            pending_.erase(first);
        }
        due();
    }
}

std::optional<Nanos> Timers::next_deadline() const {
    std::lock_guard lock(mutex_);
    if (pending_.empty()) {
        return std::nullopt;
    }
    return pending_.begin()->first.first;
}

void Timers::close() {
    std::map<Key, Work> dropped;
    std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.swap(pending_);
    deadlines_.clear();
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
            Nanos delay = *deadline - timers_.clock().now().mono;
            if (delay > 0) {
                changed_.wait_for(lock, std::chrono::nanoseconds(delay), due);
            }
        }
    }
}

}  // namespace motet
