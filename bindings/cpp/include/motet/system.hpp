// System: one node, as a view that may be passed around and as the owner that ends it.
// Knows the C interface's system, refs, messages, spans.
// Must never know what actors do.
#pragma once

#include <motet/cluster.hpp>
#include <motet/config.hpp>
#include <motet/future.hpp>
#include <motet/props.hpp>
#include <motet/system.h>
#include <motet/version.h>

#include <chrono>
#include <string>

namespace motet {

using std::chrono::milliseconds;

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

    // Creates an actor below /user; an empty name means a generated one.
    Ref spawn(const Props &props, const std::string &name = {}) const {
        motet_ref_t *ref = nullptr;
        detail::check(motet_system_spawn(system_, props.get(), name.empty() ? nullptr : name.c_str(), &ref));
        return Ref(ref);
    }

    // The ref or selection that a path names; does not check that the actor exists.
    [[nodiscard]] Ref ref(const std::string &path) const {
        motet_ref_t *ref = nullptr;
        detail::check(motet_system_ref(system_, path.c_str(), &ref));
        return Ref(ref);
    }

    // Sends a message from outside of actors. The code says whether it was handed over.
    template <Sendable T>
    Code tell(const Ref &target, const T &message, const Ref &sender = {}, const Trace &trace = {}) const {
        motet_type_t type = detail::type_of<T>(system_);
        if (type < 0) {
            return static_cast<Code>(type);
        }
        return detail::encode(message, [&](Bytes bytes) {
            return static_cast<Code>(motet_ref_tell(target.get(), sender.get(), type, bytes.data(), bytes.size(),
                                                    trace.data(), trace.size()));
        });
    }

    // Asks: the first message that comes back is the answer.
    template <Sendable Reply, Sendable T>
    [[nodiscard]] Future<Reply> ask(const Ref &target, const T &message, milliseconds timeout,
                                    const Trace &trace = {}) const {
        motet_type_t type = detail::check_number(detail::type_of<T>(system_), message_name<T>::value);
        motet_future_t *future = nullptr;
        detail::check(detail::encode(message, [&](Bytes bytes) {
            return motet_ref_ask(target.get(), type, bytes.data(), bytes.size(), timeout.count(), trace.data(),
                                 trace.size(), &future);
        }));
        return Future<Reply>(system_, future);
    }

    // Subscribes an actor to "cluster", "remoting" or "dead-letters".
    void subscribe(const Ref &subscriber, const std::string &topic) const {
        detail::check(motet_system_subscribe(system_, subscriber.get(), topic.c_str()));
    }
    void unsubscribe(const Ref &subscriber, const std::string &topic) const {
        detail::check(motet_system_unsubscribe(system_, subscriber.get(), topic.c_str()));
    }

    // Starts a span; without a parent it starts a new trace.
    [[nodiscard]] Span span(const std::string &name, const Trace &parent = {}) const {
        return Span(system_, name, parent);
    }

    [[nodiscard]] Cluster cluster() const { return Cluster(system_); }

    // Closes in good order within the timeout; throws Code::timeout when something had to be cut off.
    void close(milliseconds timeout) const { detail::check(motet_system_close(system_, timeout.count())); }

    // Waits until the system has closed, for whatever reason.
    void wait() const { detail::check(motet_system_wait(system_, -1)); }
    void wait(milliseconds timeout) const { detail::check(motet_system_wait(system_, timeout.count())); }

  private:
    motet_system_t *system_;
};

// System owns a node. Its end closes the node at once: close(timeout) first to end in good order.
class System : public SystemView {
  public:
    System() : System(nullptr) {}
    explicit System(const Config &config) : System(config.get()) {}
    System(const System &) = delete;
    System &operator=(const System &) = delete;
    ~System() { motet_system_free(get()); }

  private:
    explicit System(const motet_config_t *config) : SystemView(start(config)) {}

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
