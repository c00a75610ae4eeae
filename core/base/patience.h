// patiently() does what must be done and takes memory: while there is none it waits, and tries again.
//
// Who calls the engine is told NO_MEMORY. But what the engine owes to actors once it has begun (that a watcher hears of
// an end, that a child is stopped) cannot be refused to anybody; nor is memory that is short for a moment a reason to
// end the process. A close still returns within its time, as with a handler that does not end.
//
// REQUIRES: the work leaves nothing half done when it throws std::bad_alloc, and no lock is held that others spin on.
// Knows: std::bad_alloc. Must never know: what the work is.
#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace motet {

template <typename Work> auto patiently(Work &&work) -> decltype(work()) {
    for (;;) {
        try {
            return work();
        } catch (const std::bad_alloc &) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

// Does what may as well be left out when there is no memory for it. False: it was.
template <typename Work> bool if_memory_allows(Work &&work) {
    try {
        work();
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}

}  // namespace motet
