// Message: structs as messages, by registered name; and the view of a message that was received.
// Knows the codec and the C interface's messages.
// Must never know actors' behaviour.
#pragma once

#include <motet/codec.hpp>
#include <motet/message.h>
#include <motet/system.h>
#include <motet/trace.hpp>

#include <string_view>
#include <type_traits>

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

// Gives a struct its name as a message, at namespace scope: MOTET_MESSAGE(Job, "demo.Job").
#define MOTET_MESSAGE(Type, Name)                                                                                      \
    template <> struct motet::message_name<Type> { static constexpr const char *value = Name; }

// The same for a type whose number the engine has fixed.
#define MOTET_ENGINE_MESSAGE(Type, Name, Number)                                                                       \
    MOTET_MESSAGE(Type, Name);                                                                                         \
    template <> struct motet::message_type<Type> { static constexpr motet_type_t value = Number; }

namespace detail {

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
    template <class T> [[nodiscard]] T payload() const {
        return detail::decode<T>(system_, data(), message_name<T>::value);
    }

  private:
    motet_system_t *system_;
    const motet_message_t *message_;
};

}  // namespace motet
