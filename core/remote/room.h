// RoomWaiters are those who want to send to a peer and wait until its queues have room.
// Knows: how much room each wants, and whom to tell. Must never know: what is in the queues.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "core/base/status.h"

namespace motet {

class RoomWaiters {
  public:
    // Told once: OK, there is room; or why none is to be expected.
    using Told = std::function<void(Code)>;

    struct Waiter {
        std::string_view target;  // valid until told
        size_t bytes;
        Told told;
    };

    // False: too many wait already.
    bool add(const Waiter &waiter) {
        const std::lock_guard lock(mutex_);
        if (waiters_.size() >= kMost) {
            return false;
        }
        waiters_.push_back(waiter);
        any_ = true;
        return true;
    }

    bool any() const { return any_.load(std::memory_order_relaxed); }

    // Tells those for whom room() says anything but QUEUE_FULL, in the order in which they came.
    void look(const std::function<Code(const Waiter &)> &room) {
        std::vector<std::pair<Told, Code>> told;
        {
            const std::lock_guard lock(mutex_);
            std::erase_if(waiters_, [&](Waiter &waiter) {
                const Code code = room(waiter);
                if (code != Code::QUEUE_FULL) {
                    told.emplace_back(std::move(waiter.told), code);
                }
                return code != Code::QUEUE_FULL;
            });
            any_ = !waiters_.empty();
        }
        for (const auto &[tell, code] : told) {
            tell(code);
        }
    }

  private:
    static constexpr size_t kMost = 100'000;

    std::mutex mutex_;
    std::vector<Waiter> waiters_;  // under mutex_
    std::atomic<bool> any_{false};
};

}  // namespace motet
