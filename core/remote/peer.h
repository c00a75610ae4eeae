// Peer is everything this node holds about one other address: the association, the queues to it, what came from it, who
// is watched there.
//
// What senders touch is safe from any thread; the rest belongs to the thread of the transport.
// Knows: its parts. Must never know: what to do with them; that is Remoting.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/actor/system.h"
#include "core/remote/association.h"
#include "core/remote/inbound_lane.h"
#include "core/remote/large_receiver.h"
#include "core/remote/large_sender.h"
#include "core/remote/outbound_lane.h"
#include "core/remote/reliable_delivery.h"
#include "core/remote/room.h"
#include "core/remote/transport.h"

namespace motet {

class Remoting;

struct RemoteChild;

struct PeerSettings {
    AssociationSettings association;
    ReliableSettings reliable;
    OutboundLane::Settings lane;
    LargeSender::Settings large_out;
    LargeReceiver::Settings large_in;
};

class Peer final : public RefCounted {
  public:
    struct Lane {
        Lane(const OutboundLane::Settings &settings, const std::string &own) : outbound(settings, own) {}

        OutboundLane outbound;  // any thread

        ConnectionId connection = 0;
        bool greet = false;  // the next frame on the connection must be a hello
        uint64_t sequence = 0;
        std::optional<OutboundLane::Frame> taken;  // with its header, but the transport was full
        InboundLane inbound;
        InboundId greeted = 0;  // the connection on which the peer said hello for this lane; its frames come on it
    };

    Peer(Ptr<System> its_system, Remoting &its_remoting, const Address &its_address, const PeerSettings &settings,
         const std::string &own);
    ~Peer() override;

    const Lane &ordinary() const { return lanes[static_cast<size_t>(wire::Lane::ordinary)]; }
    Lane &lane(wire::Lane which) { return lanes[static_cast<size_t>(which)]; }

    const Ptr<System> system;  // which keeps remoting alive
    Remoting &remoting;
    const Address address;
    const std::string text;               // of the address
    const Ptr<const Hop> hop;             // it, as who passes messages on
    std::atomic<Code> refusal{Code::OK};  // what senders are told at once instead of being queued
    std::atomic<bool> ready{false};       // is in the list of those with something to send
    std::atomic<bool> wanted{false};      // somebody was refused because of the quarantine
    std::array<Lane, wire::kLanes> lanes;
    LargeSender large_out;
    RoomWaiters room;

    // Thread of the transport.
    std::string identity;  // of who said hello last
    uint64_t frames = 0;   // sent to it or come from it
    uint64_t frames_seen = 0;
    Nanos unused_since = 0;  // since it became active, or the scan that saw so many frames
    Association association;
    ReliableSender reliable_out;
    ReliableReceiver reliable_in;
    LargeReceiver large_in;
    struct Watch {
        Ref watchee;
        Ref watcher;
    };
    std::unordered_multimap<std::string, Watch> watches;  // of actors there by actors here, by path without incarnation
    std::unordered_map<std::string, Ptr<RemoteChild>> children;  // of actors here, by path there
    std::unordered_map<std::string, Ptr<Cell>> created;          // here, for actors there, by path here
    struct Termination {
        Ref watchee;
        Ref watcher;
        uint8_t flags;
        TraceContext trace;
        uint64_t after;        // this frame of the ordinary lane
        uint64_t after_large;  // and this one of the large lane
        Nanos deadline;        // or this time
    };
    std::deque<Termination> terminations;  // news that waits for what the actor has sent
    struct Ending {
        Ref watcher;  // a RemoteRef
        SystemMessage news;
        uint64_t after;  // so many messages of large_out
    };
    std::deque<Ending> endings;  // news for the peer that waits until what the actor has sent has left
};

}  // namespace motet
