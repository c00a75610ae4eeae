// Remoting: what happens between this node and others, as structs; for subscribers to "remoting".
// Knows the events' numbers and fields.
// Must never know why they happen.
#pragma once

#include <motet/error.hpp>
#include <motet/remoting.h>
#include <motet/signals.hpp>

#include <memory>
#include <string>
#include <vector>

namespace motet {

// RemotingEvent is what all of them tell. remote is empty and uid 0 where it is about no peer; uid tells one life of
// the peer from another; inbound tells who opened the connection.
struct RemotingEvent {
    std::string local;
    std::string remote;
    std::uint64_t uid = 0;
    bool inbound = false;
    std::string cause;
    MOTET_FIELDS(local, remote, uid, inbound, cause)
};

struct RemotingError : RemotingEvent {};
struct Associated : RemotingEvent {};
struct Disassociated : RemotingEvent {};
struct AssociationError : RemotingEvent {};
struct Listening : RemotingEvent {};
struct Quarantined : RemotingEvent {};
struct ThisSystemQuarantined : RemotingEvent {};
struct RemotingShutDown : RemotingEvent {};

// PeerReport is what a system knows of another node; see motet/remoting.h.
struct PeerReport {
    std::string address;
    std::string state;  // "idle", "handshaking", "active", "gated" or "quarantined"
    std::uint64_t uid = 0;
    double phi = 0;
    std::uint64_t queued = 0;  // bytes
};

// Every other node that the system was told to send to, or heard from.
inline std::vector<PeerReport> peers(motet_system_t *system) {
    motet_peers_t *copy = nullptr;
    detail::check(motet_system_peers(system, &copy));
    const std::unique_ptr<motet_peers_t, decltype(&motet_peers_free)> owned(copy, motet_peers_free);
    std::vector<PeerReport> all;
    for (std::int64_t i = 0; i < motet_peers_count(copy); ++i) {
        all.push_back({motet_peers_address(copy, i), motet_peers_state(copy, i), motet_peers_uid(copy, i),
                       motet_peers_phi(copy, i), motet_peers_queued(copy, i)});
    }
    return all;
}

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::RemotingError, "motet.remote.Error", MOTET_TYPE_REMOTING_ERROR);
MOTET_ENGINE_MESSAGE(motet::Associated, "motet.remote.Associated", MOTET_TYPE_ASSOCIATED);
MOTET_ENGINE_MESSAGE(motet::Disassociated, "motet.remote.Disassociated", MOTET_TYPE_DISASSOCIATED);
MOTET_ENGINE_MESSAGE(motet::AssociationError, "motet.remote.AssociationError", MOTET_TYPE_ASSOCIATION_ERROR);
MOTET_ENGINE_MESSAGE(motet::Listening, "motet.remote.Listening", MOTET_TYPE_LISTENING);
MOTET_ENGINE_MESSAGE(motet::Quarantined, "motet.remote.Quarantined", MOTET_TYPE_QUARANTINED);
MOTET_ENGINE_MESSAGE(motet::ThisSystemQuarantined, "motet.remote.ThisSystemQuarantined",
                     MOTET_TYPE_THIS_SYSTEM_QUARANTINED);
MOTET_ENGINE_MESSAGE(motet::RemotingShutDown, "motet.remote.ShutDown", MOTET_TYPE_REMOTING_SHUT_DOWN);
