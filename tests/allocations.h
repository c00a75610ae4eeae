// Allocations: counts what the process takes from the C library's allocator, operator new included.
// Knows: malloc, and the hooks of the sanitizers. Must never know: who allocates.
#pragma once

#include <cstdint>

namespace allocations {

// Starts to count, on all threads.
void start();

// Ends that; how many there were.
int64_t stop();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool pooled = false;  // under a sanitizer the engine takes each block from the C library
#else
inline constexpr bool pooled = true;
#endif

}  // namespace allocations
