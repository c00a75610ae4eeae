// Handles: long-lived objects are known to callers by a slot and a generation, made to look like a pointer. A stale
// handle finds nothing instead of touching freed memory. The tables are the one process-wide state of the library.
// Knows: slots. Must never know: what the objects are.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/base/ref_counted.h"

namespace motet::capi {

template <typename Object, typename Handle> class HandleTable {
  public:
    Handle *add(Ptr<Object> object) {
        std::lock_guard lock(mutex_);
        uint32_t index;
        if (free_.empty()) {
            index = static_cast<uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            index = free_.back();
            free_.pop_back();
        }
        slots_[index].object = std::move(object);
        return encode(index, slots_[index].generation);
    }

    // The object of a handle, held; none for NULL, a stale handle or anything else.
    Ptr<Object> find(const Handle *handle) const {
        auto [index, generation] = decode(handle);
        std::lock_guard lock(mutex_);
        return index < slots_.size() && slots_[index].generation == generation ? slots_[index].object : Ptr<Object>();
    }

    // Ends a handle and gives back its object.
    Ptr<Object> remove(const Handle *handle) {
        auto [index, generation] = decode(handle);
        std::lock_guard lock(mutex_);
        if (index >= slots_.size() || slots_[index].generation != generation) {
            return {};
        }
        ++slots_[index].generation;
        free_.push_back(index);
        return std::exchange(slots_[index].object, {});
    }

  private:
    struct Slot {
        Ptr<Object> object;
        uint32_t generation = 1;
    };

    // Low bit set, so that a handle never equals the address of an object.
    static Handle *encode(uint32_t index, uint32_t generation) {
        return reinterpret_cast<Handle *>((static_cast<uintptr_t>(generation) << 32) |
                                          (static_cast<uintptr_t>(index) << 1) | 1);
    }

    static std::pair<uint32_t, uint32_t> decode(const Handle *handle) {
        auto bits = reinterpret_cast<uintptr_t>(handle);
        if ((bits & 1) == 0) {
            return {UINT32_MAX, 0};
        }
        return {static_cast<uint32_t>(bits & 0xffffffffu) >> 1, static_cast<uint32_t>(bits >> 32)};
    }

    mutable std::mutex mutex_;
    std::vector<Slot> slots_;     // under mutex_
    std::vector<uint32_t> free_;  // under mutex_
};

}  // namespace motet::capi
