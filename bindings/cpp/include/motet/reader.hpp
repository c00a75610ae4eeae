// Reader: MessagePack to C++ values, in place: it allocates only what the values themselves do.
// Knows the format, structs with MOTET_FIELDS, refs; leaves every other type to msgpack-cxx.
// Must never know message types.
#pragma once

#include <motet/fields.hpp>
#include <motet/message.h>
#include <motet/ref.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace motet {

using Bytes = std::span<const std::uint8_t>;

namespace detail {

// Payloads nested deeper than this are refused.
inline constexpr std::size_t max_depth = 256;

// The system in which refs are resolved while this thread has msgpack-cxx convert a value. A ref travels as its path,
// and only a system can make a ref of a path; the codec of a struct has no place to pass one.
inline thread_local motet_system_t *decoding_system = nullptr;

// DecodingScope is the time of one conversion.
class DecodingScope {
  public:
    explicit DecodingScope(motet_system_t *system) : previous_(std::exchange(decoding_system, system)) {}
    ~DecodingScope() { decoding_system = previous_; }
    DecodingScope(const DecodingScope &) = delete;
    DecodingScope &operator=(const DecodingScope &) = delete;

  private:
    motet_system_t *previous_;
};

inline Ref resolve(motet_system_t *system, std::string_view path) {
    motet_ref_t *ref = nullptr;
    check(motet_system_ref(system, std::string(path).c_str(), &ref));
    return Ref(ref);
}

// Which vectors are arrays; those of bytes are binary, and left to msgpack-cxx.
template <class Value> inline constexpr bool is_array = false;
template <class Item>
inline constexpr bool is_array<std::vector<Item>> = !(std::is_integral_v<Item> && sizeof(Item) == 1);

// Reader throws msgpack::unpack_error where the payload is not MessagePack, and msgpack::type_error where it is not
// what the value wants.
class Reader {
  public:
    Reader(motet_system_t *system, Bytes payload) : system_(system), left_(payload) {}

    [[nodiscard]] bool at_end() const { return left_.empty(); }

    template <class Value> void read(Value &value) {
        if constexpr (HasFields<Value>) {
            read_fields(value);
        } else if constexpr (std::is_same_v<Value, bool>) {
            value = expect(Kind::boolean).value != 0;
        } else if constexpr (std::is_integral_v<Value>) {
            value = read_integer<Value>();
        } else if constexpr (std::is_enum_v<Value>) {
            value = static_cast<Value>(read_integer<std::underlying_type_t<Value>>());
        } else if constexpr (std::is_floating_point_v<Value>) {
            value = static_cast<Value>(read_real());
        } else if constexpr (std::is_same_v<Value, std::string>) {
            value = characters(expect(Kind::text).value);
        } else if constexpr (std::is_same_v<Value, Ref>) {
            value = read_ref();
        } else if constexpr (is_array<Value>) {
            read_array(value);
        } else {
            read_other(value);
        }
    }

    // Passes over one value, whatever it is.
    void skip() { skip_rest(next()); }

  private:
    enum class Kind : std::uint8_t { nil, boolean, positive, negative, real, text, binary, array, map, extension };

    // How a value begins. value: a number itself, as bits; of all others their size.
    struct Head {
        Kind kind;
        std::uint64_t value;
    };

    // Counts how deep the reader is in what it reads.
    struct Nested {
        explicit Nested(std::size_t &depth) : depth_(depth) {
            if (++depth_ > max_depth) {
                --depth_;
                throw msgpack::depth_size_overflow("depth overflow");
            }
        }
        ~Nested() { --depth_; }
        Nested(const Nested &) = delete;
        Nested &operator=(const Nested &) = delete;
        std::size_t &depth_;
    };

    Bytes take(std::uint64_t size) {
        if (size > left_.size()) {
            throw msgpack::insufficient_bytes("insufficient bytes");
        }
        Bytes taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }

    std::string_view characters(std::uint64_t size) {
        Bytes taken = take(size);
        return {reinterpret_cast<const char *>(taken.data()), taken.size()};
    }

    // An integer of 1, 2, 4 or 8 bytes: of 1 << power.
    std::uint64_t take_number(int power) {
        std::uint64_t number = 0;
        for (std::uint8_t byte : take(std::uint64_t{1} << power)) {
            number = number << 8 | byte;
        }
        return number;
    }
    std::int64_t take_signed(int power) {
        int unused_bits = 64 - (8 << power);
        return static_cast<std::int64_t>(take_number(power) << unused_bits) >> unused_bits;
    }

    // The first byte tells the form; forms of one kind that differ in the size of their number stand together.
    Head next() {
        auto first = static_cast<int>(take_number(0));
        if (first <= 0x7f) {
            return {Kind::positive, static_cast<std::uint64_t>(first)};
        }
        if (first <= 0x8f) {
            return {Kind::map, static_cast<std::uint64_t>(first & 0x0f)};
        }
        if (first <= 0x9f) {
            return {Kind::array, static_cast<std::uint64_t>(first & 0x0f)};
        }
        if (first <= 0xbf) {
            return {Kind::text, static_cast<std::uint64_t>(first & 0x1f)};
        }
        return first >= 0xe0 ? signed_number(first - 0x100) : next_marked(first);
    }

