#include <motet/codec.h>

#include "capi/src/guard.h"
#include "core/base/json.h"
#include "core/message/codec.h"

using motet::Result;
using motet::Status;
using motet::capi::guard;
using motet::capi::null_argument;

struct motet_bytes {
    std::string bytes;
};

namespace {

std::string_view to_text(const uint8_t *data, size_t size) { return {reinterpret_cast<const char *>(data), size}; }

// Makes bytes of others.
template <class Make>
motet_error_t *make_bytes(const uint8_t *data, size_t size, motet_bytes_t **out, const Make &make) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        *out = nullptr;
        if (data == nullptr && size > 0) {
            return null_argument("data");
        }
        Result<std::string> made = make();
        if (!made.ok()) {
            return std::move(made.status());
        }
        *out = new motet_bytes{std::move(made.value())};
        return {};
    });
}

}  // namespace

const char *motet_type_codec(const char *type_name) {
    return type_name == nullptr ? nullptr : motet::codec_of(type_name).data();
}

int32_t motet_utf8_valid(const uint8_t *data, size_t size) {
    return size == 0 || (data != nullptr && motet::is_utf8(to_text(data, size)));
}

motet_error_t *motet_json_from_msgpack(const uint8_t *data, size_t size, motet_bytes_t **out) {
    return make_bytes(data, size, out, [&] { return motet::json_from_msgpack({data, size}); });
}

motet_error_t *motet_json_to_msgpack(const uint8_t *data, size_t size, motet_bytes_t **out) {
    return make_bytes(data, size, out, [&] { return motet::json_to_msgpack(to_text(data, size)); });
}

const uint8_t *motet_bytes_data(const motet_bytes_t *bytes) {
    return bytes == nullptr ? nullptr : reinterpret_cast<const uint8_t *>(bytes->bytes.c_str());
}

size_t motet_bytes_size(const motet_bytes_t *bytes) { return bytes == nullptr ? 0 : bytes->bytes.size(); }

void motet_bytes_free(motet_bytes_t *bytes) { delete bytes; }
