// Stage: where local figures are played: a system without remoting, its message types, and a flag that an actor raises.
// Knows: the C interface. Must never know: what is measured.
#pragma once

#include <atomic>
#include <cstdint>

#include "bench/system.h"

namespace motet::bench {

// The payload of every message that is measured.
inline constexpr uint8_t kPayload[16] = {};

class Stage : public System {
  public:
    explicit Stage(std::initializer_list<Setting> settings = {}) : System({{"remote.enabled", "off"}}, settings) {}

    void tell(const motet_ref_t *target, motet_type_t type) {
        check(motet_ref_tell(target, nullptr, type, kPayload, sizeof kPayload, nullptr, 0));
    }

    // The flag: an actor raises it, the measuring thread awaits it.
    void raise() {
        raised_.store(true, std::memory_order_release);
        raised_.notify_one();
    }

    void await() {
        raised_.wait(false, std::memory_order_acquire);
        raised_.store(false, std::memory_order_relaxed);
    }

    const motet_type_t ball = type("bench.Ball");
    const motet_type_t credit = type("bench.Credit");

  private:
    std::atomic<bool> raised_{false};
};

}  // namespace motet::bench
