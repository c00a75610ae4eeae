#include "core/route/protocol.h"

#include <msgpack.hpp>

#include "core/actor/system.h"
#include "core/message/fields.h"
#include "core/route/hash_key.h"

namespace motet {

ByteVector encode_routees(const std::vector<Routee> &routees) {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer(buffer);
    packer.pack_map(1);
    packer.pack("routees");
    packer.pack_array(static_cast<uint32_t>(routees.size()));
    for (const Routee &routee : routees) {
        const std::string path = routee.ref->full_path();
        packer.pack_ext(path.size(), kRefExtension);
        packer.pack_ext_body(path.data(), static_cast<uint32_t>(path.size()));
    }
    return {buffer.data(), buffer.data() + buffer.size()};
}

std::optional<std::string> decode_routee(Bytes body) {
    auto fields = find_fields(body, {"routee"});
    return fields && (*fields)[0].is(Field::Kind::ref) ? std::optional(std::string((*fields)[0].bytes)) : std::nullopt;
}

std::optional<int64_t> decode_change(Bytes body) {
    auto fields = find_fields(body, {"change"});
    if (!fields || !(*fields)[0].is(Field::Kind::integer) ||
        (!(*fields)[0].negative && (*fields)[0].integer > INT64_MAX)) {
        return std::nullopt;
    }
    return static_cast<int64_t>((*fields)[0].integer);
}

Code unwrap(const Envelope &wrapper, System &system, Unwrapped &inner) {
    auto fields = find_fields(wrapper.payload(), {"type", "payload", "key"});
    if (!fields || !(*fields)[0].is(Field::Kind::text) || !(*fields)[1].is(Field::Kind::binary)) {
        return Code::MALFORMED;
    }
    const auto &[name, payload, key] = *fields;
    inner.key = hash_of_key(key);
    if (!inner.key && wrapper.type() == types::consistent_hashable_envelope) {
        return Code::MALFORMED;
    }
    Result<TypeId> type = system.types().intern_any(name.bytes);
    const bool engines = type.ok() && type.value() >= types::first_user && name.bytes.starts_with("motet.");
    if (!type.ok() || engines || !is_sendable(type.value())) {
        return Code::MALFORMED;
    }
    const Bytes bytes{reinterpret_cast<const uint8_t *>(payload.bytes.data()), payload.bytes.size()};
    inner.envelope = Envelope::make(type.value(), bytes, wrapper.sender(), wrapper.trace());
    return inner.envelope ? Code::OK : Code::NO_MEMORY;
}

}  // namespace motet
