// RemoteRef is an actor, or a selection of actors, on another node.
// Knows: the peer and the path there. Must never know: whether anybody is there.
#pragma once

#include <string>

#include "core/actor/path.h"
#include "core/remote/peer.h"

namespace motet {

class RemoteRef final : public ActorRef {
  public:
    RemoteRef(Ptr<Peer> peer, const ActorPath &path);

    Code deliver(Envelope *envelope) override;
    Code tell(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) override;
    void deliver_system(SystemMessage *message) override;
    System &system() const override { return *peer_->system; }
    std::string path() const override { return peer_->text + path_; }
    uint64_t incarnation() const override { return incarnation_; }

    Peer &peer() const { return *peer_; }

    // The path on its own node without the incarnation.
    const std::string &name() const { return path_; }

    // Has told called, once, when there is room for a message with so many bytes of payload (OK), or none is to be
    // expected: TOO_LARGE, QUEUE_FULL (too many wait), GATED, QUARANTINED, CLOSED. On the thread of the transport, or
    // this one.
    void when_room(size_t bytes, RoomWaiters::Told told);

    // The path on its own node, with the incarnation: "/user/a#17".
    const std::string &local_path() const { return local_path_; }

    // The actors below "/system" are the engine's: what is sent to them is never held up by what users send.
    wire::Lane lane() const { return lane_; }

  private:
    OutboundMessage describe(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace);
    bool goes_in_pieces(size_t size);
    Code give_up(Envelope *envelope, Code cause);

    const Ptr<Peer> peer_;
    const uint64_t incarnation_;
    const std::string path_;        // without the incarnation
    const std::string local_path_;  // with it
    const bool selection_;
    const wire::Lane lane_;
    NumberCache number_;
    LargeSender::TargetCache large_{0};
};

}  // namespace motet
