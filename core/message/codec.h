// A codec is how a value becomes the payload of a message; the name of the message's type says which.
// Knows: the names of codecs, MessagePack, JSON. Must never know: what a message means, or who sends it.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/message/message.h"

namespace motet {

// The codec in the name of a type: "json" of "demo.Job+json", "msgpack" of "demo.Job". A view of the name, or static.
std::string_view codec_of(std::string_view type_name);

// Whether what stands behind the '+' in a name, if there is one, can be a codec's.
bool names_codec_well(std::string_view type_name);

// The same value as JSON (RFC 8259), and back. A ref is the object {"$ref": path}. What the other form does not have is
// refused, MALFORMED: in JSON there are no binaries, no extensions but refs, only texts as keys, no infinity; and
// values nested deeper than 64 in either.
Result<std::string> json_from_msgpack(Bytes value);
Result<std::string> json_to_msgpack(std::string_view json);

}  // namespace motet
