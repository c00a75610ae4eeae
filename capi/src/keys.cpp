#include <motet/keys.h>

#include "capi/src/guard.h"
#include "core/remote/curve_key.h"

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
