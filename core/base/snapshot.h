// Snapshot is a value that many threads read all the time and somebody now and then replaces as a whole.
//
// A reader takes no lock, and writes to no memory that readers on other threads write to. Who replaces the value waits
// until nobody reads the old one any more: what follows a replacement comes after everything that was done with the
// old value. So a reading must be short, and must not replace the value itself. Readings that begin meanwhile are not
// waited for, however many there are.
//
// Knows: readers. Must never know: what the value means.
// Source of the idea: P. McKenney, J. Slingwine, "Read-Copy Update", 1998; of the two counts, P. McKenney, "Sleepable
// Read-Copy Update", 2006.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace motet {

template <typename T> class Snapshot {
    // Those who read, counted by what turn_ was when they came.
    struct alignas(64) Stripe {
        std::array<std::atomic<uint32_t>, 2> readers{};
    };

  public:
    explicit Snapshot(T first = {}) : value_(new T(std::move(first))) {}
    ~Snapshot() { delete value_.load(); }
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;

    // The present value, which stays as long as this object.
    class Reading {
      public:
        ~Reading() { readers_.fetch_sub(1, std::memory_order_release); }
        Reading(const Reading &) = delete;
        Reading &operator=(const Reading &) = delete;

        const T &operator*() const & { return *value_; }
        const T &operator*() && = delete;  // a loop over it would outlive the reading
        const T *operator->() const { return value_; }

      private:
        friend class Snapshot;
        explicit Reading(const Snapshot &snapshot)
            : readers_(snapshot.stripes_[own_stripe()].readers[snapshot.turn_.load(std::memory_order_relaxed)]) {
            readers_.fetch_add(1);  // before the load, as who replaces stores before it counts
            value_ = snapshot.value_.load();
        }

        std::atomic<uint32_t> &readers_;
        const T *value_;
    };
    Reading read() const { return Reading(*this); }

    // Has edit change a copy of the value, which then takes the value's place. Gives back what edit returns.
    template <typename Edit> auto change(Edit &&edit) {
        std::unique_ptr<const T> old;  // freed after the lock is
        std::lock_guard lock(changing_);
        auto changed = std::make_unique<T>(*value_.load());
        if constexpr (std::is_void_v<decltype(edit(*changed))>) {
            edit(*changed);
            old = replace(std::move(changed));
        } else {
            auto result = edit(*changed);
            old = replace(std::move(changed));
            return result;
        }
    }

  private:
    static constexpr uint32_t kStripes = 8;

    // Threads that read at the same time are spread over the stripes.
    static uint32_t own_stripe() {
        static std::atomic<uint32_t> threads{0};
        thread_local const uint32_t stripe = threads.fetch_add(1, std::memory_order_relaxed) % kStripes;
        return stripe;
    }

    std::unique_ptr<const T> replace(std::unique_ptr<const T> changed) {
        std::unique_ptr<const T> old(value_.exchange(changed.release()));
        const uint32_t turn = turn_.load(std::memory_order_relaxed);
        await_readers(1 - turn);  // who came just before the last turn and was slow to be counted
        turn_.store(1 - turn);
        await_readers(turn);
        return old;
    }

    void await_readers(uint32_t turn) const {
        for (const Stripe &stripe : stripes_) {
            while (stripe.readers[turn].load() != 0) {
                std::this_thread::yield();
            }
        }
    }

    mutable std::array<Stripe, kStripes> stripes_;
    std::atomic<const T *> value_;
    std::atomic<uint32_t> turn_{0};  // 0 or 1; changed under changing_
    std::mutex changing_;
};

}  // namespace motet
