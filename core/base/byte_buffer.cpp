#include "core/base/byte_buffer.h"

#include <array>
#include <mutex>

#include "core/base/spin_lock.h"

namespace motet {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kMostKept = 0;  // so that they see every use of a buffer that is gone
#else
constexpr size_t kMostKept = 32;
#endif
constexpr size_t kSmallestKept = 32 * 1024;
constexpr size_t kLargestKept = 256 * 1024;

struct Kept {
    SpinLock lock;
    std::array<ByteBuffer, kMostKept> buffers;  // the first count, under lock
    size_t count = 0;
};

// Never destroyed: threads of libraries may let go of buffers while the process ends.
Kept &kept() {
    static Kept &kept = *new Kept;
    return kept;
}

}  // namespace

ByteBuffer ByteBuffer::recycled() {
    Kept &kept = motet::kept();
    const std::lock_guard lock(kept.lock);
    return kept.count == 0 ? ByteBuffer() : std::move(kept.buffers[--kept.count]);
}

void ByteBuffer::recycle(ByteBuffer buffer) {
    if (buffer.capacity_ >= kSmallestKept && buffer.capacity_ <= kLargestKept) {
        buffer.clear();
        Kept &kept = motet::kept();
        const std::lock_guard lock(kept.lock);
        if (kept.count < kMostKept) {
            kept.buffers[kept.count++] = std::move(buffer);
        }
    }
}

}  // namespace motet
