// Context: what an actor's handler can do.
// Knows the C interface's context.
// Must never know the actor's class.
#pragma once

#include <motet/actor.h>
#include <motet/system.hpp>

#include <chrono>
#include <string>

namespace motet {

// Context is an actor while it handles one message. Valid only inside the handler that was given it.
class Context {
  public:
    Context(motet_context_t *context, const motet_message_t *message) : context_(context), message_(message) {}
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

    [[nodiscard]] Ref self() const { return Ref::retain(motet_context_self(context_)); }
    [[nodiscard]] Ref parent() const { return Ref::retain(motet_context_parent(context_)); }
    [[nodiscard]] SystemView system() const { return SystemView(motet_context_system(context_)); }
    // The trace of this handling.
    [[nodiscard]] Trace trace() const { return Trace(motet_context_trace(context_)); }
    // Who sent the message being handled; nobody when there is no sender or no message.
    [[nodiscard]] Ref sender() const {
        return message_ != nullptr ? Ref::retain(motet_message_sender(message_)) : Ref();
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

    // Asks within the current trace. Give the future a function with then(); do not wait for it here.
    template <Sendable Reply, Sendable T>
    [[nodiscard]] Future<Reply> ask(const Ref &target, const T &message, milliseconds timeout) {
        return system().template ask<Reply>(target, message, timeout, trace());
    }

    // Creates a child; an empty name means a generated one.
    Ref spawn(const Props &props, const std::string &name = {}) {
        motet_ref_t *child = nullptr;
        detail::check(
            motet_ref_spawn(motet_context_self(context_), props.get(), name.empty() ? nullptr : name.c_str(), &child));
        return Ref(child);
    }

    // Has this actor receive a Terminated when another stops. Its class must handle it.
    Code watch(const Ref &target) {
        return static_cast<Code>(motet_ref_watch(motet_context_self(context_), target.get()));
    }
    Code unwatch(const Ref &target) {
        return static_cast<Code>(motet_ref_unwatch(motet_context_self(context_), target.get()));
    }

    // Subscribes this actor to "cluster", "remoting" or "dead-letters".
    void subscribe(const std::string &topic) {
        detail::check(
            motet_system_subscribe(motet_context_system(context_), motet_context_self(context_), topic.c_str()));
    }

    // Stops this actor after the current message.
    void stop() { motet_ref_stop(motet_context_self(context_)); }

    // Sends this actor a message after a delay. A timer with the same key is replaced; all end with the instance.
    template <Sendable T> Code after(std::chrono::nanoseconds delay, std::int64_t key, const T &message) {
        return start_timer(key, delay, std::chrono::nanoseconds(0), message);
    }

    // The same again and again, first after one interval.
    template <Sendable T> Code every(std::chrono::nanoseconds interval, std::int64_t key, const T &message) {
        return start_timer(key, interval, interval, message);
    }

    Code cancel_timer(std::int64_t key) { return static_cast<Code>(motet_context_timer_cancel(context_, key)); }

  private:
    // Encodes a message and hands number and bytes to a call of the C interface.
    template <Sendable T, class Call> Code send(const T &message, Call &&call) {
        motet_type_t type = detail::type_of<T>(motet_context_system(context_));
        if (type < 0) {
            return static_cast<Code>(type);
        }
        return detail::encode(message, [&](Bytes bytes) { return static_cast<Code>(call(type, bytes)); });
    }

    template <Sendable T>
    Code start_timer(std::int64_t key, std::chrono::nanoseconds delay, std::chrono::nanoseconds interval,
                     const T &message) {
        return send(message, [&](motet_type_t type, Bytes bytes) {
            return motet_context_timer(context_, key, delay.count(), interval.count(), type, bytes.data(),
                                       bytes.size());
        });
    }

    motet_context_t *context_;
    const motet_message_t *message_;
};

}  // namespace motet
