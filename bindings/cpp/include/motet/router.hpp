// Router: an actor that spreads its messages over others, its routees; and the messages that manage it.
// Knows the properties and messages of motet/router.h.
// Must never know what is sent to routees.
#pragma once

#include <motet/message.hpp>
#include <motet/props.hpp>
#include <motet/router.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace motet {

// What decides which routee gets a message.
namespace routing {

using std::chrono::nanoseconds;

namespace detail {
inline std::string text(nanoseconds duration) { return std::to_string(duration.count()) + "ns"; }

// Not std::to_string(), which writes what the locale wants.
inline std::string text(double number) {
    char digits[32];
    return {digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr};
}
}  // namespace detail

// Each in turn.
struct RoundRobin {
    static constexpr const char *name = "round-robin";
    void describe(Props &) const {}
};

// Any.
struct Random {
    static constexpr const char *name = "random";
    void describe(Props &) const {}
};

// The one with the least to do.
struct SmallestMailbox {
    static constexpr const char *name = "smallest-mailbox";
    void describe(Props &) const {}
};

// Whoever has nothing to do: all routees of a pool share one mailbox. Not for groups.
struct Balancing {
    static constexpr const char *name = "balancing";
    void describe(Props &) const {}
};

// All of them.
struct Broadcast {
    static constexpr const char *name = "broadcast";
    void describe(Props &) const {}
};

// All; the first answer goes to who asked, who gets a Failure when there is none in time.
struct ScatterGather {
    nanoseconds within = std::chrono::seconds(5);

    static constexpr const char *name = "scatter-gather";
    void describe(Props &props) const { props.set("router.within", detail::text(within)); }
};

// Any one, then one more after each interval until one answers; otherwise like ScatterGather.
struct TailChopping {
    nanoseconds within = std::chrono::seconds(5);
    nanoseconds interval = std::chrono::milliseconds(10);

    static constexpr const char *name = "tail-chopping";
    void describe(Props &props) const {
        props.set("router.within", detail::text(within)).set("router.interval", detail::text(interval));
    }
};

// The one to whom the message's key belongs: the field of that name, or what a ConsistentHashableEnvelope says.
struct ConsistentHashing {
    std::string hash_key = {};
    int virtual_nodes_factor = 10;

    static constexpr const char *name = "consistent-hashing";
    void describe(Props &props) const {
        props.set("router.virtual-nodes-factor", std::to_string(virtual_nodes_factor));
        if (!hash_key.empty()) {
            props.set("router.hash-key", hash_key);
        }
    }
};

// A pool that grows when all of its routees are busy and shrinks when few are.
struct Pressure {
    int lower_bound = 1;
    int upper_bound = 10;
    int pressure_threshold = 1;  // a routee is busy: 0 when it runs, 1 when one more waits, n when n wait
    double rampup_rate = 0.2;
    double backoff_threshold = 0.3;
    double backoff_rate = 0.1;
    int messages_per_resize = 10;

    static constexpr const char *resizer = "pressure";
    void describe(Props &props) const {
        props.set("router.resizer.lower-bound", std::to_string(lower_bound))
            .set("router.resizer.upper-bound", std::to_string(upper_bound))
            .set("router.resizer.pressure-threshold", std::to_string(pressure_threshold))
            .set("router.resizer.rampup-rate", detail::text(rampup_rate))
            .set("router.resizer.backoff-threshold", detail::text(backoff_threshold))
            .set("router.resizer.backoff-rate", detail::text(backoff_rate))
            .set("router.resizer.messages-per-resize", std::to_string(messages_per_resize));
    }
};

// A pool that looks for the size with which it gets most done. More can be set by key: see motet/router.h.
struct OptimalSizeExploring {
    int lower_bound = 1;
    int upper_bound = 10;
    nanoseconds action_interval = std::chrono::seconds(5);

    static constexpr const char *resizer = "optimal-size-exploring";
    void describe(Props &props) const {
        props.set("router.resizer.lower-bound", std::to_string(lower_bound))
            .set("router.resizer.upper-bound", std::to_string(upper_bound))
            .set("router.resizer.action-interval", detail::text(action_interval));
    }
};

}  // namespace routing

namespace detail {
template <class Logic> Props pool(Props routee, const Logic &logic) {
    routee.set("router", std::string(Logic::name) + "-pool");
    logic.describe(routee);
    return routee;
}
}  // namespace detail

