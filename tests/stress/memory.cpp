#include "tests/stress/memory.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int64_t> blocks{0};
std::atomic<int64_t> objects{0};

// Requests of one kind that are refused.
struct Gate {
    std::atomic<int64_t> left{0};  // requests until the first refusal; 0 and below: it is open
    std::atomic<int64_t> to_refuse{0};
    std::atomic<int64_t> refused{0};

    bool refuses() {
        if (to_refuse.load(std::memory_order_relaxed) == 0) {
            return false;
        }
        if (left.fetch_sub(1) > 1 || to_refuse.fetch_sub(1) <= 0) {
            return false;
        }
        refused.fetch_add(1);
        return true;
    }
};

Gate memory;
Gate threads;
Gate *closed = nullptr;

void *give(std::size_t size) noexcept {
    void *object = memory.refuses() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (object) {
        objects.fetch_add(1, std::memory_order_relaxed);
    }
    return object;
}

void *give_aligned(std::size_t size, std::align_val_t alignment) noexcept {
    void *object = nullptr;
    if (memory.refuses() || posix_memalign(&object, static_cast<std::size_t>(alignment), size) != 0) {
        return nullptr;
    }
    objects.fetch_add(1, std::memory_order_relaxed);
    return object;
}

void *or_throw(void *object) { return object ? object : throw std::bad_alloc(); }

void take(void *object) {
    if (object) {
        objects.fetch_sub(1, std::memory_order_relaxed);
        std::free(object);
    }
}

}  // namespace

void *operator new(std::size_t size) { return or_throw(give(size)); }
void *operator new[](std::size_t size) { return or_throw(give(size)); }
void *operator new(std::size_t size, const std::nothrow_t &) noexcept { return give(size); }
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept { return give(size); }
void *operator new(std::size_t size, std::align_val_t alignment) { return or_throw(give_aligned(size, alignment)); }
void *operator new[](std::size_t size, std::align_val_t alignment) { return or_throw(give_aligned(size, alignment)); }
void *operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept {
    return give_aligned(size, alignment);
}
void operator delete(void *object) noexcept { take(object); }
void operator delete[](void *object) noexcept { take(object); }
void operator delete(void *object, std::size_t) noexcept { take(object); }
void operator delete[](void *object, std::size_t) noexcept { take(object); }
void operator delete(void *object, std::align_val_t) noexcept { take(object); }
void operator delete[](void *object, std::align_val_t) noexcept { take(object); }
void operator delete(void *object, std::size_t, std::align_val_t) noexcept { take(object); }
void operator delete[](void *object, std::size_t, std::align_val_t) noexcept { take(object); }

// allocate_block(), Pooled::operator new() and free_block(). The operator's own call of the first is inside its object
// file, where the linker leaves it alone: no block is counted twice.
extern "C" {
void *__real__ZN5motet14allocate_blockEm(std::size_t size);
void *__wrap__ZN5motet14allocate_blockEm(std::size_t size);
void *__real__ZN5motet6PoolednwEm(std::size_t size);
void *__wrap__ZN5motet6PoolednwEm(std::size_t size);
void __real__ZN5motet10free_blockEPvm(void *block, std::size_t size);
void __wrap__ZN5motet10free_blockEPvm(void *block, std::size_t size);

void *__wrap__ZN5motet14allocate_blockEm(std::size_t size) {
    if (memory.refuses()) {
        return nullptr;
    }
    blocks.fetch_add(1, std::memory_order_relaxed);
    return __real__ZN5motet14allocate_blockEm(size);
}

void *__wrap__ZN5motet6PoolednwEm(std::size_t size) {
    if (memory.refuses()) {
        throw std::bad_alloc();
    }
    blocks.fetch_add(1, std::memory_order_relaxed);
    return __real__ZN5motet6PoolednwEm(size);
}

void __wrap__ZN5motet10free_blockEPvm(void *block, std::size_t size) {
    blocks.fetch_sub(1, std::memory_order_relaxed);
    __real__ZN5motet10free_blockEPvm(block, size);
}

__attribute__((visibility("default"))) int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                                          void *(*start)(void *), void *argument) {
    using Create = int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    return threads.refuses() ? EAGAIN : create(thread, attributes, start, argument);
}
}

namespace motet::stress {

int64_t blocks_in_use() { return blocks.load(std::memory_order_relaxed); }
int64_t objects_in_use() { return objects.load(std::memory_order_relaxed); }

Refusals::Refusals(Of what, int64_t first, int64_t count) {
    closed = what == Of::memory ? &memory : &threads;
    closed->refused.store(0);
    closed->left.store(first);
    closed->to_refuse.store(count);
}

Refusals::~Refusals() { closed->to_refuse.store(0); }

int64_t Refusals::refused() const { return closed->refused.load(); }

}  // namespace motet::stress
