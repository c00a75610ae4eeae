#include "core/route/hash_key.h"

#include "core/route/hash_ring.h"

namespace motet {

std::optional<uint64_t> hash_of_key(const Field &key) {
    switch (key.kind) {
    case Field::Kind::text:
    case Field::Kind::binary:
        return HashRing::hash(key.bytes);
    case Field::Kind::integer:
        return HashRing::hash(key.negative ? std::to_string(static_cast<int64_t>(key.integer))
                                           : std::to_string(key.integer));
    default:
        return std::nullopt;
    }
}

}  // namespace motet
