#include "core/message/handshake.h"

#include <msgpack.hpp>

namespace motet::wire {

namespace {

constexpr size_t kMaxKeys = 32;
constexpr size_t kMaxText = 2048;
constexpr size_t kMaxDepth = 4;

struct BufferStream {
    ByteBuffer &out;
    void write(const char *bytes, size_t size) { out.append({reinterpret_cast<const uint8_t *>(bytes), size}); }
};

using Packer = msgpack::packer<BufferStream>;

template <typename Fill>
ByteBuffer write_map(FrameKind kind, Lane lane, uint64_t from, uint64_t to, uint32_t keys, Fill fill) {
    ByteBuffer frame;
    begin_frame(frame);
    BufferStream stream{frame};
    Packer packer(stream);
    packer.pack_map(keys);
    fill(packer);
    FrameHeader header;
    header.kind = kind;
    header.lane = lane;
    header.from = from;
    header.to = to;
    finish_frame(frame, header);
    return frame;
}

void pack(Packer &packer, const char *key, const std::string &value) { packer.pack(key).pack(value); }
void pack(Packer &packer, const char *key, uint64_t value) { packer.pack(key).pack(value); }

// A MessagePack map with text keys that was read from the network.
class Map {
  public:
    static Result<Map> read(Bytes body) {
        Map map;
        try {
            size_t used = 0;
            const msgpack::unpack_limit limit(kMaxKeys, kMaxKeys, kMaxText, kMaxText, kMaxText, kMaxDepth);
            map.handle_ = msgpack::unpack(reinterpret_cast<const char *>(body.data()), body.size(), used, nullptr,
                                          nullptr, limit);
            if (used != body.size()) {
                return malformed("bytes follow the map");
            }
        } catch (const std::exception &error) {
            return malformed(error.what());
        }
        if (map.handle_->type != msgpack::type::MAP) {
            return malformed("not a map");
        }
        return map;
    }

    static Status malformed(const std::string &reason) { return Status(Code::MALFORMED, "handshake: " + reason); }

    Result<std::string> text(std::string_view key) const {
        const msgpack::object *value = find(key);
        if (value == nullptr || value->type != msgpack::type::STR) {
            return malformed("\"" + std::string(key) + "\" is missing or not text");
        }
        return std::string(value->via.str.ptr, value->via.str.size);
    }

    Result<uint64_t> number(std::string_view key, uint64_t max) const {
        const msgpack::object *value = find(key);
        if (value == nullptr || value->type != msgpack::type::POSITIVE_INTEGER || value->via.u64 > max) {
            return malformed("\"" + std::string(key) + "\" is missing or not a number up to " + std::to_string(max));
        }
        return value->via.u64;
    }

    Result<Address> address(std::string_view key) const {
        Result<std::string> written = text(key);
        if (!written.ok()) {
            return std::move(written.status());
        }
        Result<Address> address = Address::parse(written.value());
        if (!address.ok()) {
            return malformed(address.status().message());
        }
        return address;
    }

  private:
    const msgpack::object *find(std::string_view key) const {
        const msgpack::object_map &map = handle_->via.map;
        for (uint32_t i = 0; i < map.size; ++i) {
            const msgpack::object &name = map.ptr[i].key;
            if (name.type == msgpack::type::STR && std::string_view(name.via.str.ptr, name.via.str.size) == key) {
                return &map.ptr[i].val;
            }
        }
        return nullptr;
    }

