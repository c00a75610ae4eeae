// Messages in pieces, and those who wait for room.
#include "core/remote/remote_ref.h"
#include "core/remote/remoting.h"

namespace motet {

using wire::Problem;

Code Remoting::send_large(RemoteRef &target, const OutboundMessage &message, Envelope *envelope) {
    Peer &peer = target.peer();
    Code code = admit(peer, message);
    if (code == Code::OK) {
        code = peer.large_out.append(Ref(&target), target.name(), message, envelope);
    }
    if (code == Code::OK) {
        make_ready(peer);
    }
    return code;
}

Problem Remoting::large(Peer &peer, Now now, Bytes body) {
    wire::Large large;
    if (const Problem problem = wire::read_large(body, large)) {
        return problem;
    }
    const wire::Envelope &read = large.envelope;
    const Code admitted = peer.large_in.admits(large.size);
    const Result<TypeId> type = system_.types().intern_any(read.type.text);
    const Ref sender = read.has_sender ? resolve_sender(peer, read.sender.text) : Ref();
    LargeReceiver::Arrived message{
        Envelope::make_unfilled(type.ok() ? type.value() : 0, admitted == Code::OK ? large.size : 0, sender.get(),
                                TraceContext::from_bytes(read.trace.data(), read.trace.size())),
        read.selection.empty() ? std::string(read.target.text) : "/" + std::string(read.selection)};
    if (message.envelope == nullptr) {
        system_.dead_letters().count(Code::NO_MEMORY, 1);
        return nullptr;
    }
    message.envelope->set_hops(Hops::from_text(read.hops));
    message.envelope->pass(peer.hop);
    if (admitted != Code::OK) {
        system_.log().warning("a message of " + std::to_string(large.size) + " bytes from " + peer.text + " to " +
                              message.target + " was dropped: at most " +
                              std::to_string(peer_settings_.large_in.max_message) + " are taken, and " +
                              std::to_string(peer_settings_.large_in.max_buffered) + " of all that are under way");
        system_.dead_letters().take(message.envelope, admitted, text_ + message.target,
                                    admitted == Code::TOO_LARGE ? peer_settings_.large_in.max_message : 0);
        return nullptr;
    }
    return peer.large_in.begin(now, large, std::move(message));
}

Problem Remoting::piece(Peer &peer, Now now, Bytes body) {
    wire::Piece piece;
    const Problem problem = wire::read_piece(body, piece);
    return problem != nullptr ? problem : peer.large_in.add(now, piece);
}

void Remoting::deliver_large(Peer &peer, Now now) {
    const uint64_t ordinary = peer.lane(wire::Lane::ordinary).inbound.last_sequence();
    while (const std::optional<LargeReceiver::Arrived> message = peer.large_in.next(now, ordinary)) {
        hand_over(message->envelope, resolve_target(message->target), message->target);
    }
    next_scan_ = std::min(next_scan_, peer.large_in.deadline());
}

void Remoting::lose_incomplete(Peer &peer) {
    for (const LargeReceiver::Arrived &message : peer.large_in.incomplete()) {
        system_.dead_letters().take(message.envelope, Code::TRANSPORT, text_ + message.target);
    }
}

Code Remoting::room(const Peer &peer, const RoomWaiters::Waiter &waiter) const {
    const Code refusal = peer.refusal.load(std::memory_order_acquire);
    LargeSender::TargetCache looked_up{0};
    const bool large = peer.large_out.wants(waiter.target, waiter.bytes, looked_up);
    const size_t most = large ? peer_settings_.large_out.max_queued : peer_settings_.lane.max_queued;
    const size_t queued = large ? peer.large_out.queued() : peer.ordinary().outbound.queued();
    return refusal != Code::OK                                   ? refusal
           : waiter.bytes > peer_settings_.large_out.max_message ? Code::TOO_LARGE
           : queued + waiter.bytes <= most                       ? Code::OK
                                                                 : Code::QUEUE_FULL;
}

void Remoting::when_room(Peer &peer, const RoomWaiters::Waiter &waiter) {
    if (!peer.room.add(waiter)) {
        waiter.told(Code::QUEUE_FULL);
    } else if (stopping_) {
        tell_room(peer);
    } else {
        make_ready(peer);
    }
}

void Remoting::tell_room(Peer &peer) {
    peer.room.look([&](const RoomWaiters::Waiter &waiter) { return stopping_ ? Code::CLOSED : room(peer, waiter); });
}

}  // namespace motet
