// Codec: C++ values to MessagePack and back, refs at any depth included.
// Knows msgpack-cxx and refs.
// Must never know message types.
#pragma once

#include <motet/error.hpp>
#include <motet/reader.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <type_traits>

namespace motet {
namespace detail {

// A thread keeps its encoding buffer between messages up to this size.
inline constexpr std::size_t max_kept_buffer = std::size_t{64} << 10;

// What values are encoded into: a type of its own, for which floats stay floats.
struct Buffer : msgpack::sbuffer {};

// Encodes a value and gives the bytes to use, which must not keep them. A struct without fields is an empty map.
template <class Value, class Use> auto encode(const Value &value, Use &&use) {
    thread_local Buffer buffer;
    buffer.clear();
    if constexpr (std::is_empty_v<Value>) {
        msgpack::packer<Buffer>(buffer).pack_map(0);
    } else {
        msgpack::pack(buffer, value);
    }
    auto result = use(Bytes(reinterpret_cast<const std::uint8_t *>(buffer.data()), buffer.size()));
    if (buffer.size() > max_kept_buffer) {
        buffer = Buffer();
    }
    return result;
}

[[noreturn]] inline void refuse_payload(const char *name, const std::string &reason) {
    throw Error(Code::malformed, std::string("the payload of ") + name + " " + reason);
}

// Whether a payload is one value of MessagePack, whatever it holds.
inline bool well_formed(Bytes payload) {
    try {
        Reader reader(nullptr, payload);
        reader.skip();
        return reader.at_end();
    } catch (const msgpack::unpack_error &) {
        return false;
    }
}

// Decodes a payload; name is the type's, for the error's sentence. Every declared length is at most the payload's own
// size, so that nothing is allocated on the word of a few bytes.
template <class Value> Value decode(motet_system_t *system, Bytes payload, const char *name) {
    Value value{};
    if constexpr (!std::is_empty_v<Value>) {
        try {
            Reader reader(system, payload);
            reader.read(value);
            if (!reader.at_end()) {
                refuse_payload(name, "has bytes after its end");
            }
        } catch (const msgpack::unpack_error &error) {
            refuse_payload(name, std::string("is not MessagePack: ") + error.what());
        } catch (const msgpack::type_error &) {
            refuse_payload(name, well_formed(payload) ? "does not have the fields of that type" : "is not MessagePack");
        }
    }
    return value;
}

}  // namespace detail
}  // namespace motet

// msgpack-cxx packs a float without a fraction as an integer, which other languages would read as one.
namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(v1) {
    template <> inline packer<motet::detail::Buffer> &packer<motet::detail::Buffer>::pack_double(double value) {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        char bytes[9] = {static_cast<char>(0xcb)};
        for (int i = 0; i < 8; ++i) {
            bytes[1 + i] = static_cast<char>(bits >> (56 - 8 * i));
        }
        append_buffer(bytes, sizeof bytes);
        return *this;
    }

    template <> inline packer<motet::detail::Buffer> &packer<motet::detail::Buffer>::pack_float(float value) {
        return pack_double(static_cast<double>(value));
    }
}
}  // namespace msgpack

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
            ref = motet::detail::resolve(motet::detail::decoding_system, {object.via.ext.data(), object.via.ext.size});
            return object;
        }
    };

    }  // namespace adaptor
}
}  // namespace msgpack
