// Stage: where local figures are played: a system without remoting, its message types, and a flag that an actor raises.
// Knows: the C interface. Must never know: what is measured.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "bench/figure.h"

namespace motet::bench {

// The payload of every message that is measured.
inline constexpr uint8_t kPayload[16] = {};

class Stage {
  public:
    using Setting = std::pair<const char *, const char *>;

    explicit Stage(std::initializer_list<Setting> settings = {}) {
        motet_config_t *config = motet_config_new();
        check(motet_config_set(config, "remote.enabled", "off"));
        check(motet_config_set(config, "log.level", "warning"));
        for (auto [key, value] : settings) {
            check(motet_config_set(config, key, value));
        }
        check(motet_system_start(config, &system));
        motet_config_free(config);
        ball = type("bench.Ball");
        credit = type("bench.Credit");
    }

    ~Stage() { motet_system_free(system); }

    Stage(const Stage &) = delete;
    Stage &operator=(const Stage &) = delete;

    // No handler runs afterwards: what the actors' states point to may go.
    void close() { check(motet_system_close(system, 10'000)); }

    motet_ref_t *spawn(motet_receive_fn receive, void *state) {
        motet_props_t *props = motet_props_new(receive, state);
        motet_ref_t *ref = nullptr;
        check(motet_system_spawn(system, props, nullptr, &ref));
        motet_props_free(props);
        return ref;
    }

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

    motet_system_t *system = nullptr;
    motet_type_t ball = 0;
    motet_type_t credit = 0;

  private:
    motet_type_t type(const char *name) {
        motet_type_t number = motet_system_type(system, name);
        check(int64_t{number});
        return number;
    }

    std::atomic<bool> raised_{false};
};

}  // namespace motet::bench
