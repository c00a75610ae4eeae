// Clock is the seam through which the engine learns what time it is.
// Knows: two clocks. Must never know: what anyone does with the time.
#pragma once

#include <cstdint>

namespace motet {

using Nanos = int64_t;  // a duration or a monotonic point in time, in nanoseconds

constexpr Nanos kMicrosecond = 1'000;
constexpr Nanos kMillisecond = 1'000'000;
constexpr Nanos kSecond = 1'000'000'000;

// A moment on both clocks. They may disagree: mono never goes back, wall may jump.
struct Now {
    Nanos mono = 0;
    Nanos wall = 0;  // since 1970-01-01 UTC
};

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Now now() const = 0;
    virtual Nanos mono() const { return now().mono; }  // alone it costs less
};

// The clocks of the operating system.
class SystemClock final : public Clock {
  public:
    Now now() const override;
    Nanos mono() const override;
};

}  // namespace motet
