// Fields: the fields of a struct, by name.
// Knows nothing but msgpack-cxx's own description of a struct, which it adds to.
// Must never know how fields are encoded.
#pragma once

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

// Names the fields of a struct that travel, inside the struct: MOTET_FIELDS(id, text). They are a map by these names,
// in every language; a type of msgpack-cxx too.
#define MOTET_FIELDS(...)                                                                                              \
    MSGPACK_DEFINE_MAP(__VA_ARGS__)                                                                                    \
    static constexpr std::string_view motet_field_names = #__VA_ARGS__;                                                \
    template <class Use> bool motet_use_fields(Use &&use) { return use(__VA_ARGS__); }                                 \
    template <class Use> bool motet_use_fields(Use &&use) const { return use(__VA_ARGS__); }

namespace motet::detail {

template <class Value>
concept HasFields = requires {
    Value::motet_field_names;
};

// "id, text" as its parts.
template <std::size_t count> constexpr std::array<std::string_view, count> split_names(std::string_view names) {
    std::array<std::string_view, count> parts;
    for (std::string_view &part : parts) {
        part = names.substr(0, names.find(','));
        names.remove_prefix(std::min(names.size(), part.size() + 1));
        part.remove_prefix(std::min(part.size(), part.find_first_not_of(' ')));
        part = part.substr(0, part.find(' '));
    }
    return parts;
}

// Calls use(field) for the field of this name; whether there is one.
template <HasFields Value, class Use> bool with_field(Value &value, std::string_view name, Use &&use) {
    return value.motet_use_fields([&](auto &...fields) {
        static constexpr auto names = split_names<sizeof...(fields)>(Value::motet_field_names);
        const std::string_view *next = names.data();
        return ((name == *next++ && (use(fields), true)) || ...);
    });
}

}  // namespace motet::detail
