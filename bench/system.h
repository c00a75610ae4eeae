// System: a system as benchmarks start one, every call of which must succeed.
// Knows: the C interface. Must never know: what is measured.
#pragma once

#include <initializer_list>
#include <utility>

#include "bench/figure.h"

namespace motet::bench {

class System {
  public:
    using Setting = std::pair<const char *, const char *>;

    explicit System(std::initializer_list<Setting> settings, std::initializer_list<Setting> more = {}) {
        motet_config_t *config = motet_config_new();
        check(motet_config_set(config, "log.level", "warning"));
        for (auto list : {settings, more}) {
            for (auto [key, value] : list) {
                check(motet_config_set(config, key, value));
            }
        }
        check(motet_system_start(config, &handle_));
        motet_config_free(config);
    }

    ~System() { motet_system_free(handle_); }

    System(const System &) = delete;
    System &operator=(const System &) = delete;

    // No handler runs afterwards: what the actors' states point to may go.
    void close() { check(motet_system_close(handle_, 10'000)); }

    motet_type_t type(const char *name) {
        motet_type_t number = motet_system_type(handle_, name);
        check(int64_t{number});
        return number;
    }

    // name: null for a generated one.
    motet_ref_t *spawn(motet_receive_fn receive, void *state, const char *name = nullptr) {
        motet_props_t *props = motet_props_new(receive, state);
        motet_ref_t *ref = nullptr;
        check(motet_system_spawn(handle_, props, name, &ref));
        motet_props_free(props);
        return ref;
    }

    motet_system_t *get() const { return handle_; }

  private:
    motet_system_t *handle_ = nullptr;
};

}  // namespace motet::bench
