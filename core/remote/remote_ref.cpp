#include "core/remote/remote_ref.h"

#include "core/remote/remoting.h"

namespace motet {

namespace {

std::string without_incarnation(ActorPath path) {
    path.incarnation = 0;
    return path.local_text();
}

wire::Lane lane_of(const ActorPath &path) {
    return !path.elements.empty() && path.elements[0] == "system" ? wire::Lane::control : wire::Lane::ordinary;
}

}  // namespace

RemoteRef::RemoteRef(Ptr<Peer> peer, const ActorPath &path)
    : peer_(std::move(peer)), incarnation_(path.incarnation), path_(without_incarnation(path)),
      local_path_(path.local_text()), selection_(!path.exact()), lane_(lane_of(path)) {}

OutboundMessage RemoteRef::describe(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    OutboundMessage message;
    if (selection_) {
        message.target = "/";
        message.selection = std::string_view(path_).substr(1);
    } else {
        message.target = local_path_;
    }
    message.target_number = &number_;
    message.sender = sender;
    message.type = type;
    message.type_name = peer_->system->types().name(type);
    message.trace = &trace;
    message.payload = payload;
    return message;
}

bool RemoteRef::goes_in_pieces(size_t size) {
    return lane_ == wire::Lane::ordinary && peer_->large_out.wants(path_, size, large_);
}

Code RemoteRef::give_up(Envelope *envelope, Code cause) {
    const uint64_t limit = cause == Code::TOO_LARGE ? peer_->large_out.settings().max_message : 0;
    return peer_->system->dead_letters().take(envelope, cause, *this, limit);
}

Code RemoteRef::deliver(Envelope *envelope) {
    OutboundMessage message = describe(envelope->type(), envelope->payload(), envelope->sender(), envelope->trace());
    std::string hops;
    if (envelope->passed_on()) {
        hops = envelope->hops().to_text(wire::kMaxHops);
        message.hops = wire::is_printable(hops) ? hops : std::string_view();
    }
    const bool large = goes_in_pieces(message.payload.size());
    const Code code =
        large ? peer_->remoting.send_large(*this, message, envelope) : peer_->remoting.send(*peer_, lane_, message);
    if (code != Code::OK) {
        return give_up(envelope, code);
    }
    if (!large) {
        envelope->destroy();
    }
    return Code::OK;
}

// What fits in a frame is written there at once.
Code RemoteRef::tell(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    if (goes_in_pieces(payload.size())) {
        return ActorRef::tell(type, payload, sender, trace);
    }
    const Code code = peer_->remoting.send(*peer_, lane_, describe(type, payload, sender, trace));
    if (code == Code::OK) {
        return code;
    }
    Envelope *lost = Envelope::make(type, payload, sender, trace);
    return lost == nullptr ? Code::NO_MEMORY : give_up(lost, code);
}

void RemoteRef::when_room(size_t bytes, RoomWaiters::Told told) {
    peer_->remoting.when_room(
        *peer_, {path_, bytes, [self = Ptr<RemoteRef>(this), told = std::move(told)](Code code) { told(code); }});
}

void RemoteRef::deliver_system(SystemMessage *message) {
    peer_->remoting.send_system(Ptr<RemoteRef>(this), std::unique_ptr<SystemMessage>(message));
}

}  // namespace motet
