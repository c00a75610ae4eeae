// Remoting: what happens between this node and others, as structs; for subscribers to "remoting".
// Knows the events' numbers and fields.
// Must never know why they happen.
#pragma once

#include <motet/signals.hpp>

#include <string>

namespace motet {

// RemotingEvent is what all of them tell. remote is empty and uid 0 where it is about no peer; uid tells one life of
// the peer from another; inbound tells who opened the connection.
struct RemotingEvent {
    std::string local;
    std::string remote;
    std::uint64_t uid = 0;
    bool inbound = false;
    std::string cause;
    MSGPACK_DEFINE_MAP(local, remote, uid, inbound, cause)
};

struct Associated : RemotingEvent {};
struct Disassociated : RemotingEvent {};
struct AssociationError : RemotingEvent {};
struct Listening : RemotingEvent {};
struct Quarantined : RemotingEvent {};
struct ThisSystemQuarantined : RemotingEvent {};
struct RemotingShutDown : RemotingEvent {};

}  // namespace motet

MOTET_ENGINE_MESSAGE(motet::Associated, "motet.remote.Associated", MOTET_TYPE_ASSOCIATED);
MOTET_ENGINE_MESSAGE(motet::Disassociated, "motet.remote.Disassociated", MOTET_TYPE_DISASSOCIATED);
MOTET_ENGINE_MESSAGE(motet::AssociationError, "motet.remote.AssociationError", MOTET_TYPE_ASSOCIATION_ERROR);
MOTET_ENGINE_MESSAGE(motet::Listening, "motet.remote.Listening", MOTET_TYPE_LISTENING);
MOTET_ENGINE_MESSAGE(motet::Quarantined, "motet.remote.Quarantined", MOTET_TYPE_QUARANTINED);
MOTET_ENGINE_MESSAGE(motet::ThisSystemQuarantined, "motet.remote.ThisSystemQuarantined",
                     MOTET_TYPE_THIS_SYSTEM_QUARANTINED);
MOTET_ENGINE_MESSAGE(motet::RemotingShutDown, "motet.remote.ShutDown", MOTET_TYPE_REMOTING_SHUT_DOWN);
