// The key of a message for consistent hashing, as a number.
// Knows: fields. Must never know: routees.
#pragma once

#include <optional>

#include "core/message/fields.h"

namespace motet {

// The hash of a key: of the bytes of a text or a binary, of the decimal digits of an integer. Nothing when the field is
// no such thing.
std::optional<uint64_t> hash_of_key(const Field &key);

}  // namespace motet
