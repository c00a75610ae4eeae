// Block pool: memory for small objects that are made on one thread and often freed on another.
//
// Each thread takes blocks from lists of its own, without a lock. A block that is freed by another thread is handed
// back to the thread it came from over a lock-free list, which that thread collects when its own list is empty. Memory
// is kept for reuse until the process ends. Under a sanitizer every block comes from the C library, so that nothing
// hides.
//
// Knows: sizes. Must never know: what the blocks hold.
// Source of the idea: D. Leijen, B. Zorn, L. de Moura, "Mimalloc: Free List Sharding in Action", 2019.
#pragma once

#include <cstddef>

namespace motet {

// A block of at least size bytes, aligned to 16; nullptr when memory is exhausted.
void *allocate_block(std::size_t size) noexcept;

// Frees a block; size is what it was allocated with.
void free_block(void *block, std::size_t size) noexcept;

// Objects of classes below this one come from the pool.
struct Pooled {
    static void *operator new(std::size_t size);
    static void operator delete(void *object, std::size_t size) { free_block(object, size); }
};

}  // namespace motet
