// Driver runs a system that has no threads of its own, on the thread of whoever waits for it.
// Knows: conditions, times. Must never know: what happens meanwhile.
#pragma once

#include <functional>

#include "core/base/clock.h"

namespace motet {

class Driver {
  public:
    virtual ~Driver() = default;

    // Lets things happen until a condition holds, for at most timeout of the driver's time; 0: what can happen without
    // time passing. Whether it holds.
    virtual bool run_until(Nanos timeout, const std::function<bool()> &condition) = 0;

    // Whether the caller is itself one of the things that happen.
    virtual bool inside() const = 0;

    // Has something happen next, outside of all else.
    virtual void later(std::function<void()> what) = 0;
};

}  // namespace motet
