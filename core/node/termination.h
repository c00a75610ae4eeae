// Termination has nodes told when the process is asked to end by SIGTERM. A signal has one handler in a process, so
// this is one of the few things that all nodes share; it is there only while a node wants it.
// Knows: a signal, its handler before. Must never know: what a node does about it.
#pragma once

#include <functional>

#include "core/base/status.h"

namespace motet {

class Termination {
  public:
    Termination() = default;
    ~Termination() { stop(); }
    Termination(const Termination &) = delete;
    Termination &operator=(const Termination &) = delete;

    // Has asked called, on a thread for it, whenever SIGTERM comes; it must not block. The first call in a process
    // installs the handler. Errors: NO_THREAD, IO.
    Status start(std::function<void()> asked);

    // It is not called any more when this has returned. The last one to stop puts back the handler that was there
    // before, unless somebody else has installed his own meanwhile. REQUIRES: not called by asked. Idempotent.
    void stop();

  private:
    bool started_ = false;
};

}  // namespace motet
