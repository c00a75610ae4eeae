// System: one node, as a view that may be passed around and as the owner that ends it.
// Knows the C interface's system, refs, messages, spans.
// Must never know what actors do.
#pragma once

#include <motet/cluster.hpp>
#include <motet/config.hpp>
#include <motet/dead_letters.hpp>
#include <motet/duration.hpp>
#include <motet/future.hpp>
#include <motet/props.hpp>
#include <motet/shutdown.hpp>
#include <motet/signals.hpp>
#include <motet/system.h>
#include <motet/version.h>

#include <chrono>
#include <string>

namespace motet {

// SystemView is a system that somebody else owns. One that is closed answers every call with Code::closed.
class SystemView {
  public:
    explicit SystemView(motet_system_t *system) : system_(system) {}

    [[nodiscard]] motet_system_t *get() const { return system_; }

    // The address, "motet.tcp://System@host:port".
    [[nodiscard]] std::string address() const {
        auto size = detail::check_number(motet_system_address(system_, nullptr, 0), "address");
        std::string address(static_cast<std::size_t>(size), '\0');
        motet_system_address(system_, address.data(), address.size() + 1);
        return address;
    }

    // The uid of this life of the node; 0 when closed.
    [[nodiscard]] std::uint64_t uid() const { return motet_system_uid(system_); }

    // How long a dispatcher has finished nothing though it has work; see motet_system_progress_age().
    [[nodiscard]] std::chrono::nanoseconds progress_age(const std::string &dispatcher = "default") const {
        return std::chrono::nanoseconds(
            detail::check_number(motet_system_progress_age(system_, dispatcher.c_str()), dispatcher.c_str()));
    }

    // Registers a type of actors, so that Props::of_type() can describe them here and other nodes can create them.
    void register_actor(const std::string &type, const Props &props) const {
        detail::check(motet_system_register_actor(system_, type.c_str(), props.get()));
    }

    // Creates an actor below /user; an empty name means a generated one.
    Ref spawn(const Props &props, const std::string &name = {}) const {
        motet_ref_t *ref = nullptr;
        detail::check(motet_system_spawn(system_, props.get(), detail::to_name(name), &ref));
        return Ref(ref);
    }

    // The ref or selection that a path names; does not check that the actor exists.
    [[nodiscard]] Ref ref(const std::string &path) const {
        motet_ref_t *ref = nullptr;
        detail::check(motet_system_ref(system_, path.c_str(), &ref));
        return Ref(ref);
    }

    // The actor that answers at a path, or first at a selection, on any node; throws Code::not_found when nobody is
    // there. Waits: inside a handler use Context::resolve().
    [[nodiscard]] Ref resolve(const std::string &path, Duration timeout) const {
        motet_ref_t *ref = nullptr;
        detail::check(motet_system_resolve(system_, path.c_str(), timeout.milliseconds(), &ref));
        return Ref(ref);
    }

    // Watches an actor and sends it a message that makes it stop, PoisonPill unless another is given. The answer comes
    // when it has stopped, at once when it has already; Code::timeout when it takes longer.
    [[nodiscard]] Future<Stopped> graceful_stop(const Ref &target, Duration timeout) const {
        return graceful_stop(target, timeout, PoisonPill{});
    }
    template <SendableArgument T>
    [[nodiscard]] detail::Asked<Stopped, T> graceful_stop(const Ref &target, Duration timeout, T &&message) const {
        return asking<Stopped, T>(message, [&](motet_type_t type, Bytes bytes, motet_future_t **future) {
            return motet_ref_graceful_stop(target.get(), type, bytes.data(), bytes.size(), timeout.milliseconds(),
                                           future);
        });
    }

    // Sends a message from outside of actors. The code says whether it was handed over.
    template <Sendable T>
    Code tell(const Ref &target, const T &message, const Ref &sender = {}, const Trace &trace = {}) const {
        motet_type_t type = detail::type_of<T>(system_);
        if (type < 0) {
            return static_cast<Code>(type);
        }
        return detail::encode_message(message, [&](Bytes bytes) {
            return static_cast<Code>(motet_ref_tell(target.get(), sender.get(), type, bytes.data(), bytes.size(),
                                                    trace.data(), trace.size()));
        });
    }

