#include "core/base/ref_bank.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace motet {
namespace {

struct Counted : RefCounted {
    explicit Counted(int &ended) : ended_(ended) {}
    ~Counted() override { ++ended_; }
    int &ended_;
};

TEST(RefBankTest, WithoutABankCountsAsUsual) {
    int ended = 0;
    auto object = make_counted<Counted>(ended);
    const RefCounted &held = *object;
    RefBank::retain(held);
    object = nullptr;
    EXPECT_EQ(ended, 0);
    RefBank::release(held);
    EXPECT_EQ(ended, 1);
}

TEST(RefBankTest, WithinAnotherBankItTakesItsPlace) {
    int ended = 0;
    auto object = make_counted<Counted>(ended);
    const RefCounted &held = *object;
    RefBank outer;
    RefBank::retain(held);
    {
        RefBank inner;
        RefBank::retain(held);
        RefBank::release(held);
    }
    object = nullptr;
    EXPECT_EQ(ended, 0) << "one reference is out";
    RefBank::release(held);
    outer.flush();
    EXPECT_EQ(ended, 1);
}

TEST(RefBankTest, AnObjectLivesAsLongAsAnybodyHoldsItAndEndsWithTheFlush) {
    int ended = 0;
    auto object = make_counted<Counted>(ended);
    const RefCounted &held = *object;
    RefBank bank;
    for (int i = 0; i < 1000; ++i) {
        RefBank::retain(held);
    }
    object = nullptr;
    bank.flush();
    EXPECT_EQ(ended, 0) << "a thousand references are out";
    for (int i = 0; i < 1000; ++i) {
        RefBank::release(held);
    }
    bank.flush();
    EXPECT_EQ(ended, 1);
}

TEST(RefBankTest, MoreObjectsThanAccountsAreAllCounted) {
    int ended = 0;
    {
        RefBank bank;
        for (int round = 0; round < 3; ++round) {
            std::vector<Ptr<Counted>> objects;
            for (int i = 0; i < 1000; ++i) {
                objects.push_back(make_counted<Counted>(ended));
                RefBank::retain(*objects.back());
            }
            for (const Ptr<Counted> &object : objects) {
                RefBank::release(*object);
            }
        }
    }
    EXPECT_EQ(ended, 3000);
}

// What one thread takes another lets go of, as with messages.
TEST(RefBankTest, ReferencesMoveBetweenThreads) {
    int ended = 0;
    auto object = make_counted<Counted>(ended);
    std::atomic<int> under_way{0};
    std::thread taker([&] {
        RefBank bank;
        for (int i = 0; i < 100000; ++i) {
            RefBank::retain(*object);
            under_way.fetch_add(1, std::memory_order_release);
        }
    });
    std::thread giver([&] {
        RefBank bank;
        for (int i = 0; i < 100000; ++i) {
            while (under_way.load(std::memory_order_acquire) == 0) {
                std::this_thread::yield();
            }
            under_way.fetch_sub(1, std::memory_order_relaxed);
            RefBank::release(*object);
        }
    });
    taker.join();
    giver.join();
    EXPECT_EQ(ended, 0);
    object = nullptr;
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace motet
