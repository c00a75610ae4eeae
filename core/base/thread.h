// start_thread starts a thread of the engine: named, with every signal left to the program's own threads.
// Knows: threads. Must never know: what they run.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "core/base/status.h"

namespace motet {

// Errors: NO_THREAD.
Result<std::thread> start_thread(const std::string &name, std::function<void()> body);

// Whether the calling thread was started by start_thread().
bool on_engine_thread();

// A full memory barrier on every running thread of the process: what makes cheap code safe on one side, at the cost of
// a system call on the other. prepare_barriers() tells whether the operating system has it; asked first, and once, by
// whoever uses it. Source: membarrier(2).
bool prepare_barriers();
void barrier_on_all_threads();

}  // namespace motet
