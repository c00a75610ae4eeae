// Actor: behaviour in C++, as a class or as functions.
// Knows contexts, messages, props.
// Must never know how or where actors are run.
#pragma once

#include <motet/behaviour.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace motet {

namespace detail {

// What a handler function is for: void (State &, Context &, const M &), or without State.
template <class Function> struct HandlerOf {};
template <class Function>
requires requires { &Function::operator(); }
struct HandlerOf<Function> : HandlerOf<decltype(&Function::operator())> {};
template <class Class, class Result, class S, class M>
struct HandlerOf<Result (Class::*)(S &, Context &, const M &) const> {
    using State = S;
    using Handled = M;
};
template <class Class, class Result, class M> struct HandlerOf<Result (Class::*)(Context &, const M &) const> {
    using State = void;
    using Handled = M;
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

    template <class M> void receive(Context &context, const M &message) {
        std::apply([&](const auto &...handler) { (call_if_for<M>(handler, context, message), ...); }, *handlers_);
    }

  private:
    template <class M, class F> void call_if_for(const F &handler, Context &context, const M &message) {
        if constexpr (std::is_same_v<typename HandlerOf<F>::Handled, M>) {
            if constexpr (std::is_void_v<typename HandlerOf<F>::State>) {
                handler(context, message);
            } else {
                handler(state_, context, message);
            }
        }
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

}  // namespace detail

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
