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
#include "core/remote/outbound_lane.h"
#include "core/remote/reliable_delivery.h"
#include "core/remote/transport.h"

namespace motet {

class Remoting;

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
    };

    Peer(Ptr<System> its_system, Remoting &its_remoting, const Address &its_address,
         const AssociationSettings &association_settings, const ReliableSettings &reliable_settings,
         const OutboundLane::Settings &lane_settings, const std::string &own)
        : system(std::move(its_system)), remoting(its_remoting), address(its_address),
          text(its_address.text()), lanes{Lane(lane_settings, own), Lane(lane_settings, own), Lane(lane_settings, own)},
          association(association_settings), reliable_out(reliable_settings) {}

    Lane &lane(wire::Lane which) { return lanes[static_cast<size_t>(which)]; }

    const Ptr<System> system;  // which keeps remoting alive
    Remoting &remoting;
    const Address address;
    const std::string text;               // of the address
    std::atomic<Code> refusal{Code::OK};  // what senders are told at once instead of being queued
    std::atomic<bool> ready{false};       // is in the list of those with something to send
    std::atomic<bool> wanted{false};      // somebody was refused because of the quarantine
    std::array<Lane, wire::kLanes> lanes;

    // Thread of the transport.
    Association association;
    ReliableSender reliable_out;
    ReliableReceiver reliable_in;
    struct Watch {
        Ref watchee;
        Ref watcher;
    };
    std::unordered_multimap<std::string, Watch> watches;  // of actors there by actors here, by path without incarnation
    struct Termination {
        Ref watchee;
        Ref watcher;
        uint8_t flags;
        TraceContext trace;
        uint64_t after;  // this frame of the ordinary lane
        Nanos deadline;  // or this time
    };
    std::deque<Termination> terminations;  // news that waits for what the actor has sent
};

}  // namespace motet
