#include "core/base/byte_buffer.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace motet {
namespace {

constexpr size_t kLarge = 64 * 1024;

TEST(ByteBufferTest, ARecycledOneIsEmpty) {
    for (int i = 0; i < 100; ++i) {
        ByteBuffer buffer = ByteBuffer::recycled();
        EXPECT_TRUE(buffer.empty());
        std::fill_n(buffer.extend(kLarge), kLarge, uint8_t{1});
        EXPECT_EQ(buffer.size(), kLarge);
        ByteBuffer::recycle(std::move(buffer));
        EXPECT_TRUE(buffer.empty());
    }
}

TEST(ByteBufferTest, AnySizeAndNumberMayBeRecycled) {
    for (const size_t size : {size_t{0}, size_t{1}, kLarge, 100 * kLarge}) {
        std::vector<ByteBuffer> buffers(100);
        for (ByteBuffer &buffer : buffers) {
            buffer.extend(size);
        }
        for (ByteBuffer &buffer : buffers) {
            ByteBuffer::recycle(std::move(buffer));
        }
    }
}

TEST(ByteBufferTest, NoTwoThreadsGetTheSameMemory) {
    std::vector<std::jthread> threads;
    for (uint8_t mark = 1; mark <= 4; ++mark) {
        threads.emplace_back([mark] {
            for (int i = 0; i < 200; ++i) {
                ByteBuffer buffer = ByteBuffer::recycled();
                std::fill_n(buffer.extend(kLarge), kLarge, mark);
                EXPECT_EQ(std::count(buffer.data(), buffer.data() + kLarge, mark), std::ptrdiff_t{kLarge});
                ByteBuffer::recycle(std::move(buffer));
            }
        });
    }
}

}  // namespace
}  // namespace motet
