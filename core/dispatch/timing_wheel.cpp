#include "core/dispatch/timing_wheel.h"

#include <algorithm>
#include <bit>

namespace motet {

namespace {

constexpr int kSortedAtOnce = 64;  // how long pop() works without a pause
constexpr int kLookedAt = 16;      // how many timers of a slot next() compares

void make_empty(TimerNode &head) { head.next = head.previous = &head; }

bool empty(const TimerNode &head) { return head.next == &head; }

void unlink(TimerNode &node) {
    node.next->previous = node.previous;
    node.previous->next = node.next;
}

void push_back(TimerNode &head, TimerNode &node) {
    node.next = &head;
    node.previous = head.previous;
    head.previous->next = &node;
    head.previous = &node;
}

// Moves all of a list into another one, which is empty.
void move_all(TimerNode &from, TimerNode &to) {
    to.next = from.next;
    to.previous = from.previous;
    to.next->previous = to.previous->next = &to;
    make_empty(from);
}

}  // namespace

TimingWheel::TimingWheel(Nanos now) : present_(now) {
    for (TimerNode &head : slots_) {
        make_empty(head);
    }
    make_empty(sorting_);
}

void TimingWheel::add(TimerNode &node) {
    place(node);
    ++size_;
}

void TimingWheel::place(TimerNode &node) {
    const auto deadline = static_cast<uint64_t>(std::max(node.deadline, present_));
    const uint64_t difference = deadline ^ static_cast<uint64_t>(present_);
    const int wheel = (std::bit_width(difference | 1) - 1) / kDigit;
    const auto slot = static_cast<int>(deadline >> (wheel * kDigit)) & (kSlots - 1);
    push_back(slots_[static_cast<size_t>(wheel * kSlots + slot)], node);
    occupied_[static_cast<size_t>(wheel)] |= uint64_t{1} << slot;
}

void TimingWheel::remove(TimerNode &node) {
    TimerNode *const head = node.next;
    unlink(node);
    node.next = node.previous = nullptr;
    --size_;
    free_if_empty(*head);  // if it is not the head, its list is not empty
}

void TimingWheel::free_if_empty(const TimerNode &head) {
    if (empty(head) && &head != &sorting_) {
        const auto index = static_cast<size_t>(&head - slots_.data());
        occupied_[index / kSlots] &= ~(uint64_t{1} << index % kSlots);
    }
}

// The slot that comes first: as all deadlines share the digits above a wheel's with the present, those of a lower
// wheel come before those of a higher one.
TimingWheel::Earliest TimingWheel::earliest() const {
    for (int wheel = 0; wheel < kWheels; ++wheel) {
        if (const uint64_t bits = occupied_[static_cast<size_t>(wheel)]) {
            const int slot = std::countr_zero(bits);
            const int shift = wheel * kDigit;
            const auto above = shift + kDigit < 64 ? static_cast<uint64_t>(present_) >> (shift + kDigit) << kDigit : 0;
            const auto begin = static_cast<Nanos>((above | static_cast<uint64_t>(slot)) << shift);
            return {wheel * kSlots + slot, wheel, begin};
        }
    }
    return {};
}

TimerNode *TimingWheel::first_due(Nanos now) {
    for (int sorted = 0;;) {
        if (sorting()) {
            if (sorted++ == kSortedAtOnce) {
                return nullptr;
            }
            TimerNode &node = *sorting_.next;
            unlink(node);
            place(node);
            continue;
        }
        const Earliest first = earliest();
        if (first.slot < 0 || first.begin > now) {
            present_ = std::max(present_, now);
            return nullptr;
        }
        TimerNode &head = slots_[static_cast<size_t>(first.slot)];
        if (first.wheel == 0) {
            present_ = first.begin;
            return head.next;
        }
        const bool alone = head.next == head.previous;
        if (alone && head.next->deadline > now) {
            return nullptr;  // the present waits before its slot, so that it need not go down
        }
        present_ = alone ? head.next->deadline : first.begin;
        move_all(head, sorting_);
        free_if_empty(head);
    }
}

TimerNode *TimingWheel::any() {
    const Earliest first = earliest();
    return sorting() ? sorting_.next : first.slot < 0 ? nullptr : slots_[static_cast<size_t>(first.slot)].next;
}

std::optional<Nanos> TimingWheel::next() const {
    if (sorting()) {
        return present_;
    }
    const Earliest first = earliest();
    if (first.slot < 0) {
        return std::nullopt;
    }
    const TimerNode &head = slots_[static_cast<size_t>(first.slot)];
    Nanos least = INT64_MAX;
    int looked_at = 0;
    for (const TimerNode *node = head.next; node != &head; node = node->next) {
        if (++looked_at > kLookedAt) {
            return first.begin;
        }
        least = std::min(least, node->deadline);
    }
    return std::max(least, present_);
}

}  // namespace motet
