// Memory and threads, as the engine gets them: counted, and refused when a test says so.
//
// In front of the engine's pool of blocks the linker puts functions of this file (--wrap in CMakeLists.txt); operator
// new and pthread_create() are replaced in the program.
//
// Knows: operator new, core/base/block_pool.h, pthread_create(). Must never know: what is asked for, and what for.
#pragma once

#include <cstdint>

namespace motet::stress {

// Blocks of the engine's pool in use: cells, behaviours, envelopes, messages of the engine.
int64_t blocks_in_use();

// What operator new has given out and not got back.
int64_t objects_in_use();

// While it lives, some requests are refused, on whatever thread: from the first-th on (1 is the next), so many.
class Refusals {
  public:
    enum class Of { memory, threads };
    Refusals(Of what, int64_t first, int64_t count = 1);
    ~Refusals();
    Refusals(const Refusals &) = delete;
    Refusals &operator=(const Refusals &) = delete;

    int64_t refused() const;  // so far
};

}  // namespace motet::stress
