#include "core/base/clock.h"

#include <ctime>

namespace motet {

static Nanos read_clock(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return t.tv_sec * kSecond + t.tv_nsec;
}

Now SystemClock::now() const { return {read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_REALTIME)}; }

Nanos SystemClock::mono() const { return read_clock(CLOCK_MONOTONIC); }

}  // namespace motet
