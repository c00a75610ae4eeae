#include <motet/wire.h>

#include "capi/src/objects.h"
#include "core/message/wire_text.h"

using namespace motet::capi;

int64_t motet_wire_describe(const uint8_t *data, size_t size, char *buffer, size_t capacity) {
    return guard_number([&]() -> int64_t {
        return data == nullptr ? MOTET_E_INVALID
                               : copy_text(motet::wire::describe(to_bytes(data, size)), buffer, capacity);
    });
}
