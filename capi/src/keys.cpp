#include <motet/keys.h>

#include "capi/src/objects.h"
#include "core/remote/curve_key.h"

using motet::capi::find_node;
using motet::capi::guard;
using motet::capi::null_argument;

motet_error_t *motet_keys_create(const char *secret_file) {
    return guard([&]() -> motet::Status {
        if (secret_file == nullptr) {
            return null_argument("secret_file");
        }
        motet::Result<motet::CurveKeyPair> keys = motet::CurveKeyPair::make();
        return keys.ok() ? keys.value().write(secret_file) : std::move(keys.status());
    });
}

motet_error_t *motet_system_reload_keys(motet_system_t *system) {
    return guard([&]() -> motet::Status {
        motet::Result<motet::Ptr<motet::Node>> node = find_node(system);
        return node.ok() ? node.value()->reload_keys() : std::move(node.status());
    });
}
