// Fields are what stands under a few names in a MessagePack map, found without unpacking the rest.
// Knows: MessagePack. Must never know: what the fields mean.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/message/message.h"

namespace motet {

constexpr int8_t kRefExtension = 1;  // MOTET_EXTENSION_REF

struct Field {
    enum class Kind { absent, text, binary, integer, ref, other };
    Kind kind = Kind::absent;
    std::string_view bytes;  // of a text, a binary, the path of a ref; a view into the map
    uint64_t integer = 0;
    bool negative = false;  // then integer is the two's complement

    bool is(Kind wanted) const { return kind == wanted; }
};

// Looks up names in a map. False when the bytes are no map, or not well formed as far as they were read.
bool find_fields(Bytes map, std::span<const std::string_view> names, std::span<Field> found);

// The same by value: find_fields(body, {"type", "payload"}).
template <size_t count>
std::optional<std::array<Field, count>> find_fields(Bytes map, const std::string_view (&names)[count]) {
    std::array<Field, count> found;
    return find_fields(map, names, found) ? std::optional(found) : std::nullopt;
}

}  // namespace motet
