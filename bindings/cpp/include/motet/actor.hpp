// Actor: behaviour in C++, as a class or as functions.
// Knows contexts, messages, props.
// Must never know how or where actors are run.
#pragma once

#include <motet/behaviour.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace motet {

namespace detail {

// What a handler function is for: void (State &, Context &, const M &), or without State; motet::Task<> instead of void
// when it waits on the way.
template <class Function> struct HandlerOf {};
template <class Function>
requires requires { &Function::operator(); }
struct HandlerOf<Function> : HandlerOf<decltype(&Function::operator())> {};
template <class Class, class Result, class S, class M>
struct HandlerOf<Result (Class::*)(S &, Context &, const M &) const> {
    using State = S;
    using Handled = M;
    using Returned = Result;
};
template <class Class, class Result, class M> struct HandlerOf<Result (Class::*)(Context &, const M &) const> {
    using State = void;
    using Handled = M;
    using Returned = Result;
};

template <class Function>
concept Handler = requires {
    typename HandlerOf<Function>::Handled;
};

// NoState is the state of an actor of functions that keep nothing between messages.
struct NoState {};

// FunctionActor is a state and the functions that handle messages with it. The functions are shared by all instances.
template <class State, class... Handlers> class FunctionActor {
  public:
    using Messages = motet::Messages<typename HandlerOf<Handlers>::Handled...>;

    explicit FunctionActor(const std::tuple<Handlers...> *handlers) : handlers_(handlers) {}

    template <class M> auto receive(Context &context, const M &message) {
        const auto &handler = std::get<index_for<M>()>(*handlers_);
        if constexpr (std::is_void_v<typename HandlerOf<std::decay_t<decltype(handler)>>::State>) {
            return handler(context, message);
        } else {
            return handler(state_, context, message);
        }
    }

  private:
    template <class M> static constexpr std::size_t index_for() {
        constexpr bool found[] = {std::is_same_v<typename HandlerOf<Handlers>::Handled, M>...};
        static_assert(std::ranges::count(found, true) == 1, "one function for each type of message");
        return static_cast<std::size_t>(std::ranges::find(found, true) - found);
    }

    const std::tuple<Handlers...> *handlers_;
    State state_{};
};

template <class State, class... Handlers> Props function_actor(Handlers... handlers) {
    return make_props<FunctionActor<State, Handlers...>>(
        [handlers = std::tuple<Handlers...>(std::move(handlers)...)](Context &) {
            return FunctionActor<State, Handlers...>(&handlers);
        });
}

// What an actor has become: its functions, and the instance that calls them.
template <class... Handlers> struct Becoming {
    using Actor = FunctionActor<NoState, Handlers...>;

    Becoming(std::tuple<Handlers...> functions, Context &context)
        : handlers(std::move(functions)), make([this](Context &) { return Actor(&handlers); }),
          instance(make, context) {}

    std::tuple<Handlers...> handlers;
    std::function<Actor(Context &)> make;
    Instance<Actor, typename Actor::Messages> instance;
};

}  // namespace detail

template <class... Handlers> Code Context::become(Handlers... handlers) {
    static_assert((detail::Handler<Handlers> && ...), "each takes motet::Context & and a message");
    using Becoming = detail::Becoming<Handlers...>;
    // Counted: a coroutine of it may go on after another handler has taken over.
    using Kept = std::shared_ptr<Becoming>;
    auto becoming =
        std::make_unique<Kept>(std::make_shared<Becoming>(std::tuple<Handlers...>(std::move(handlers)...), *this));
    std::int32_t code = motet_context_become(
        context_,
        [](motet_context_t *raw, const motet_message_t *message, void *state) -> std::int32_t {
            const Kept &kept = *static_cast<Kept *>(state);
            return detail::receive(kept->instance, raw, message, kept);
        },
        becoming.get(), [](void *state) { delete static_cast<Kept *>(state); });
    if (code == MOTET_OK) {
        (void)becoming.release();
    }
    return static_cast<Code>(code);
}

// Describes an actor of a class: motet::actor<Worker>(arguments of its constructor...). Each instance, also after a
// restart, is constructed from copies of the arguments, with Context & before them if the class takes it.
template <class Class, class... Arguments>
requires requires { typename Class::Messages; }
Props actor(Arguments... arguments) {
    return detail::make_props<Class>([arguments = std::make_tuple(std::move(arguments)...)](Context &context) {
        return std::apply(
            [&context](const auto &...argument) {
                if constexpr (std::is_constructible_v<Class, Context &, const Arguments &...>) {
                    return Class(context, argument...);
                } else {
                    (void)context;
                    return Class(argument...);
                }
            },
            arguments);
    });
}

// Describes an actor of functions with a state, made anew at every restart:
// motet::actor<int>([](int &count, motet::Context &context, const Tick &) { ++count; }, ...).
template <class State, detail::Handler... Handlers>
requires(!requires { typename State::Messages; } && !detail::Handler<State> && sizeof...(Handlers) > 0) Props
    actor(Handlers... handlers) {
    return detail::function_actor<State>(std::move(handlers)...);
}

// Describes an actor of functions without state.
template <detail::Handler... Handlers>
requires(sizeof...(Handlers) > 0) Props actor(Handlers... handlers) {
    return detail::function_actor<detail::NoState>(std::move(handlers)...);
}

}  // namespace motet
