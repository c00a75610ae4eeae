#include "core/message/signals.h"

#include <msgpack.hpp>

#include "core/message/fields.h"

namespace motet {

namespace {

// Writes MessagePack into a vector of bytes.
class Sink {
  public:
    void write(const char *data, size_t size) { bytes.insert(bytes.end(), data, data + size); }
    ByteVector bytes;
};

using Packer = msgpack::packer<Sink>;

constexpr size_t kMaxDepth = 16;  // of what is read

}  // namespace

ByteVector encode_failure(Code code, std::string_view text) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(2);
    packer.pack("code");
    packer.pack(static_cast<int32_t>(code));
    packer.pack("error");
    packer.pack(text);
    return std::move(sink.bytes);
}

ByteVector encode_pre_restart(Code code, std::string_view text, std::string_view type, Bytes message) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(4);
    packer.pack("code");
    packer.pack(static_cast<int32_t>(code));
    packer.pack("error");
    packer.pack(text);
    packer.pack("type");
    packer.pack(type);
    packer.pack("message");
    packer.pack_bin(static_cast<uint32_t>(message.size()));
    packer.pack_bin_body(reinterpret_cast<const char *>(message.data()), static_cast<uint32_t>(message.size()));
    return std::move(sink.bytes);
}

Status decode_failure(Bytes body) {
    const auto fields = find_fields(body, {"code", "error"});
    if (!fields) {
        return Status(Code::MALFORMED, "a failure reply whose body is not a well-formed map");
    }
    const auto &[code, error] = *fields;
    const bool known =
        code.is(Field::Kind::integer) && code.negative && static_cast<int64_t>(code.integer) >= INT32_MIN;
    return Status(known ? static_cast<Code>(static_cast<int64_t>(code.integer)) : Code::FAILED,
                  error.is(Field::Kind::text) ? std::string(error.bytes) : "the reply says that the request failed");
}

ByteVector encode_terminated(bool existence_confirmed, bool address_terminated) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(2);
    packer.pack("existence_confirmed");
    packer.pack(existence_confirmed);
    packer.pack("address_terminated");
    packer.pack(address_terminated);
    return std::move(sink.bytes);
}

ByteVector encode_pre_start(std::string_view type, Bytes arguments) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(2);
    packer.pack("type");
    packer.pack(type);
    packer.pack("arguments");
    packer.pack_bin(static_cast<uint32_t>(arguments.size()));
    packer.pack_bin_body(reinterpret_cast<const char *>(arguments.data()), static_cast<uint32_t>(arguments.size()));
    return std::move(sink.bytes);
}

ByteVector encode_pre_start(uint64_t props) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(1);
    packer.pack("props");
    packer.pack(props);
    return std::move(sink.bytes);
}

ByteVector encode_receive_timeout(int64_t timeout) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(1);
    packer.pack("timeout_ns");
    packer.pack(timeout);
    return std::move(sink.bytes);
}

ByteVector encode_dead_letter(const DeadLetterBody &body) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(9);
    packer.pack("cause");
    packer.pack(static_cast<int32_t>(body.cause));
    packer.pack("type");
    packer.pack(body.type);
    packer.pack("target");
    packer.pack(body.target);
    packer.pack("sender");
    packer.pack(body.sender);
    packer.pack("size");
    packer.pack(body.size);
    packer.pack("limit");
    packer.pack(body.limit);
    packer.pack("trace");
    packer.pack(body.trace.none() ? std::string() : body.trace.to_traceparent());
    packer.pack("hops");
    packer.pack(body.hops.first);
    packer.pack("passed_on");
    packer.pack(body.hops.all);
    return std::move(sink.bytes);
}

ByteVector encode_high_water(std::string_view actor, int64_t waiting, int64_t capacity) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(3);
    packer.pack("actor");
    packer.pack(actor);
    packer.pack("waiting");
    packer.pack(waiting);
    packer.pack("capacity");
    packer.pack(capacity);
    return std::move(sink.bytes);
}

Result<DeadLetterBody> decode_dead_letter(Bytes bytes) {
    DeadLetterBody body{};
    try {
        const auto *data = reinterpret_cast<const char *>(bytes.data());
        const size_t most = bytes.size();  // of anything: nothing is larger than what it stands in
        const msgpack::unpack_limit limit(most, most, most, most, most, kMaxDepth);
        const msgpack::object_handle handle = msgpack::unpack(data, bytes.size(), nullptr, nullptr, limit);
        for (const auto &[key, value] : handle.get().as<std::map<std::string, msgpack::object>>()) {
            if (key == "cause") {
                body.cause = static_cast<Code>(value.as<int32_t>());
            } else if (key == "type") {
                body.type = value.as<std::string>();
            } else if (key == "target") {
                body.target = value.as<std::string>();
            } else if (key == "sender") {
                body.sender = value.as<std::string>();
            } else if (key == "size") {
                body.size = value.as<uint64_t>();
            } else if (key == "limit") {
                body.limit = value.as<uint64_t>();
            } else if (key == "trace") {
                body.trace = TraceContext::from_traceparent(value.as<std::string>()).value_or(TraceContext());
            } else if (key == "hops") {
                body.hops.first = value.as<std::vector<std::string>>();
            } else if (key == "passed_on") {
                body.hops.all = value.as<uint16_t>();
            }
        }
    } catch (const std::exception &error) {
        return Status(Code::MALFORMED, std::string("the body of a dead letter: ") + error.what());
    }
    return body;
}

}  // namespace motet
