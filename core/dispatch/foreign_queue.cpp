#include "core/dispatch/foreign_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace motet {

ForeignQueue::~ForeignQueue() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

void ForeignQueue::raise() {
    if (descriptor_ >= 0 && !raised_) {
        raised_ = eventfd_write(descriptor_, 1) == 0;
    }
}

bool ForeignQueue::offer(Runnable *runnable) {
    {
        std::lock_guard lock(mutex_);
        if (closed()) {
            return false;
        }
        ready_.push_back(runnable);
        raise();
    }
    ready_condition_.notify_one();
    return true;
}

void ForeignQueue::shut_down() {
    {
        std::lock_guard lock(mutex_);
        closed_.store(true, std::memory_order_release);
        raise();
    }
    ready_condition_.notify_all();
}

Runnable *ForeignQueue::take() {
    std::lock_guard lock(mutex_);
    Runnable *first = ready_.pop_front();
    if (ready_.empty() && !closed() && raised_ && !woken_) {
        eventfd_t count;
        eventfd_read(descriptor_, &count);
        raised_ = false;
    }
    return first;
}

bool ForeignQueue::wait(Nanos timeout) {
    std::unique_lock lock(mutex_);
    auto due = [this] { return !ready_.empty() || woken_ || closed(); };
    if (timeout < 0) {
        ready_condition_.wait(lock, due);
    } else if (timeout > 0) {
        ready_condition_.wait_for(lock, std::chrono::nanoseconds(timeout), due);
    }
    return std::exchange(woken_, false) || closed();
}

void ForeignQueue::wake() {
    {
        std::lock_guard lock(mutex_);
        woken_ = true;
        raise();
    }
    ready_condition_.notify_one();
}

Result<int> ForeignQueue::descriptor() {
    std::lock_guard lock(mutex_);
    if (descriptor_ < 0) {
        descriptor_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (descriptor_ < 0) {
            return Status(Code::IO,
                          std::string("a descriptor for the dispatcher could not be made: ") + std::strerror(errno));
        }
        if (!ready_.empty() || woken_ || closed()) {
            raise();
        }
    }
    return descriptor_;
}

}  // namespace motet
