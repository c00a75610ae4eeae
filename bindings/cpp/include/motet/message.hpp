// Message: structs as messages, by registered name; and the view of a message that was received.
// Knows the codec and the C interface's messages.
// Must never know actors' behaviour.
#pragma once

#include <motet/codec.h>
#include <motet/codec.hpp>
#include <motet/message.h>
#include <motet/system.h>
#include <motet/trace.hpp>

#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace motet {

// message_name<T>::value is the name under which T travels; the same in every language. Specialise it with
// MOTET_MESSAGE.
template <class T> struct message_name;

// message_type<T>::value is the number of a type of the engine's own.
template <class T> struct message_type;

// A type that can be sent: a struct with a name, or one of the engine's own.
template <class T>
concept Sendable = requires {
    { message_name<T>::value } -> std::convertible_to<const char *>;
};

// The same for what an argument of type T && is.
template <class T>
concept SendableArgument = Sendable<std::remove_cvref_t<T>>;

// payload_codec<T> makes and reads the payloads of T, whose name ends with a codec of the program: "demo.Job+mine".
// Specialise it with two functions, which throw for what they refuse:
//   static std::string encode(const T &value);
//   static T decode(Bytes payload);
template <class T> struct payload_codec;

// Gives a struct its name as a message, at namespace scope: MOTET_MESSAGE(Job, "demo.Job"). What stands behind a '+' is
// the codec: json, utf8 and raw (both with one field, whose value is the payload), or one of the program.
#define MOTET_MESSAGE(Type, Name)                                                                                      \
    template <> struct motet::message_name<Type> { static constexpr const char *value = Name; }

// The same for a type whose number the engine has fixed.
#define MOTET_ENGINE_MESSAGE(Type, Name, Number)                                                                       \
    MOTET_MESSAGE(Type, Name);                                                                                         \
    template <> struct motet::message_type<Type> { static constexpr motet_type_t value = Number; }

namespace detail {

// The codec in the name of a type.
template <Sendable T> constexpr std::string_view codec_of() {
    const std::string_view name = message_name<T>::value;
    const std::size_t plus = name.find('+');
    return plus == std::string_view::npos ? "msgpack" : name.substr(plus + 1);
}

// Whether the payload is the value of the only field.
template <Sendable T> constexpr bool is_one_field() { return codec_of<T>() == "utf8" || codec_of<T>() == "raw"; }

struct FreeBytes {
    void operator()(motet_bytes_t *bytes) const { motet_bytes_free(bytes); }
};

// Gives what a conversion of the C interface makes to use(), whose result is the result.
template <class Convert, class Use> auto converted(Convert *convert, Bytes bytes, Use &&use) {
    motet_bytes_t *out = nullptr;
    check(convert(bytes.data(), bytes.size(), &out));
    const std::unique_ptr<motet_bytes_t, FreeBytes> made(out);
    return use(Bytes(motet_bytes_data(out), motet_bytes_size(out)));
}

// Encodes a message with the codec of its type and gives the bytes to use, which must not keep them.
template <Sendable T, class Use> auto encode_message(const T &message, Use &&use) {
    if constexpr (codec_of<T>() == "msgpack") {
        return encode(message, std::forward<Use>(use));
    } else if constexpr (codec_of<T>() == "json") {
        return encode(message, [&](Bytes value) { return converted(motet_json_from_msgpack, value, use); });
    } else if constexpr (is_one_field<T>()) {
        Bytes bytes;
        message.motet_use_fields([&](const auto &only) {
            bytes = Bytes(reinterpret_cast<const std::uint8_t *>(std::data(only)), std::size(only));
            return true;
        });
        return use(bytes);
    } else {
        const std::string bytes = payload_codec<T>::encode(message);
        return use(Bytes(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()));
    }
}

// Decodes the payload of a message likewise; throws when it is not that of the type.
template <Sendable T> T decode_message(motet_system_t *system, Bytes payload) {
    const char *name = message_name<T>::value;
    if constexpr (codec_of<T>() == "msgpack") {
        return decode<T>(system, payload, name);
    } else if constexpr (codec_of<T>() == "json") {
        return payload.empty() ? decode<T>(system, payload, name)
                               : converted(motet_json_to_msgpack, payload,
                                           [&](Bytes value) { return decode<T>(system, value, name); });
    } else if constexpr (is_one_field<T>()) {
        if (codec_of<T>() == "utf8" && motet_utf8_valid(payload.data(), payload.size()) == 0) {
            refuse_payload(name, "is not UTF-8");
        }
        T value{};
        value.motet_use_fields([&](auto &only) {
            only.assign(payload.begin(), payload.end());
            return true;
        });
        return value;
    } else {
        return payload_codec<T>::decode(payload);
    }
}

// The number of a type in a system. Each thread remembers the last system it asked; a system's handle is never used
// again for another.
template <Sendable T> motet_type_t type_of(motet_system_t *system) {
    if constexpr (requires { message_type<T>::value; }) {
        return message_type<T>::value;
    } else {
        thread_local motet_system_t *known_system = nullptr;
        thread_local motet_type_t known_type = 0;
        if (known_system != system) {
            motet_type_t type = motet_system_type(system, message_name<T>::value);
            if (type <= 0) {
                return type;
            }
            known_system = system;
            known_type = type;
        }
        return known_type;
    }
}

}  // namespace detail

// Message is what an actor was sent, undecoded. Valid only inside the handler that was given it.
class Message {
  public:
    Message(motet_system_t *system, const motet_message_t *message) : system_(system), message_(message) {}

    [[nodiscard]] motet_type_t type() const { return motet_message_type(message_); }

    // The name of the type, "demo.Job".
    [[nodiscard]] std::string_view type_name() const {
        const char *name = motet_system_type_name(system_, type());
        return name != nullptr ? name : "";
    }

    [[nodiscard]] Bytes data() const { return {motet_message_data(message_), motet_message_size(message_)}; }

    // Who sent it; nobody when there is no sender.
    [[nodiscard]] Ref sender() const { return Ref::retain(motet_message_sender(message_)); }

    [[nodiscard]] Trace trace() const { return Trace(motet_message_trace(message_)); }

    template <Sendable T> [[nodiscard]] bool is() const { return type() == detail::type_of<T>(system_); }

    // The message as a struct; throws when it is of another type or its payload is not that of the type.
    template <Sendable T> [[nodiscard]] T as() const {
        if (!is<T>()) {
            throw Error(Code::malformed, std::string("a message of type ") + std::string(type_name()) + " is not a " +
                                             message_name<T>::value);
        }
        if constexpr (requires { T::from(*this); }) {
            return T::from(*this);
        } else {
            return payload<T>();
        }
    }

    // The payload alone as a struct, whatever the message's type.
    template <Sendable T> [[nodiscard]] T payload() const { return detail::decode_message<T>(system_, data()); }

  private:
    motet_system_t *system_;
    const motet_message_t *message_;
};

}  // namespace motet
