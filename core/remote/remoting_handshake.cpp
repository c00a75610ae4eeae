// Handshakes, and who is let in.
#include "core/remote/remoting.h"

namespace motet {

namespace {

Code code_of(wire::RejectCode code) {
    switch (code) {
    case wire::RejectCode::wrong_version:
        return Code::VERSION_MISMATCH;
    case wire::RejectCode::quarantined:
        return Code::QUARANTINED;
    default:
        return Code::REFUSED;
    }
}

std::string versions(int oldest, int newest) { return std::to_string(oldest) + " to " + std::to_string(newest); }

}  // namespace

void Remoting::handshake(const wire::FrameHeader &header, Bytes body, InboundId inbound, ConnectionId connection) {
    if (header.kind == wire::FrameKind::hello) {
        hello(header, body, inbound);
        return;
    }
    const auto found = by_connection_.find(connection);
    if (found == by_connection_.end()) {
        return;  // an answer on a connection that is closed already
    }
    Peer &peer = *found->second.first;
    const Now now = system_.clock().now();
    if (header.kind == wire::FrameKind::welcome) {
        const Result<wire::Welcome> welcome = wire::read_welcome(header, body);
        if (!welcome.ok()) {
            garbage(peer.text, welcome.status().message());
        } else if (welcome.value().called == peer.address) {
            apply(peer, now, peer.association.welcome(now, header.from));
        }
        return;
    }
    const Result<wire::Reject> read = wire::read_reject(header, body);
    if (!read.ok()) {
        garbage(peer.text, read.status().message());
        return;
    }
    const wire::Reject &reject = read.value();
    if (reject.called && !(*reject.called == peer.address)) {
        return;  // it answers somebody who shares the link
    }
    const bool was_asking = peer.association.state() != Association::State::active;
    apply(peer, now, peer.association.rejected(now, reject.code, reject.reason));
    if (was_asking && reject.code != wire::RejectCode::no_handshake && refused_) {
        refused_(peer.address, code_of(reject.code), reject.reason);
    }
}

// Why a peer cannot be welcome; nothing when it is.
std::optional<wire::Reject> Remoting::judge(const wire::Hello &hello, const std::string &identity) const {
    wire::Reject reject{{address_, system_.uid()}, hello.to, wire::RejectCode::wrong_address, ""};
    if (!(hello.to == address_)) {
        reject.reason = "the node was called " + hello.to.text() + ", but it is " + text_;
    } else if (is_own(hello.from.address)) {
        reject.reason = "the node at " + text_ + " was called by one that says it is " + hello.from.address.text() +
                        ", which is itself";
    } else if (const auto known = by_uid_.find(hello.from.uid);
               known != by_uid_.end() && !(known->second->address == hello.from.address)) {
        reject.reason =
            hello.from.address.text() + " says that it is a life of the node that is known as " + known->second->text;
    } else if (hello.oldest_version > wire::kVersion || hello.version < wire::kOldestVersion) {
        reject.code = wire::RejectCode::wrong_version;
        reject.reason = hello.from.address.text() + " speaks protocol versions " +
                        versions(hello.oldest_version, hello.version) + ", " + text_ + " speaks " +
                        versions(wire::kOldestVersion, wire::kVersion);
    } else if (!transport_->speaks_for(identity, hello.from.address)) {
        reject.code = wire::RejectCode::wrong_identity;
        reject.reason = "the public key " + identity + " is not the one that remote.curve.peers-file of " + text_ +
                        " has for " + hello.from.address.text();
    } else if (hello.cookie != cookie_) {
        reject.code = wire::RejectCode::wrong_cookie;
        reject.reason = "the settings remote.cookie of " + hello.from.address.text() + " and " + text_ + " differ";
    } else {
        return std::nullopt;
    }
    return reject;
}

void Remoting::hello(const wire::FrameHeader &header, Bytes body, InboundId inbound) {
    const Result<wire::Hello> read = wire::read_hello(header, body);
    if (!read.ok()) {
        garbage("a stranger", read.status().message());
        return;
    }
    if (inbound == 0) {
        garbage("a stranger", "hello: on a connection that nothing can be answered on");
        return;
    }
    const wire::Hello &hello = read.value();
    const std::string identity = transport_->identity();
    if (const std::optional<wire::Reject> reject = judge(hello, identity)) {
        refuse(hello, *reject);
        transport_->reply(inbound, wire::write_reject(*reject, header.lane, header.from));
        return;
    }
    const Result<Ptr<Peer>> found = peer(hello.from.address);
    if (!found.ok()) {
        const wire::Reject reject{
            {address_, system_.uid()}, hello.to, wire::RejectCode::no_new_peers, found.status().message()};
        transport_->reply(inbound, wire::write_reject(reject, header.lane, header.from));
        return;
    }
    Peer &peer = *found.value();
    apply(peer, system_.clock().now(), peer.association.hello(header.from), inbound);
    if (peer.association.uid() == header.from && !peer.association.is_quarantined(header.from)) {
        peer.lane(header.lane).greeted = inbound;
        if (header.lane == wire::Lane::large) {
            lose_incomplete(peer);  // it begins anew
        }
        peer.identity = identity;
    }
}

void Remoting::stranger_refused(const std::string &who) {
    refused_strangers_.fetch_add(1, std::memory_order_relaxed);
    if (const std::optional<std::string> addition = strangers_logged_.admit(system_.clock().now().mono)) {
        system_.log().warning("refused " + who + *addition);
    }
}

// Whoever is not any more who he was taken for is no longer listened to.
void Remoting::identities_read(const Status &status) {
    if (!status.ok()) {
        const std::string cause = "reading the keys again: " + status.message();
        tell(LogLevel::error, types::remoting_error, cause, {.local = text_, .cause = cause});
    } else {
        system_.log().info("the keys were read again");
    }
    for (const Ptr<Peer> &peer : all_peers()) {
        if (!peer->identity.empty() && !transport_->speaks_for(peer->identity, peer->address)) {
            for (Peer::Lane &lane : peer->lanes) {
                lane.greeted = 0;
            }
            const Now now = system_.clock().now();
            apply(*peer, now, peer->association.link_lost(now, "its key was taken out of remote.curve.peers-file"));
        }
    }
}

// Tells of a peer that is not welcome. Whoever tries often is only counted.
void Remoting::refuse(const wire::Hello &hello, const wire::Reject &reject) {
    refused_hellos_.fetch_add(1, std::memory_order_relaxed);
    if (const std::optional<std::string> addition = refusals_logged_.admit(system_.clock().now().mono)) {
        const std::string from = hello.from.address.text();
        tell(LogLevel::warning, types::association_error, "refused " + from + ": " + reject.reason + *addition,
             {text_, from, hello.from.uid, true, reject.reason});
    }
}

}  // namespace motet
