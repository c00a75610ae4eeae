// LogRestraint keeps a log readable when the same thing happens very often: so many lines, then none for a while.
// Knows: how many were logged, the time it is given. Must never know: what is logged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/base/clock.h"

namespace motet {

class LogRestraint {
  public:
    LogRestraint(int64_t count, Nanos pause) : count_(count), pause_(pause) {}

    // Nothing: be quiet. Else what is to be added to the line: that it is the last one for now, or how many were left
    // out.
    std::optional<std::string> admit(Nanos now) {
        uint64_t left_out = 0;
        if (logged_ >= count_) {
            if (now < quiet_until_ || count_ == 0) {
                ++left_out_;
                return std::nullopt;
            }
            logged_ = 0;
            left_out = std::exchange(left_out_, 0);
        }
        quiet_until_ = now + pause_;
        std::string text = left_out > 0 ? " (" + std::to_string(left_out) + " more were not logged)" : "";
        if (++logged_ == count_) {
            text += " (further ones are only counted for a while)";
        }
        return text;
    }

  private:
    const int64_t count_;
    const Nanos pause_;
    int64_t logged_ = 0;
    uint64_t left_out_ = 0;
    Nanos quiet_until_ = 0;
};

}  // namespace motet
