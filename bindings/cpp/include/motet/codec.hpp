// Codec: C++ values to MessagePack and back, refs at any depth included.
// Knows msgpack-cxx and refs.
// Must never know message types.
#pragma once

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include <motet/error.hpp>
#include <motet/message.h>
#include <motet/ref.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace motet {

using Bytes = std::span<const std::uint8_t>;

namespace detail {

// Payloads nested deeper than this are refused.
inline constexpr std::size_t max_depth = 256;
// A thread keeps its encoding buffer between messages up to this size.
inline constexpr std::size_t max_kept_buffer = std::size_t{64} << 10;

// The system in which refs are resolved while this thread decodes a payload. A ref travels as its path, and only a
// system can make a ref of a path; the codec of a struct has no place to pass one.
inline thread_local motet_system_t *decoding_system = nullptr;

// DecodingScope is the time of one decoding.
class DecodingScope {
  public:
    explicit DecodingScope(motet_system_t *system) : previous_(std::exchange(decoding_system, system)) {}
    ~DecodingScope() { decoding_system = previous_; }
    DecodingScope(const DecodingScope &) = delete;
    DecodingScope &operator=(const DecodingScope &) = delete;

  private:
    motet_system_t *previous_;
};

// Encodes a value and gives the bytes to use, which must not keep them. A struct without fields is an empty map.
template <class Value, class Use> auto encode(const Value &value, Use &&use) {
    thread_local msgpack::sbuffer buffer;
    buffer.clear();
    if constexpr (std::is_empty_v<Value>) {
        msgpack::packer<msgpack::sbuffer>(buffer).pack_map(0);
    } else {
        msgpack::pack(buffer, value);
    }
    auto result = use(Bytes(reinterpret_cast<const std::uint8_t *>(buffer.data()), buffer.size()));
    if (buffer.size() > max_kept_buffer) {
        buffer = msgpack::sbuffer();
    }
    return result;
}

[[noreturn]] inline void refuse_payload(const char *name, const std::string &reason) {
    throw Error(Code::malformed, std::string("the payload of ") + name + " " + reason);
}

// Decodes a payload; name is the type's, for the error's sentence. Every declared length is at most the payload's own
// size, so that nothing is allocated on the word of a few bytes.
template <class Value> Value decode(motet_system_t *system, Bytes payload, const char *name) {
    if constexpr (std::is_empty_v<Value>) {
        return Value{};
    } else {
        DecodingScope scope(system);
        try {
            std::size_t size = payload.size();
            std::size_t end = 0;
            msgpack::object_handle handle =
                msgpack::unpack(reinterpret_cast<const char *>(payload.data()), size, end, nullptr, nullptr,
                                msgpack::unpack_limit(size, size, size, size, size, max_depth));
            if (end != size) {
                refuse_payload(name, "has bytes after its end");
            }
            return handle.get().as<Value>();
        } catch (const msgpack::unpack_error &error) {
            refuse_payload(name, std::string("is not MessagePack: ") + error.what());
        } catch (const msgpack::type_error &) {
            refuse_payload(name, "does not have the fields of that type");
        }
    }
}

}  // namespace detail
}  // namespace motet

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
    namespace adaptor {

    // A ref is extension 1 with its full path; nobody is nil.
    template <> struct pack<motet::Ref> {
        template <class Stream>
        msgpack::packer<Stream> &operator()(msgpack::packer<Stream> &packer, const motet::Ref &ref) const {
            if (!ref) {
                return packer.pack_nil();
            }
            std::string path = ref.path();
            packer.pack_ext(path.size(), MOTET_EXTENSION_REF);
            return packer.pack_ext_body(path.data(), static_cast<std::uint32_t>(path.size()));
        }
    };

    template <> struct convert<motet::Ref> {
        const msgpack::object &operator()(const msgpack::object &object, motet::Ref &ref) const {
            if (object.is_nil()) {
                ref = motet::Ref();
                return object;
            }
            if (object.type != msgpack::type::EXT || object.via.ext.type() != MOTET_EXTENSION_REF) {
                throw msgpack::type_error();
            }
            motet_ref_t *resolved = nullptr;
            std::string path(object.via.ext.data(), object.via.ext.size);
            motet::detail::check(motet_system_ref(motet::detail::decoding_system, path.c_str(), &resolved));
            ref = motet::Ref(resolved);
            return object;
        }
    };

    }  // namespace adaptor
}
}  // namespace msgpack
