// Context: what an actor's handler can do.
// Knows the C interface's context.
// Must never know the actor's class.
#pragma once

#include <motet/actor.h>
#include <motet/duration.hpp>
#include <motet/system.hpp>
#include <motet/task.hpp>

#include <string>
#include <vector>

namespace motet {

namespace detail {
template <class Object, class M> class HandlingOf;
template <class Object, class List> class Instance;
}  // namespace detail

// Context is an actor while it handles one message. Valid only inside the handler that was given it; in a coroutine
// that is until it ends, but for the destructors that run when its actor ends before it.
class Context {
  public:
    explicit Context(motet_context_t *context) : context_(context) {}
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

    [[nodiscard]] Ref self() const { return Ref::retain(motet_context_self(context_)); }
    // What the actor was created with; see Props::of_type().
    [[nodiscard]] std::vector<std::uint8_t> arguments() const {
        std::size_t size = 0;
        const std::uint8_t *data = motet_context_arguments(context_, &size);
        return data == nullptr ? std::vector<std::uint8_t>() : std::vector<std::uint8_t>(data, data + size);
    }

    [[nodiscard]] Ref parent() const { return Ref::retain(motet_context_parent(context_)); }
    [[nodiscard]] SystemView system() const { return SystemView(motet_context_system(context_)); }
    // The trace of this handling.
    [[nodiscard]] Trace trace() const { return Trace(motet_context_trace(context_)); }
    // Who sent the message being handled; nobody when there is no sender or no message.
    [[nodiscard]] Ref sender() const {
        const motet_message_t *message = motet_context_message(context_);
        return message != nullptr ? Ref::retain(motet_message_sender(message)) : Ref();
    }

    // Sends a message from this actor, within the current trace. The code says whether it was handed over.
    template <Sendable T> Code tell(const Ref &target, const T &message) {
        return send(message, [&](motet_type_t type, Bytes bytes) {
            return motet_context_tell(context_, target.get(), type, bytes.data(), bytes.size());
        });
    }

    // The same on behalf of somebody else, to whom a reply goes.
    template <Sendable T> Code tell(const Ref &target, const T &message, const Ref &sender) {
        return system().tell(target, message, sender, trace());
    }

    // The same as part of another trace, as that of a span.
    template <Sendable T> Code tell(const Ref &target, const T &message, const Trace &trace) {
        return system().tell(target, message, self(), trace);
    }

    // Answers the sender of the current message.
    template <Sendable T> Code reply(const T &message) {
        return send(message, [&](motet_type_t type, Bytes bytes) {
            return motet_context_reply(context_, type, bytes.data(), bytes.size());
        });
    }

    // Answers with bytes that are encoded already.
    Code reply(motet_type_t type, Bytes bytes) {
        return static_cast<Code>(motet_context_reply(context_, type, bytes.data(), bytes.size()));
    }

    // Passes the current message on as it is, with its sender.
    Code forward(const Ref &target) { return static_cast<Code>(motet_context_forward(context_, target.get())); }

    // Keeps the current message for later; MAILBOX_FULL when the stash is full.
    Code stash() { return static_cast<Code>(motet_context_stash(context_)); }

    // Brings back what was stashed, before everything that waits. Returns how many messages.
    std::int64_t unstash_all() { return motet_context_unstash_all(context_); }

    // Handles what follows with functions, as motet::actor() takes them, and returns to what was before. A restart
    // returns to the first. Needs motet/actor.hpp.
    template <class... Handlers> Code become(Handlers... handlers);
    Code unbecome() { return static_cast<Code>(motet_context_unbecome(context_)); }

    // Asks within the current trace. A handler that is a coroutine waits for the answer with co_await; any other has it
    // sent to itself with pipe_to(), or gives the future a function with then().
    template <Sendable Reply, SendableArgument T>
    [[nodiscard]] detail::Asked<Reply, T> ask(const Ref &target, T &&message, Duration timeout) {
        return system().template ask<Reply>(target, std::forward<T>(message), timeout, trace());
    }

    // The actor that answers at a path, or first at a selection, on any node: `co_await context.resolve(path, 5s)`.
    // Throws Code::not_found when nobody is there.
    Task<Ref> resolve(std::string path, Duration timeout) {
        const ActorIdentity identity = co_await ask<ActorIdentity>(system().ref(path), Identify{}, timeout);
        if (!identity.actor) {
            throw Error(Code::not_found, "nobody is at path \"" + path + "\"");
        }
        co_return identity.actor;
    }

    // SystemView::graceful_stop() within the current trace.
    [[nodiscard]] Future<Stopped> graceful_stop(const Ref &target, Duration timeout) {
        return system().graceful_stop(target, timeout);
    }
    template <SendableArgument T>
    [[nodiscard]] detail::Asked<Stopped, T> graceful_stop(const Ref &target, Duration timeout, T &&message) {
        return system().graceful_stop(target, timeout, std::forward<T>(message));
    }

