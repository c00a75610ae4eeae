// Duration: a time span as the engine takes it, made of any of std::chrono's.
// Knows nanoseconds.
// Must never know what is timed.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace motet {

// Duration is a parameter for any std::chrono duration: 10ms, 1.5s, hours(2). One that has no room in 64 bits of
// nanoseconds becomes the longest, or the most negative, one there is, which the engine refuses; it never wraps around.
class Duration {
  public:
    template <class Rep, class Period>
    Duration(std::chrono::duration<Rep, Period> duration)
        : nanoseconds_(saturated(std::chrono::duration<long double, std::nano>(duration).count())) {}

    [[nodiscard]] std::int64_t nanoseconds() const { return nanoseconds_; }

    // Rounded up, as a wait must not end early.
    [[nodiscard]] std::int64_t milliseconds() const {
        return nanoseconds_ / 1'000'000 + (nanoseconds_ % 1'000'000 > 0 ? 1 : 0);
    }

  private:
    using Limits = std::numeric_limits<std::int64_t>;

    static std::int64_t saturated(long double nanoseconds) {
        if (nanoseconds >= static_cast<long double>(Limits::max())) {
            return Limits::max();
        }
        return nanoseconds > static_cast<long double>(Limits::min()) ? static_cast<std::int64_t>(nanoseconds)
                                                                     : Limits::min();  // also what is no number
    }

    std::int64_t nanoseconds_;
};

}  // namespace motet
