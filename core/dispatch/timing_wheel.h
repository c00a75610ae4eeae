// TimingWheel keeps timers so that adding and removing one takes the same short time however many there are, and gives
// out those that are due in the order of their deadlines, to the nanosecond; equal ones in the order they were added.
//
// It is a hierarchy of wheels of 64 slots. A slot of the lowest wheel is one nanosecond, one of the next is 64, and so
// on; eleven wheels hold every deadline there is. A timer stands in the wheel of the highest digit, base 64, in which
// its deadline differs from the present; when the present reaches its slot it goes down to the wheel where it then
// belongs, so at most ten times, and not at all when it is alone in its slot. A bit for each slot tells which are
// occupied, so that no time is spent on those that are not.
//
// Knows: deadlines. Must never know: clocks, threads, what a timer does.
// Source: G. Varghese, A. Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/clock.h"

namespace motet {

// What a timer needs to stand in a wheel; it belongs to the wheel while it does.
struct TimerNode {
    TimerNode *next = nullptr;  // nullptr: in no wheel
    TimerNode *previous = nullptr;
    Nanos deadline = 0;
};

class TimingWheel {
  public:
    explicit TimingWheel(Nanos now);
    TimingWheel(const TimingWheel &) = delete;
    TimingWheel &operator=(const TimingWheel &) = delete;

    void add(TimerNode &node);     // a deadline before the present counts as the present
    void remove(TimerNode &node);  // REQUIRES: it is in this wheel

    // The timer that is due first. nullptr: none is due, unless sorting().
    TimerNode *first_due(Nanos now);

    // Whether first_due() had so many timers to sort that it stopped in the middle, so as not to take long; it is to be
    // called again.
    bool sorting() const { return sorting_.next != &sorting_; }

    // Any timer at all; nullptr when there is none.
    TimerNode *any();

    // When first_due() is next worth calling: at the earliest deadline or, when many timers are in its slot, at the
    // slot's beginning; now while sorting().
    std::optional<Nanos> next() const;

    size_t size() const { return size_; }

  private:
    static constexpr int kDigit = 6;  // bits
    static constexpr int kSlots = 1 << kDigit;
    static constexpr int kWheels = 11;

    struct Earliest {
        int slot = -1;  // none
        int wheel = 0;
        Nanos begin = 0;
    };
    Earliest earliest() const;
    void place(TimerNode &node);
    void free_if_empty(const TimerNode &head);

    std::array<TimerNode, kWheels * kSlots> slots_;  // heads of circular lists
    std::array<uint64_t, kWheels> occupied_{};       // a bit for each slot
    TimerNode sorting_;                              // head of the list of timers that must find their slots anew
    Nanos present_;
    size_t size_ = 0;
};

}  // namespace motet