    Head next_marked(int first) {
        if (first == 0xc0) {
            return {Kind::nil, 0};
        }
        if (first == 0xc1) {
            throw msgpack::parse_error("parse error");
        }
        if (first <= 0xc3) {
            return {Kind::boolean, static_cast<std::uint64_t>(first - 0xc2)};
        }
        if (first <= 0xc6) {
            return {Kind::binary, take_number(first - 0xc4)};
        }
        if (first <= 0xc9) {
            return {Kind::extension, take_number(first - 0xc7)};
        }
        if (first == 0xca) {
            auto number = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(take_number(2))));
            return {Kind::real, std::bit_cast<std::uint64_t>(number)};
        }
        if (first == 0xcb) {
            return {Kind::real, take_number(3)};
        }
        if (first <= 0xcf) {
            return {Kind::positive, take_number(first - 0xcc)};
        }
        if (first <= 0xd3) {
            return signed_number(take_signed(first - 0xd0));
        }
        if (first <= 0xd8) {
            return {Kind::extension, std::uint64_t{1} << (first - 0xd4)};
        }
        if (first <= 0xdb) {
            return {Kind::text, take_number(first - 0xd9)};
        }
        return first <= 0xdd ? Head{Kind::array, take_number(first - 0xdb)}
                             : Head{Kind::map, take_number(first - 0xdd)};
    }

    static Head signed_number(std::int64_t number) {
        return {number < 0 ? Kind::negative : Kind::positive, static_cast<std::uint64_t>(number)};
    }

    Head expect(Kind kind) {
        Head head = next();
        if (head.kind != kind) {
            throw msgpack::type_error();
        }
        return head;
    }

    template <class Number> Number read_integer() {
        Head head = next();
        using Limits = std::numeric_limits<Number>;
        bool fits = head.kind == Kind::positive
                        ? head.value <= static_cast<std::uint64_t>(Limits::max())
                        : head.kind == Kind::negative &&
                              static_cast<std::int64_t>(head.value) >= static_cast<std::int64_t>(Limits::min());
        if (!fits) {
            throw msgpack::type_error();
        }
        return static_cast<Number>(head.value);
    }

    double read_real() {
        Head head = next();
        switch (head.kind) {
        case Kind::real:
            return std::bit_cast<double>(head.value);
        case Kind::positive:
            return static_cast<double>(head.value);
        case Kind::negative:
            return static_cast<double>(static_cast<std::int64_t>(head.value));
        default:
            throw msgpack::type_error();
        }
    }

    // A ref is extension 1 with its full path; nobody is nil.
    Ref read_ref() {
        Head head = next();
        if (head.kind == Kind::nil) {
            return {};
        }
        if (head.kind != Kind::extension || take_number(0) != MOTET_EXTENSION_REF) {
            throw msgpack::type_error();
        }
        return resolve(system_, characters(head.value));
    }

    template <class Item> void read_array(std::vector<Item> &items) {
        Nested nested(depth_);
        items.clear();
        for (std::uint64_t left = expect(Kind::array).value; left > 0; --left) {
            read(items.emplace_back());
        }
    }

    // Fields that the struct does not know are skipped; those that are missing stay as they are.
    template <HasFields Value> void read_fields(Value &value) {
        Nested nested(depth_);
        for (std::uint64_t left = expect(Kind::map).value; left > 0; --left) {
            Head key = next();
            if (key.kind != Kind::text) {
                skip_rest(key);
                skip();
                continue;
            }
            std::string_view name = characters(key.value);
            if (!with_field(value, name, [this](auto &field) { read(field); })) {
                skip();
            }
        }
    }

    template <class Value> void read_other(Value &value) {
        Bytes from = left_;
        skip();
        std::size_t size = from.size() - left_.size();
        DecodingScope scope(system_);
        msgpack::object_handle handle =
            msgpack::unpack(reinterpret_cast<const char *>(from.data()), size, nullptr, nullptr,
                            msgpack::unpack_limit(size, size, size, size, size, max_depth));
        handle.get().convert(value);
    }

    void skip_rest(Head head) {
        switch (head.kind) {
        case Kind::text:
        case Kind::binary:
            take(head.value);
            return;
        case Kind::extension:
            take_number(0);
            take(head.value);
            return;
        case Kind::array:
        case Kind::map: {
            Nested nested(depth_);
            for (std::uint64_t left = head.value; left > 0; --left) {
                if (head.kind == Kind::map) {
                    skip();
                }
                skip();
            }
            return;
        }
        default:
            return;
        }
    }

    motet_system_t *system_;
    Bytes left_;
    std::size_t depth_ = 0;
};

}  // namespace detail
}  // namespace motet