    msgpack::object_handle handle_;
};

// The uid in the header is the one that counts; it must be there.
Result<UniqueAddress> read_from(const FrameHeader &header, const Map &map) {
    Result<Address> address = map.address("address");
    if (!address.ok()) {
        return std::move(address.status());
    }
    if (header.from == 0) {
        return Map::malformed("a uid of 0");
    }
    return UniqueAddress{std::move(address.value()), header.from};
}

}  // namespace

ByteBuffer write_hello(const Hello &hello, Lane lane) {
    return write_map(FrameKind::hello, lane, hello.from.uid, 0, 5, [&](Packer &packer) {
        pack(packer, "address", hello.from.address.text());
        pack(packer, "to", hello.to.text());
        pack(packer, "oldest-version", hello.oldest_version);
        pack(packer, "version", hello.version);
        pack(packer, "cookie", hello.cookie);
    });
}

ByteBuffer write_welcome(const Welcome &welcome, Lane lane, uint64_t to) {
    return write_map(FrameKind::welcome, lane, welcome.from.uid, to, 3, [&](Packer &packer) {
        pack(packer, "address", welcome.from.address.text());
        pack(packer, "called", welcome.called.text());
        pack(packer, "version", welcome.version);
    });
}

ByteBuffer write_reject(const Reject &reject, Lane lane, uint64_t to) {
    return write_map(FrameKind::reject, lane, reject.from.uid, to, reject.called ? 4 : 3, [&](Packer &packer) {
        pack(packer, "address", reject.from.address.text());
        if (reject.called) {
            pack(packer, "called", reject.called->text());
        }
        pack(packer, "code", static_cast<uint64_t>(reject.code));
        pack(packer, "reason", reject.reason.substr(0, kMaxText));
    });
}

Result<Hello> read_hello(const FrameHeader &header, Bytes body) {
    const Result<Map> map = Map::read(body);
    if (!map.ok()) {
        return Status(map.status().code(), map.status().message());
    }
    Result<UniqueAddress> from = read_from(header, map.value());
    Result<Address> to = map.value().address("to");
    Result<uint64_t> oldest = map.value().number("oldest-version", 255);
    Result<uint64_t> version = map.value().number("version", 255);
    Result<std::string> cookie = map.value().text("cookie");
    for (Status *status : {&from.status(), &to.status(), &oldest.status(), &version.status(), &cookie.status()}) {
        if (!status->ok()) {
            return std::move(*status);
        }
    }
    return Hello{std::move(from.value()), std::move(to.value()), static_cast<uint8_t>(oldest.value()),
                 static_cast<uint8_t>(version.value()), std::move(cookie.value())};
}

Result<Welcome> read_welcome(const FrameHeader &header, Bytes body) {
    const Result<Map> map = Map::read(body);
    if (!map.ok()) {
        return Status(map.status().code(), map.status().message());
    }
    Result<UniqueAddress> from = read_from(header, map.value());
    Result<Address> called = map.value().address("called");
    Result<uint64_t> version = map.value().number("version", 255);
    for (Status *status : {&from.status(), &called.status(), &version.status()}) {
        if (!status->ok()) {
            return std::move(*status);
        }
    }
    return Welcome{std::move(from.value()), std::move(called.value()), static_cast<uint8_t>(version.value())};
}

Result<Reject> read_reject(const FrameHeader &header, Bytes body) {
    const Result<Map> map = Map::read(body);
    if (!map.ok()) {
        return Status(map.status().code(), map.status().message());
    }
    Result<UniqueAddress> from = read_from(header, map.value());
    Result<uint64_t> code = map.value().number("code", 255);
    Result<std::string> reason = map.value().text("reason");
    for (Status *status : {&from.status(), &code.status(), &reason.status()}) {
        if (!status->ok()) {
            return std::move(*status);
        }
    }
    for (char &c : reason.value()) {
        c = is_printable({&c, 1}) ? c : '?';  // it will be logged
    }
    const bool known = code.value() >= 1 && code.value() <= static_cast<uint64_t>(RejectCode::wrong_identity);
    Result<Address> called = map.value().address("called");
    return Reject{std::move(from.value()), called.ok() ? std::optional(std::move(called.value())) : std::nullopt,
                  known ? static_cast<RejectCode>(code.value()) : RejectCode::unknown, std::move(reason.value())};
}

}  // namespace motet::wire
