// put_json_text writes a text as JSON does, whatever bytes it is of.
// Knows: the escapes of JSON, UTF-8. Must never know: documents.
#pragma once

#include <string>
#include <string_view>

namespace motet {

// Whether it is well-formed UTF-8.
bool is_utf8(std::string_view text);

// Appends it in quotes; what is no UTF-8 becomes U+FFFD.
void put_json_text(std::string &out, std::string_view text);

}  // namespace motet