// Describes a pool: a router that makes and supervises its routees. motet::pool(motet::actor<Worker>(),
// motet::routing::RoundRobin{}, 5)
template <class Logic> Props pool(Props routee, const Logic &logic, int instances) {
    return detail::pool(std::move(routee), logic).set("router.instances", std::to_string(instances));
}

// The same with as many routees as it takes: motet::pool(motet::actor<Worker>(), motet::routing::Balancing{},
// motet::routing::Pressure{.upper_bound = 20})
template <class Logic, class Resizer>
requires requires { Resizer::resizer; }
Props pool(Props routee, const Logic &logic, const Resizer &resizer) {
    Props props = detail::pool(std::move(routee), logic).set("router.resizer", Resizer::resizer);
    resizer.describe(props);
    return props;
}

// Describes a group: a router over actors that were made elsewhere, on any node. motet::group(
// motet::routing::Random{}, {"/user/a", "motet.tcp://Other@host:2551/user/b"})
template <class Logic> Props group(const Logic &logic, const std::vector<std::string> &paths) {
    std::string list;
    for (const std::string &path : paths) {
        list += (list.empty() ? "" : ",") + path;
    }
    Props props(motet_props_new(nullptr, nullptr));
    props.set("router", std::string(Logic::name) + "-group").set("router.paths", list);
    logic.describe(props);
    return props;
}

// GetRoutees asks a router for its Routees.
struct GetRoutees {};
struct Routees {
    std::vector<Ref> routees;
    MSGPACK_DEFINE_MAP(routees)
};

// AddRoutee gives a router one more; it leaves when it ends. RemoveRoutee takes one away; one of a pool's own then ends
// when it has done what it was sent.
struct AddRoutee {
    Ref routee;
    MSGPACK_DEFINE_MAP(routee)
};
struct RemoveRoutee {
    Ref routee;
    MSGPACK_DEFINE_MAP(routee)
};

// AdjustPoolSize gives a pool more routees, or fewer when change is below 0; at least one stays.
struct AdjustPoolSize {
    std::int64_t change = 0;
    MSGPACK_DEFINE_MAP(change)
};

// Broadcast wraps a message for all routees of a router, whatever its logic: motet::Broadcast(motet::PoisonPill{}).
struct Broadcast {
    Broadcast() = default;
    template <Sendable T> explicit Broadcast(const T &message) : type(message_name<T>::value) {
        detail::encode_message(message, [this](Bytes bytes) {
            payload.assign(bytes.begin(), bytes.end());
            return 0;
        });
    }

    std::string type;
    std::vector<std::uint8_t> payload;
    MSGPACK_DEFINE_MAP(type, payload)
};

// ConsistentHashableEnvelope wraps a message with the key by which routees are chosen: a text or an integer.
template <class Key> struct ConsistentHashableEnvelope {
    ConsistentHashableEnvelope() = default;
    template <Sendable T> ConsistentHashableEnvelope(Key of, const T &message) : key(std::move(of)) {
        Broadcast wrapped(message);
        type = std::move(wrapped.type);
        payload = std::move(wrapped.payload);
    }

    Key key{};
    std::string type;
    std::vector<std::uint8_t> payload;
    MSGPACK_DEFINE_MAP(key, type, payload)
};
template <class T> ConsistentHashableEnvelope(const char *, const T &) -> ConsistentHashableEnvelope<std::string>;
template <class Key, class T> ConsistentHashableEnvelope(Key, const T &) -> ConsistentHashableEnvelope<Key>;

template <class Key> struct message_name<ConsistentHashableEnvelope<Key>> {
    static constexpr const char *value = "motet.ConsistentHashableEnvelope";
};
template <class Key> struct message_type<ConsistentHashableEnvelope<Key>> {
    static constexpr motet_type_t value = MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE;
};

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::GetRoutees, "motet.GetRoutees", MOTET_TYPE_GET_ROUTEES);
MOTET_ENGINE_MESSAGE(motet::Routees, "motet.Routees", MOTET_TYPE_ROUTEES);
MOTET_ENGINE_MESSAGE(motet::AddRoutee, "motet.AddRoutee", MOTET_TYPE_ADD_ROUTEE);
MOTET_ENGINE_MESSAGE(motet::RemoveRoutee, "motet.RemoveRoutee", MOTET_TYPE_REMOVE_ROUTEE);
MOTET_ENGINE_MESSAGE(motet::AdjustPoolSize, "motet.AdjustPoolSize", MOTET_TYPE_ADJUST_POOL_SIZE);
MOTET_ENGINE_MESSAGE(motet::Broadcast, "motet.Broadcast", MOTET_TYPE_BROADCAST);
