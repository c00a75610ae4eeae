#include "core/remote/room.h"

#include <gtest/gtest.h>

namespace motet {
namespace {

TEST(RoomWaiters, AreBoundedAndToldOnce) {
    RoomWaiters waiters;
    size_t told = 0;
    const RoomWaiters::Waiter waiter{"/user/a", 1, [&](Code code) { told += code == Code::OK ? 1 : 0; }};
    size_t taken = 0;
    while (taken < 1'000'000 && waiters.add(waiter)) {
        ++taken;
    }
    EXPECT_EQ(taken, 100'000u);
    waiters.look([](const RoomWaiters::Waiter &) { return Code::QUEUE_FULL; });
    EXPECT_EQ(told, 0u);
    waiters.look([](const RoomWaiters::Waiter &) { return Code::OK; });
    EXPECT_EQ(told, taken);
    EXPECT_FALSE(waiters.any());
    EXPECT_TRUE(waiters.add(waiter));
}

}  // namespace
}  // namespace motet
