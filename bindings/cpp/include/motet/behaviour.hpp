// Behaviour: the bridge from the C interface's handler to a class with receive() overloads.
// Knows contexts, messages, props, and the exceptions that handlers throw.
// Must never let an exception through to the engine.
#pragma once

#include <motet/context.hpp>
#include <motet/signals.hpp>

#include <cxxabi.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>

namespace motet {

// Messages lists what an actor class handles: `using Messages = motet::Messages<Job, motet::Terminated>;`, with an
// overload `void receive(motet::Context &, const Job &)` for each. motet::Message, as the last, stands for all others;
// that overload returns whether it handled the message.
template <class... M> struct Messages {};

namespace detail {

// "Type: what" of the exception being handled.
inline std::string current_exception_text() {
    const std::type_info *type = abi::__cxa_current_exception_type();
    std::string name = "unknown exception";
    if (type != nullptr) {
        int status = 0;
        std::unique_ptr<char, decltype(&std::free)> readable(
            abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), std::free);
        name = status == 0 ? readable.get() : type->name();
    }
    try {
        throw;
    } catch (const std::exception &error) {
        return name + ": " + error.what();
    } catch (...) {
        return name;
    }
}

// Turns the exception being handled into the failure of the actor. A motet::Error keeps its code.
inline std::int32_t fail_with_current_exception(motet_context_t *context) noexcept {
    std::int32_t code = MOTET_E_FAILED;
    try {
        try {
            throw;
        } catch (const Error &error) {
            code = error.code() == Code::unhandled ? MOTET_E_FAILED : static_cast<std::int32_t>(error.code());
        } catch (const std::bad_alloc &) {
            code = MOTET_E_NO_MEMORY;
        } catch (...) {
        }
        return motet_context_fail(context, code, current_exception_text().c_str());
    } catch (...) {
        return code;
    }
}

// Instance is one life of an actor: the object, and the numbers of the types it handles.
template <class Class, class List> class Instance;
template <class Class, class... M> class Instance<Class, Messages<M...>> {
  public:
    template <class Make>
    Instance(Make &make, Context &context) : types_{number<M>(context.system().get())...}, object_(make(context)) {}

    // Whether the message was handled.
    bool receive(Context &context, const Message &message) {
        std::size_t index = 0;
        motet_type_t type = message.type();
        return (try_one<M>(types_[index++], type, context, message) || ...);
    }

  private:
    // Types of user messages start far above 0, which here stands for any.
    static constexpr motet_type_t any_type = 0;

    template <class T> static motet_type_t number(motet_system_t *system) {
        if constexpr (std::is_same_v<T, Message>) {
            return any_type;
        } else {
            return check_number(type_of<T>(system), message_name<T>::value);
        }
    }

    template <class T> bool try_one(motet_type_t handled, motet_type_t type, Context &context, const Message &message) {
        if constexpr (std::is_same_v<T, Message>) {
            if (type < MOTET_TYPE_FIRST_USER) {
                return false;
            }
            return object_.receive(context, message);
        } else {
            if (type != handled) {
                return false;
            }
            object_.receive(context, message.as<T>());
            return true;
        }
    }

    std::array<motet_type_t, sizeof...(M)> types_;
    Class object_;
};

// Makes props of a function that makes the actor's object. The function is kept until the last actor has ended.
template <class Class, class Make> Props make_props(Make make) {
    using ThisInstance = Instance<Class, typename Class::Messages>;
    motet_props_t *props = motet_props_new(
        [](motet_context_t *raw, const motet_message_t *message, void *state) -> std::int32_t {
            try {
                Context context(raw, message);
                Message view(motet_context_system(raw), message);
                return static_cast<ThisInstance *>(state)->receive(context, view) ? MOTET_OK : MOTET_E_UNHANDLED;
            } catch (...) {
                return fail_with_current_exception(raw);
            }
        },
        nullptr);
    Props owner(props);
    auto kept = std::make_unique<Make>(std::move(make));
    motet_props_state(
        props,
        [](motet_context_t *raw, void *argument, void **state) -> std::int32_t {
            try {
                Context context(raw, nullptr);
                *state = new ThisInstance(*static_cast<Make *>(argument), context);
                return MOTET_OK;
            } catch (...) {
                return fail_with_current_exception(raw);
            }
        },
        [](void *state) { delete static_cast<ThisInstance *>(state); }, kept.release(),
        [](void *argument) { delete static_cast<Make *>(argument); });
    return owner;
}

}  // namespace detail
}  // namespace motet
