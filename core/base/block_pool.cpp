#include "core/base/block_pool.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace motet {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void *allocate_block(std::size_t size) noexcept { return std::malloc(size); }
void free_block(void *block, std::size_t) noexcept { std::free(block); }

#else

namespace {

constexpr std::size_t kChunkSize = 64 * 1024;  // also the alignment, so that a block finds its chunk by its address
constexpr std::size_t kRegionSize = 16 * kChunkSize;
constexpr std::size_t kClassStep = 8;
constexpr std::size_t kLargestBlock = 1024;  // larger ones come from the C library
constexpr std::size_t kClasses = kLargestBlock / kClassStep;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kHugeBlock = 2 * kHugePage;  // from here on a block has huge pages

struct FreeBlock {
    FreeBlock *next;
};

struct Bin;

// Memory that blocks of one size are cut from.
struct Chunk {
    Bin *bin;
    Chunk *next;
};
constexpr std::size_t kChunkHeader = 64;

// The blocks of one size of one thread.
struct Bin {
    FreeBlock *own = nullptr;
    Chunk *chunks = nullptr;
    char *fresh = nullptr;  // the part of the newest chunk that was never given out
    char *fresh_end = nullptr;
    alignas(64) std::atomic<FreeBlock *> returned{nullptr};  // freed by other threads
};

struct Cache {
    std::array<Bin, kClasses> bins;
    Cache *next_abandoned = nullptr;
};

// Caches of threads that have ended wait here for new threads; their blocks stay usable meanwhile.
std::mutex abandoned_mutex;
Cache *abandoned = nullptr;

Cache *adopt_cache() {
    {
        std::lock_guard lock(abandoned_mutex);
        if (abandoned) {
            return std::exchange(abandoned, abandoned->next_abandoned);
        }
    }
    return new (std::nothrow) Cache;
}

struct CacheOwner {
    Cache *cache = nullptr;
    ~CacheOwner();
};

thread_local __attribute__((tls_model("initial-exec"))) Cache *thread_cache = nullptr;
thread_local CacheOwner thread_cache_owner;

CacheOwner::~CacheOwner() {
    thread_cache = nullptr;
    if (cache) {
        std::lock_guard lock(abandoned_mutex);
        cache->next_abandoned = std::exchange(abandoned, cache);
    }
}

Cache *current_cache() {
    if (!thread_cache) [[unlikely]] {
        thread_cache = thread_cache_owner.cache = adopt_cache();
    }
    return thread_cache;
}

// A chunk of the region that was last taken from the operating system, which is only charged for what is touched.
void *take_chunk() {
    static std::mutex mutex;
    static char *region = nullptr;
    static char *region_end = nullptr;
    std::lock_guard lock(mutex);
    if (region == region_end) {
        region = static_cast<char *>(std::aligned_alloc(kChunkSize, kRegionSize));
        region_end = region ? region + kRegionSize : nullptr;
    }
    return region ? std::exchange(region, region + kChunkSize) : nullptr;
}

void *take_fresh(Bin &bin, std::size_t block_size) {
    if (!bin.fresh || bin.fresh + block_size > bin.fresh_end) {
        void *memory = take_chunk();
        if (!memory) {
            return nullptr;
        }
        bin.chunks = new (memory) Chunk{&bin, bin.chunks};
        bin.fresh = static_cast<char *>(memory) + kChunkHeader;
        bin.fresh_end = static_cast<char *>(memory) + kChunkSize;
    }
    return std::exchange(bin.fresh, bin.fresh + block_size);
}

// From the C library. The first touch of each page is an interrupt: a block of many pages is to have few large ones,
// where the operating system has them.
void *allocate_large(std::size_t size) {
    void *block = nullptr;
    if (size < kHugeBlock) {
        return std::malloc(size);
    }
    if (posix_memalign(&block, kHugePage, size) != 0) {
        return nullptr;
    }
    madvise(block, size - size % kHugePage, MADV_HUGEPAGE);
    return block;
}

}  // namespace

void *allocate_block(std::size_t size) noexcept {
    if (size > kLargestBlock) {
        return allocate_large(size);
    }
    Cache *cache = current_cache();
    if (!cache) {
        return nullptr;
    }
    std::size_t index = (size + kClassStep - 1) / kClassStep - (size ? 1 : 0);
    Bin &bin = cache->bins[index];
    if (!bin.own) {
        bin.own = bin.returned.load(std::memory_order_relaxed)
                      ? bin.returned.exchange(nullptr, std::memory_order_acquire)
                      : nullptr;
        if (!bin.own) {
            return take_fresh(bin, (index + 1) * kClassStep);
        }
    }
    return std::exchange(bin.own, bin.own->next);
}

void free_block(void *block, std::size_t size) noexcept {
    if (size > kLargestBlock) {
        std::free(block);
        return;
    }
    auto address = reinterpret_cast<std::uintptr_t>(block);
    Bin &bin = *reinterpret_cast<Chunk *>(address & ~(kChunkSize - 1))->bin;
    auto *freed = static_cast<FreeBlock *>(block);
    Cache *cache = thread_cache;
    if (cache && &bin >= cache->bins.data() && &bin < cache->bins.data() + kClasses) {
        freed->next = std::exchange(bin.own, freed);
        return;
    }
    FreeBlock *head = bin.returned.load(std::memory_order_relaxed);
    do {
        freed->next = head;
    } while (!bin.returned.compare_exchange_weak(head, freed, std::memory_order_release, std::memory_order_relaxed));
}

#endif

void *Pooled::operator new(std::size_t size) {
    void *block = allocate_block(size);
    return block ? block : throw std::bad_alloc();
}

}  // namespace motet
