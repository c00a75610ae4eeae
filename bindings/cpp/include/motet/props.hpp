// Props: the description of an actor, from which it is made.
// Knows the C interface's props.
// Must never know what the actor does.
#pragma once

#include <motet/actor.h>
#include <motet/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace motet {

// Props describes an actor; motet::actor() makes one, of_type() describes one by the name of a registered type. It may
// be used for any number of actors.
class Props {
  public:
    explicit Props(motet_props_t *owned) : props_(owned, motet_props_free) {
        if (props_ == nullptr) {
            throw std::bad_alloc();
        }
    }

    // arguments: what it is made with, MessagePack by convention; see motet_props_of_type().
    static Props of_type(const std::string &type, const std::vector<std::uint8_t> &arguments = {}) {
        return Props(motet_props_of_type(type.c_str(), arguments.data(), arguments.size()));
    }

    // Sets one property, "dispatcher" or "supervision.max-retries" and so on; see motet_props_set().
    Props &set(const std::string &key, const std::string &value) & {
        detail::check(motet_props_set(props_.get(), key.c_str(), value.c_str()));
        return *this;
    }
    Props &&set(const std::string &key, const std::string &value) && { return std::move(set(key, value)); }

    [[nodiscard]] const motet_props_t *get() const { return props_.get(); }

  private:
    std::unique_ptr<motet_props_t, decltype(&motet_props_free)> props_;
};

}  // namespace motet
