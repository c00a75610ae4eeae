#include "tests/allocations.h"

#include <atomic>
#include <cstddef>

namespace allocations {
namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> made{0};

void note() {
    if (counting.load(std::memory_order_relaxed)) {
        made.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace
}  // namespace allocations

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// From the sanitizers' runtime, whose header for it not every compiler brings.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, std::size_t),
                                                         void (*on_free)(const volatile void *));

namespace {
const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void *, std::size_t) { allocations::note(); }, [](const volatile void *) {});
}  // namespace

void allocations::start() {
    made.store(0);
    counting.store(hooked != 0);
}

#else

// The C library's own, which the functions below stand in front of.
extern "C" {
void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_realloc(void *memory, std::size_t size);
void *__libc_memalign(std::size_t alignment, std::size_t size);

#define REPLACES __attribute__((visibility("default")))

REPLACES void *malloc(std::size_t size) {
    allocations::note();
    return __libc_malloc(size);
}

REPLACES void *calloc(std::size_t count, std::size_t size) {
    allocations::note();
    return __libc_calloc(count, size);
}

REPLACES void *realloc(void *memory, std::size_t size) {
    allocations::note();
    return __libc_realloc(memory, size);
}

REPLACES void *aligned_alloc(std::size_t alignment, std::size_t size) {
    allocations::note();
    return __libc_memalign(alignment, size);
}
}

void allocations::start() {
    made.store(0);
    counting.store(true);
}

#endif

int64_t allocations::stop() {
    counting.store(false);
    return made.load();
}
