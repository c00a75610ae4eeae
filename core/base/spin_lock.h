// SpinLock guards a few instructions; it gives its turn away when another thread holds it for longer.
// Knows: one flag. Must never know: what it guards.
#pragma once

#include <atomic>
#include <thread>

namespace motet {

class SpinLock {
  public:
    void lock() {
        for (int spins = 0; !try_lock(); ++spins) {
            if (spins >= 64) {
                std::this_thread::yield();
            }
        }
    }

    bool try_lock() {
        return !locked_.load(std::memory_order_relaxed) && !locked_.exchange(true, std::memory_order_acquire);
    }

    void unlock() { locked_.store(false, std::memory_order_release); }

  private:
    std::atomic<bool> locked_{false};
};

}  // namespace motet
