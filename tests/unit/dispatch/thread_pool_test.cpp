#include "core/dispatch/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <thread>

#include "core/base/random.h"

namespace motet {
namespace {

// Passes tokens on to others like it, as actors pass messages; now and then it is slow, so that others take over what
// its worker has made ready.
class Passer final : public Runnable {
  public:
    struct Ring {
        Dispatcher *dispatcher = nullptr;
        std::deque<Passer> passers;
        std::atomic<int64_t> hops{0};
        std::atomic<int64_t> tokens{0};  // that are still passed on
        std::atomic<int> doubles{0};
        int64_t most = 0;
        int slow_every = 0;
    };

    Passer(Ring &ring, uint64_t seed) : ring_(ring), random_(seed) {}

    void receive() {
        if (waiting_.fetch_add(1, std::memory_order_acq_rel) == 0) {
            ring_.dispatcher->schedule(this);
        }
    }

    bool run(int throughput) override {
        if (running_.exchange(true)) {
            ring_.doubles.fetch_add(1);
        }
        int handled = 0;
        while (handled < throughput && handled < waiting_.load(std::memory_order_acquire)) {
            ++handled;
            pass_on();
        }
        running_.store(false);
        return waiting_.fetch_sub(handled, std::memory_order_acq_rel) > handled;
    }

  private:
    void pass_on() {
        int64_t hop = ring_.hops.fetch_add(1) + 1;
        bool slow = hop % ring_.slow_every == 0;
        if (slow && random_.below(2) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // what a slow handler is like
        }
        if (slow || hop < ring_.most) {
            ring_.passers[random_.below(ring_.passers.size())].receive();
        } else {
            ring_.tokens.fetch_sub(1);
        }
        if (slow && random_.below(2) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    Ring &ring_;
    Random random_;
    std::atomic<int> waiting_{0};
    std::atomic<bool> running_{false};
};

TEST(ThreadPoolTest, WhatIsReadyRunsOnceWhoeverTakesIt) {
    Passer::Ring ring;
    ring.most = 20000;
    ring.slow_every = 50;
    Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::start("test", 4, {});
    ASSERT_TRUE(pool.ok());
    ring.dispatcher = pool.value().get();
    for (uint64_t i = 0; i < 8; ++i) {
        ring.passers.emplace_back(ring, i);
    }
    constexpr int kTokens = 6;
    ring.tokens = kTokens;
    for (int i = 0; i < kTokens; ++i) {
        ring.passers[static_cast<size_t>(i)].receive();
    }
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (ring.tokens.load() > 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(ring.tokens.load(), 0) << "a token was lost";
    EXPECT_TRUE(pool.value()->shut_down(60 * kSecond));
    EXPECT_EQ(ring.doubles.load(), 0);
}

}  // namespace
}  // namespace motet
