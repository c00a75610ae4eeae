#include "core/dispatch/ready_batch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/dispatch/thread_pool.h"

namespace motet {
namespace {

class Note final : public Runnable {
  public:
    struct Order {
        std::mutex mutex;
        std::vector<int> numbers;

        size_t size() {
            std::lock_guard lock(mutex);
            return numbers.size();
        }
        bool reaches(size_t wanted) {
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
            while (size() < wanted && std::chrono::steady_clock::now() < deadline) {
                std::this_thread::yield();
            }
            return size() == wanted;
        }
    };

    Note(Order &order, int number) : order_(order), number_(number) {}

    bool run(int) override {
        std::lock_guard lock(order_.mutex);
        order_.numbers.push_back(number_);
        return false;
    }

  private:
    Order &order_;
    const int number_;
};

std::unique_ptr<ThreadPool> pool(int threads) {
    Result<std::unique_ptr<ThreadPool>> started = ThreadPool::start("test", threads, {});
    EXPECT_TRUE(started.ok());
    return std::move(started.value());
}

TEST(ReadyBatchTest, HandsOverAtItsEndInOrder) {
    std::unique_ptr<ThreadPool> one = pool(1);
    Note::Order order;
    std::deque<Note> notes;
    {
        const ReadyBatch batch;
        for (int i = 0; i < 10; ++i) {
            one->schedule(&notes.emplace_back(order, i));
        }
        EXPECT_EQ(order.size(), 0u);
    }
    ASSERT_TRUE(order.reaches(10));
    EXPECT_EQ(order.numbers, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(ReadyBatchTest, WhatDoesNotFitGoesEarlierAndNothingIsLost) {
    std::deque<std::unique_ptr<ThreadPool>> pools;
    for (int i = 0; i < 6; ++i) {
        pools.push_back(pool(2));
    }
    Note::Order order;
    std::deque<Note> notes;
    constexpr int kMany = 600;
    {
        const ReadyBatch batch;
        for (int i = 0; i < kMany; ++i) {
            pools[static_cast<size_t>(i) % pools.size()]->schedule(&notes.emplace_back(order, i));
        }
    }
    EXPECT_TRUE(order.reaches(kMany));
}

TEST(ReadyBatchTest, AnInnerOneLeavesTheOuterOneInPlace) {
    std::unique_ptr<ThreadPool> one = pool(1);
    Note::Order order;
    Note first(order, 1);
    Note second(order, 2);
    {
        const ReadyBatch outer;
        {
            const ReadyBatch inner;
            one->schedule(&first);
        }
        ASSERT_TRUE(order.reaches(1));
        one->schedule(&second);
        EXPECT_EQ(order.size(), 1u);
    }
    EXPECT_TRUE(order.reaches(2));
    EXPECT_EQ(ReadyBatch::current(), nullptr);
}

}  // namespace
}  // namespace motet
