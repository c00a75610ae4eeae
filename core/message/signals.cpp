#include "core/message/signals.h"

#include <msgpack.hpp>

namespace motet {

namespace {

// Writes MessagePack into a vector of bytes.
class Sink {
  public:
    void write(const char *data, size_t size) { bytes.insert(bytes.end(), data, data + size); }
    ByteVector bytes;
};

using Packer = msgpack::packer<Sink>;

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

Status decode_failure(Bytes body) {
    auto code = static_cast<int32_t>(Code::FAILED);
    std::string text = "the reply says that the request failed";
    try {
        msgpack::object_handle handle = msgpack::unpack(reinterpret_cast<const char *>(body.data()), body.size());
        const msgpack::object &map = handle.get();
        if (map.type != msgpack::type::MAP) {
            return Status(Code::MALFORMED, "a failure reply whose body is not a map");
        }
        for (const auto &entry : std::span(map.via.map.ptr, map.via.map.size)) {
            auto key = entry.key.as<std::string_view>();
            if (key == "code") {
                code = entry.val.as<int32_t>();
            } else if (key == "error") {
                text = entry.val.as<std::string>();
            }
        }
    } catch (const std::exception &e) {
        return Status(Code::MALFORMED, std::string("a failure reply that is not well formed: ") + e.what());
    }
    return Status(code < 0 ? static_cast<Code>(code) : Code::FAILED, text);
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

ByteVector encode_dead_letter(const DeadLetterBody &body) {
    Sink sink;
    Packer packer(sink);
    packer.pack_map(6);
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
    packer.pack("trace");
    packer.pack(body.trace.none() ? std::string() : body.trace.to_traceparent());
    return std::move(sink.bytes);
}

}  // namespace motet
