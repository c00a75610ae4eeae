// The yardsticks of local figures: what a message costs at least. One block of the engine's allocator, a bare intrusive
// queue, a call through a function pointer; no actor.
// Knows: the allocator. Must never know: what it is compared with.
#pragma once

#include <cstdint>

namespace motet::bench {

// Messages a second that two queues of one thread pass to and fro, one under way at a time.
double floor_rate(int64_t messages);

// Messages a second from one thread to another.
double cross_rate(int64_t messages);

}  // namespace motet::bench
