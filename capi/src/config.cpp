#include "capi/src/config.h"

#include "capi/src/guard.h"
#include "core/config/value.h"

using motet::capi::guard;
using motet::capi::guard_number;
using motet::capi::guard_or;
using motet::capi::null_argument;

motet_config_t *motet_config_new(void) {
    return guard_or(nullptr, [] { return new motet_config; });
}

motet_error_t *motet_config_set(motet_config_t *config, const char *key, const char *value) {
    return guard([&] {
        if (config == nullptr || key == nullptr || value == nullptr) {
            return null_argument(config == nullptr ? "config" : key == nullptr ? "key" : "value");
        }
        return config->config.set(key, value);
    });
}

const char *motet_config_get(motet_config_t *config, const char *key) {
    return guard_or(nullptr, [&]() -> const char * {
        if (config == nullptr || key == nullptr) {
            return nullptr;
        }
        auto value = config->config.get(key);
        if (!value.ok()) {
            return nullptr;
        }
        config->lent = std::move(value.value());
        return config->lent.c_str();
    });
}

int64_t motet_config_duration(const motet_config_t *config, const char *key) {
    return guard_number([&]() -> int64_t {
        if (config == nullptr || key == nullptr) {
            return MOTET_E_INVALID;
        }
        const auto value = config->config.get(key);
        if (!value.ok()) {
            return static_cast<int64_t>(value.status().code());
        }
        return motet::parse_duration(value.value()).value_or(MOTET_E_INVALID);
    });
}

motet_error_t *motet_config_load_file(motet_config_t *config, const char *path) {
    return guard([&] {
        if (config == nullptr || path == nullptr) {
            return null_argument(config == nullptr ? "config" : "path");
        }
        return config->config.load_file(path);
    });
}

motet_error_t *motet_config_load_environment(motet_config_t *config) {
    return guard([&] { return config == nullptr ? null_argument("config") : config->config.load_environment(); });
}

void motet_config_free(motet_config_t *config) { delete config; }