    // A child of this actor, by its name, nobody when there is none; and all children it has now.
    [[nodiscard]] Ref child(const std::string &name) const { return self().child(name); }
    [[nodiscard]] std::vector<Ref> children() const { return self().children(); }

    // Creates a child; an empty name means a generated one.
    Ref spawn(const Props &props, const std::string &name = {}) {
        motet_ref_t *child = nullptr;
        detail::check(motet_ref_spawn(motet_context_self(context_), props.get(), detail::to_name(name), &child));
        return Ref(child);
    }

    // Has this actor receive a Terminated when another stops. Its class must handle it.
    Code watch(const Ref &target) {
        return static_cast<Code>(motet_ref_watch(motet_context_self(context_), target.get()));
    }
    Code unwatch(const Ref &target) {
        return static_cast<Code>(motet_ref_unwatch(motet_context_self(context_), target.get()));
    }

    // Subscribes this actor to a topic, "cluster", "remoting", "dead-letters" or "mailboxes", or to events by the name
    // of their type.
    void subscribe(const std::string &event) {
        detail::check(
            motet_system_subscribe(motet_context_system(context_), motet_context_self(context_), event.c_str()));
    }

    // Subscribes this actor to events of one type: context.subscribe<OrderPlaced>().
    template <Sendable Event> void subscribe() { system().template subscribe<Event>(self()); }
    template <Sendable Event> void unsubscribe() { system().template unsubscribe<Event>(self()); }

    // Tells an event to every actor of this system that has subscribed to its type, from this actor and within the
    // current trace. Returns how many have taken it.
    template <Sendable Event> std::int64_t publish(const Event &event) {
        return system().publish(event, self(), trace());
    }

    // Stops this actor after the current message.
    void stop() { motet_ref_stop(motet_context_self(context_)); }

    // Sends this actor a message after a delay. A timer with the same key is replaced; all end with the instance.
    // Throws when the delay is negative or above 146 years, as all that follow.
    template <Sendable T> void after(Duration delay, std::int64_t key, const T &message) {
        start_timer(&motet_context_timer, key, delay.nanoseconds(), 0, message);
    }

    // The same again and again, each time an interval after the message before was taken.
    template <Sendable T> void every(Duration interval, std::int64_t key, const T &message) {
        every(interval, interval, key, message);
    }
    template <Sendable T> void every(Duration initial_delay, Duration interval, std::int64_t key, const T &message) {
        start_timer(&motet_context_timer, key, initial_delay.nanoseconds(), interval.nanoseconds(), message);
    }

    // The same at a fixed rate: messages that were missed are made up for, one after the other.
    template <Sendable T> void at_fixed_rate(Duration interval, std::int64_t key, const T &message) {
        at_fixed_rate(interval, interval, key, message);
    }
    template <Sendable T>
    void at_fixed_rate(Duration initial_delay, Duration interval, std::int64_t key, const T &message) {
        start_timer(&motet_context_timer_fixed_rate, key, initial_delay.nanoseconds(), interval.nanoseconds(), message);
    }

    // Nothing comes of the timer any more, also if it was due already.
    void cancel_timer(std::int64_t key) { motet_context_timer_cancel(context_, key); }

    // Whether a message of the timer is still to come.
    [[nodiscard]] bool timer_active(std::int64_t key) const { return motet_context_timer_active(context_, key) == 1; }

    // Has this actor receive a ReceiveTimeout whenever it has handled no message for that long, but those of its own
    // timers; a duration of 0 ends that.
    void receive_timeout(Duration timeout) {
        std::int32_t code = motet_context_receive_timeout(context_, timeout.nanoseconds());
        if (code != MOTET_OK) {
            throw Error(static_cast<Code>(code), "a receive timeout of " + std::to_string(timeout.nanoseconds()) +
                                                     " ns; it is from 0 ns to 146 years");
        }
    }

  private:
    // Encodes a message and hands number and bytes to a call of the C interface.
    template <Sendable T, class Call> Code send(const T &message, Call &&call) {
        motet_type_t type = detail::type_of<T>(motet_context_system(context_));
        if (type < 0) {
            return static_cast<Code>(type);
        }
        return detail::encode_message(message, [&](Bytes bytes) { return static_cast<Code>(call(type, bytes)); });
    }

    template <Sendable T, class Start>
    void start_timer(Start start, std::int64_t key, std::int64_t delay, std::int64_t interval, const T &message) {
        Code code = send(message, [&](motet_type_t type, Bytes bytes) {
            return start(context_, key, delay, interval, type, bytes.data(), bytes.size());
        });
        if (code == Code::invalid) {
            throw Error(code, "timer " + std::to_string(key) + " with a delay of " + std::to_string(delay) +
                                  " ns and an interval of " + std::to_string(interval) +
                                  " ns; each is from 0 ns to 146 years, an interval of a fixed rate above 0");
        }
        if (code != Code::ok) {
            throw Error(code, "timer " + std::to_string(key) + ": " + text(code));
        }
    }

    template <class Object, class M> friend class detail::HandlingOf;
    template <class Object, class List> friend class detail::Instance;

    motet_context_t *context_;
};

}  // namespace motet
