// Payloads as JSON: a text that anybody may have written, and a value of MessagePack that anybody may have sent.
#include "core/message/codec.h"
#include "tests/fuzz/fuzz.h"

namespace motet {
namespace {

using fuzz::require;

Bytes bytes_of(const std::string &text) { return {reinterpret_cast<const uint8_t *>(text.data()), text.size()}; }

// What could be written is read again, and means the same.
void come_back(const std::string &json) {
    const auto value = json_to_msgpack(json);
    require(value.ok(), "what was written as JSON is JSON");
    const auto again = json_from_msgpack(bytes_of(value.value()));
    require(again.ok() && again.value() == json, "it comes back as it was");
}

}  // namespace
}  // namespace motet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const auto written = motet::json_from_msgpack({data, size});
    if (written.ok()) {
        motet::come_back(written.value());
    }
    const auto read = motet::json_to_msgpack(motet::fuzz::as_text(data, size));
    if (read.ok()) {
        const auto again = motet::json_from_msgpack(motet::bytes_of(read.value()));
        motet::fuzz::require(again.ok(), "what was read as JSON can be written");
        motet::come_back(again.value());
    }
    motet::fuzz::require(written.ok() || !written.status().message().empty(), "a refusal says why");
    motet::fuzz::require(read.ok() || !read.status().message().empty(), "a refusal says why");
    return 0;
}