    // Asks: the first message that comes back is the answer.
    template <Sendable Reply, SendableArgument T>
    [[nodiscard]] detail::Asked<Reply, T> ask(const Ref &target, T &&message, Duration timeout,
                                              const Trace &trace = {}) const {
        return asking<Reply, T>(message, [&](motet_type_t type, Bytes bytes, motet_future_t **future) {
            return motet_ref_ask(target.get(), type, bytes.data(), bytes.size(), timeout.milliseconds(), trace.data(),
                                 trace.size(), future);
        });
    }

    // Subscribes an actor of this system to a topic, "cluster", "remoting", "dead-letters" or "mailboxes", or to events
    // by the name of their type.
    void subscribe(const Ref &subscriber, const std::string &event) const {
        detail::check(motet_system_subscribe(system_, subscriber.get(), event.c_str()));
    }
    void unsubscribe(const Ref &subscriber, const std::string &event) const {
        detail::check(motet_system_unsubscribe(system_, subscriber.get(), event.c_str()));
    }

    // Subscribes an actor of this system to events of one type: system.subscribe<OrderPlaced>(ref).
    template <Sendable Event> void subscribe(const Ref &subscriber) const {
        (void)detail::check_number(detail::type_of<Event>(system_), message_name<Event>::value);
        subscribe(subscriber, message_name<Event>::value);
    }
    template <Sendable Event> void unsubscribe(const Ref &subscriber) const {
        unsubscribe(subscriber, message_name<Event>::value);
    }

    // Tells an event to every actor of this system that has subscribed to its type. Returns how many have taken it.
    template <Sendable Event>
    std::int64_t publish(const Event &event, const Ref &sender = {}, const Trace &trace = {}) const {
        const motet_type_t type = detail::check_number(detail::type_of<Event>(system_), message_name<Event>::value);
        return detail::encode_message(event, [&](Bytes bytes) {
            return detail::check_number(motet_system_publish(system_, sender.get(), type, bytes.data(), bytes.size(),
                                                             trace.data(), trace.size()),
                                        message_name<Event>::value);
        });
    }

    // What is known of the messages that were not delivered.
    [[nodiscard]] DeadLetters dead_letters() const { return DeadLetters(system_); }

    // Starts a span; without a parent it starts a new trace.
    [[nodiscard]] Span span(const std::string &name, const Trace &parent = {}) const {
        return Span(system_, name, parent);
    }

    [[nodiscard]] Cluster cluster() const { return Cluster(system_); }

    // How it ends, and what is to be done on the way.
    [[nodiscard]] Shutdown shutdown() const { return Shutdown(system_); }

    // Closes in good order within the timeout, as shutdown().run() does; throws Code::timeout when something had to be
    // cut off.
    void close(milliseconds timeout) const { detail::check(motet_system_close(system_, timeout.count())); }

    // Waits until the system has closed, for whatever reason.
    void wait() const { detail::check(motet_system_wait(system_, -1)); }
    void wait(milliseconds timeout) const { detail::check(motet_system_wait(system_, timeout.count())); }

  private:
    // The future that a call of the C interface makes of a message.
    template <Sendable Reply, class T, class Call>
    [[nodiscard]] detail::Asked<Reply, T> asking(const std::remove_cvref_t<T> &message, Call &&call) const {
        using Sent = std::remove_cvref_t<T>;
        const motet_type_t type = detail::check_number(detail::type_of<Sent>(system_), message_name<Sent>::value);
        motet_future_t *future = nullptr;
        detail::check(detail::encode_message(message, [&](Bytes bytes) { return call(type, bytes, &future); }));
        return detail::Asked<Reply, T>(system_, future);
    }

    motet_system_t *system_;
};

// System owns a node. Its end closes the node at once: close(timeout) first to end in good order.
class System : public SystemView {
  public:
    System() : SystemView(start(nullptr)) {}
    explicit System(const Config &config) : SystemView(start(config.get())) {}
    // Takes over a system of the C interface.
    explicit System(motet_system_t *owned) : SystemView(owned) {}
    System(const System &) = delete;
    System &operator=(const System &) = delete;
    ~System() { motet_system_free(get()); }

  private:
    static motet_system_t *start(const motet_config_t *config) {
        if (motet_version_abi() != MOTET_ABI_VERSION) {
            throw Error(Code::version_mismatch, std::string("libmotet ") + motet_version_string() +
                                                    " has ABI version " + std::to_string(motet_version_abi()) +
                                                    ", but this program was built for ABI version " +
                                                    std::to_string(MOTET_ABI_VERSION) + " (" MOTET_VERSION_STRING ")");
        }
        motet_system_t *system = nullptr;
        detail::check(motet_system_start(config, &system));
        return system;
    }
};

}  // namespace motet
