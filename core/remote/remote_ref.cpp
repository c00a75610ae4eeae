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

Code RemoteRef::deliver(Envelope *envelope) {
    OutboundMessage message;
    if (selection_) {
        message.target = "/";
        message.selection = std::string_view(path_).substr(1);
    } else {
        message.target = local_path_;
    }
    message.target_number = &number_;
    message.sender = envelope->sender();
    message.type = envelope->type();
    message.trace = &envelope->trace();
    message.payload = envelope->payload();
    std::string hops;
    if (envelope->passed_on()) {
        hops = envelope->hops().to_text(wire::kMaxHops);
        message.hops = wire::is_printable(hops) ? hops : std::string_view();
    }
    const bool large = lane_ == wire::Lane::ordinary && peer_->large_out.wants(path_, message.payload.size(), large_);
    const Code code =
        large ? peer_->remoting.send_large(*this, message, envelope) : peer_->remoting.send(*peer_, lane_, message);
    if (code != Code::OK) {
        const uint64_t limit = code == Code::TOO_LARGE ? peer_->large_out.settings().max_message : 0;
        return peer_->system->dead_letters().take(envelope, code, *this, limit);
    }
    if (!large) {
        envelope->destroy();
    }
    return Code::OK;
}

void RemoteRef::when_room(size_t bytes, RoomWaiters::Told told) {
    peer_->remoting.when_room(
        *peer_, {path_, bytes, [self = Ptr<RemoteRef>(this), told = std::move(told)](Code code) { told(code); }});
}

void RemoteRef::deliver_system(SystemMessage *message) {
    peer_->remoting.send_system(Ptr<RemoteRef>(this), std::unique_ptr<SystemMessage>(message));
}

}  // namespace motet
