// Config: the settings of a system, by key, as text.
// Knows the C interface's configuration.
// Must never know a key: the engine's table does. (One excepted: a program in C++ says so in its traces.)
#pragma once

#include <motet/config.h>
#include <motet/error.hpp>

#include <memory>
#include <optional>
#include <string>

namespace motet {

// Config is a set of settings that starts with the defaults. docs/configuration.md lists the keys.
class Config {
  public:
    Config() : config_(motet_config_new(), motet_config_free) {
        if (config_ == nullptr) {
            throw std::bad_alloc();
        }
        set("system.language", "cpp");
    }

    // Sets one value; an unknown key or a bad value is an Error that names it and what would be accepted.
    Config &set(const std::string &key, const std::string &value) {
        detail::check(motet_config_set(config_.get(), key.c_str(), value.c_str()));
        return *this;
    }

    // The value of a key, its default where it was not set; nothing for an unknown key.
    [[nodiscard]] std::optional<std::string> get(const std::string &key) const {
        const char *value = motet_config_get(config_.get(), key.c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    }

    // Reads a TOML file over the present values.
    Config &load_file(const std::string &path) {
        detail::check(motet_config_load_file(config_.get(), path.c_str()));
        return *this;
    }

    // Reads the environment variables MOTET_*.
    Config &load_environment() {
        detail::check(motet_config_load_environment(config_.get()));
        return *this;
    }

    // Reads a program's arguments, each "--key=value".
    Config &load_arguments(int argc, const char *const *argv) {
        for (int i = 1; i < argc; ++i) {
            std::string argument = argv[i];
            std::size_t equals = argument.find('=');
            if (!argument.starts_with("--") || equals == std::string::npos) {
                throw Error(Code::invalid, "argument \"" + argument + "\": expected --key=value");
            }
            set(argument.substr(2, equals - 2), argument.substr(equals + 1));
        }
        return *this;
    }

    [[nodiscard]] const motet_config_t *get() const { return config_.get(); }

  private:
    std::unique_ptr<motet_config_t, decltype(&motet_config_free)> config_;
};

}  // namespace motet
