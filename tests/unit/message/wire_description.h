// Frames as JSON and back, for the vectors in tests/vectors.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/message/handshake.h"
#include "core/message/wire.h"

namespace motet::wire::testing {

using Json = nlohmann::ordered_json;

std::string to_hex(Bytes bytes);
std::vector<uint8_t> from_hex(const std::string &hex);

// What a frame says; {"problem": text} for one that is not well formed.
Json describe(Bytes frame);

// The frame that a description without a problem describes.
ByteBuffer build(const Json &description);

}  // namespace motet::wire::testing
