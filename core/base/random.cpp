#include "core/base/random.h"

#include <random>

namespace motet {

uint64_t random_uid() {
    std::random_device device;
    uint64_t uid = 0;
    while (uid == 0) {
        uid = (static_cast<uint64_t>(device()) << 32) | device();
    }
    return uid;
}

}  // namespace motet
