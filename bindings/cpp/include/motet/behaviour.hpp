// Behaviour: the bridge from the C interface's handler to a class with receive() overloads.
// Knows contexts, messages, props, coroutines.
// Must never let an exception through to the engine.
#pragma once

#include <motet/context.hpp>
#include <motet/exception.hpp>
#include <motet/signals.hpp>

#include <array>
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace motet {

// Messages lists what an actor class handles: `using Messages = motet::Messages<Job, motet::Terminated>;`, with an
// overload `void receive(motet::Context &, const Job &)` for each; one that waits on the way returns motet::Task<>, see
// motet/task.hpp. motet::Message, as the last, stands for all others; that overload returns whether it handled the
// message.
template <class... M> struct Messages {};

namespace detail {

// HandlingOf is the handling of an M by a coroutine of an object. Context and message live as long as it does, so that
// a handler may take them by reference as any other.
template <class Object, class M> class HandlingOf final : public Handling {
  public:
    // keep: what the object is part of, when that may end before the handling.
    HandlingOf(Object &object, motet_context_t *context, M message, std::shared_ptr<void> keep)
        : keep_(std::move(keep)), context_(context), message_(std::move(message)),
          task_(object.receive(context_, message_)) {}

    void begin(motet_context_t *context) { run(context, task_.begin(*this)); }

  private:
    void enter(motet_context_t *context) override { context_.context_ = context; }
    void end() override { task_.end(); }

    std::shared_ptr<void> keep_;
    Context context_;
    M message_;
    Task<> task_;
};

// Instance is one life of an actor: the object, and the numbers of the types it handles.
template <class Class, class List> class Instance;
template <class Class, class... M> class Instance<Class, Messages<M...>> {
  public:
    template <class Make>
    Instance(Make &make, Context &context) : types_{number<M>(context.system().get())...}, object_(make(context)) {}

    // Whether the message was handled. keep: what this instance is part of, when that may end before a coroutine does.
    bool receive(Context &context, const Message &message, const std::shared_ptr<void> &keep = {}) {
        std::size_t index = 0;
        motet_type_t type = message.type();
        return (try_one<M>(types_[index++], type, context, message, keep) || ...);
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

    template <class T>
    bool try_one(motet_type_t handled, motet_type_t type, Context &context, const Message &message,
                 const std::shared_ptr<void> &keep) {
        if constexpr (std::is_same_v<T, Message>) {
            if (type < MOTET_TYPE_FIRST_USER) {
                return false;
            }
            static_assert(std::convertible_to<decltype(object_.receive(context, message)), bool>,
                          "the overload for motet::Message returns whether it handled it, and is no coroutine");
            return object_.receive(context, message);
        } else {
            if (type != handled) {
                return false;
            }
            using Result = decltype(object_.receive(context, std::declval<T>()));
            if constexpr (std::same_as<Result, Task<>>) {
                std::make_shared<HandlingOf<Class, T>>(object_, context.context_, message.as<T>(), keep)
                    ->begin(context.context_);
            } else {
                static_assert(!is_task<Result>, "a handler that is a coroutine has no value: it returns motet::Task<>");
                object_.receive(context, message.as<T>());
            }
            return true;
        }
    }

    std::array<motet_type_t, sizeof...(M)> types_;
    Class object_;
};

// Has an instance handle what the C interface's handler was given.
template <class ThisInstance>
std::int32_t receive(ThisInstance &instance, motet_context_t *raw, const motet_message_t *message,
                     const std::shared_ptr<void> &keep = {}) noexcept {
    try {
        Context context(raw);
        Message view(motet_context_system(raw), message);
        return instance.receive(context, view, keep) ? MOTET_OK : MOTET_E_UNHANDLED;
    } catch (...) {
        return fail_with_current_exception(raw);
    }
}

// Makes props of a function that makes the actor's object. The function is kept until the last actor has ended.
template <class Class, class Make> Props make_props(Make make) {
    using ThisInstance = Instance<Class, typename Class::Messages>;
    motet_props_t *props = motet_props_new(
        [](motet_context_t *raw, const motet_message_t *message, void *state) -> std::int32_t {
            return receive(*static_cast<ThisInstance *>(state), raw, message);
        },
        nullptr);
    Props owner(props);
    auto kept = std::make_unique<Make>(std::move(make));
    motet_props_state(
        props,
        [](motet_context_t *raw, void *argument, void **state) -> std::int32_t {
            try {
                Context context(raw);
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
