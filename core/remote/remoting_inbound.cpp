// What comes in: frames, and the records of peers that have shaken hands.
#include "core/actor/cell.h"
#include "core/base/ref_bank.h"
#include "core/dispatch/ready_batch.h"
#include "core/remote/remote_ref.h"
#include "core/remote/remoting.h"

namespace motet {

using wire::Problem;
using wire::RecordKind;

void Remoting::received(Bytes frame, InboundId inbound, ConnectionId connection) {
    frames_in_.fetch_add(1, std::memory_order_relaxed);
    wire::FrameHeader header;
    Bytes body;
    if (const Problem problem = wire::read_frame(frame, header, body)) {
        garbage("a stranger", problem);
        return;
    }
    if (header.kind != wire::FrameKind::records) {
        handshake(header, body, inbound, connection);
        return;
    }
    // Only the connection that said hello speaks for the peer: a uid is no secret.
    const auto found = by_uid_.find(header.from);
    const bool greeted = found != by_uid_.end() && inbound != 0 && found->second->lane(header.lane).greeted == inbound;
    if (!greeted || header.to != system_.uid()) {
        wire::Reject reject;
        reject.from = {address_, system_.uid()};
        reject.code = wire::RejectCode::no_handshake;
        reject.reason = header.to == system_.uid() ? "no hello has come from this life of the node on the connection"
                                                   : "the node there was started again";
        transport_->reply(inbound, wire::write_reject(reject, header.lane, header.from));
        return;
    }
    records(*found->second, system_.clock().now(), header, body);
}

void Remoting::records(Peer &peer, Now now, const wire::FrameHeader &header, Bytes body) {
    InboundLane &lane = peer.lane(header.lane).inbound;
    ++peer.frames;
    switch (lane.arrived(header)) {
    case InboundLane::Arrival::stale:
        stale_frames_.fetch_add(1, std::memory_order_relaxed);
        return;
    case InboundLane::Arrival::gap:
        gaps_.fetch_add(1, std::memory_order_relaxed);
        if (header.lane == wire::Lane::large) {
            lose_incomplete(peer);
        }
        break;
    case InboundLane::Arrival::in_order:
        break;
    }
    const uint64_t acknowledged = peer.reliable_in.acknowledgement();
    bool system = false;
    wire::RecordReader reader(body);
    wire::Record record;
    Problem problem = nullptr;
    const RefBank bank;
    const ReadyBatch batch;
    while (problem == nullptr && reader.next(record)) {
        problem = this->record(peer, now, header.lane, record);
        system = system || record.kind == static_cast<uint8_t>(RecordKind::system);
    }
    deliver_large(peer, now);
    finish_terminations(peer, now);
    problem = problem != nullptr ? problem : reader.problem();
    if (problem != nullptr) {
        garbage(peer.text, problem);
    }
    if (system || peer.reliable_in.acknowledgement() != acknowledged) {
        ByteBuffer acknowledgement;
        wire::write_number(acknowledgement, RecordKind::ack, peer.reliable_in.acknowledgement());
        append_control(peer, acknowledgement.view());
    }
}

Problem Remoting::record(Peer &peer, Now now, wire::Lane which, const wire::Record &record) {
    uint64_t number = 0;
    std::string_view text;
    wire::NewTables request;
    Problem problem = nullptr;
    switch (static_cast<RecordKind>(record.kind)) {
    case RecordKind::envelope:
        return envelope(peer, which, record.body);
    case RecordKind::define_type:
    case RecordKind::define_target:
    case RecordKind::define_sender:
        return define(peer, peer.lane(which).inbound, record);
    case RecordKind::system:
        return which == wire::Lane::control ? system_record(peer, now, record.body)
                                            : "system message: not on the control lane";
    case RecordKind::large:
        return which == wire::Lane::large ? large(peer, now, record.body) : "large message: not on the large lane";
    case RecordKind::piece:
        return which == wire::Lane::large ? piece(peer, now, record.body) : "piece: not on the large lane";
    case RecordKind::ack:
        if ((problem = wire::read_number(record.body, number)) == nullptr) {
            peer.reliable_out.acknowledged(now, number);
        }
        return problem;
    case RecordKind::heartbeat:
        if ((problem = wire::read_number(record.body, number)) == nullptr) {
            ByteBuffer answer;
            wire::write_number(answer, RecordKind::heartbeat_ack, number);
            append_control(peer, answer.view());
        }
        return problem;
    case RecordKind::heartbeat_ack:
        if ((problem = wire::read_number(record.body, number)) == nullptr) {
            watcher_.answered(now, peer.address);
        }
        return problem;
    case RecordKind::new_tables:
        if ((problem = wire::read_new_tables(record.body, request)) == nullptr &&
            request.epoch == peer.lane(request.lane).outbound.epoch()) {
            peer.lane(request.lane).outbound.new_tables();
        }
        return problem;
    case RecordKind::goodbye:
        if ((problem = wire::read_text(record.body, text)) == nullptr) {
            // Not now: the frame is still being read, and its lane must stay.
            post([this, held = Ptr<Peer>(&peer), uid = peer.association.uid(), reason = std::string(text)](Now then) {
                if (held->association.uid() == uid) {
                    apply(*held, then, held->association.goodbye(then, reason));
                }
            });
        }
        return problem;
    }
    return record.kind >= wire::kMustUnderstand ? "record: of an unknown kind that must be understood" : nullptr;
}

Problem Remoting::define(Peer &peer, InboundLane &lane, const wire::Record &record) {
    const bool is_type = record.kind == static_cast<uint8_t>(RecordKind::define_type);
    wire::Define define;
    if (const Problem problem = wire::read_define(record.body, is_type ? wire::kMaxTypeName : wire::kMaxPath, define)) {
        return problem;
    }
    bool fresh = false;
    if (is_type) {
        const Result<TypeId> type = system_.types().intern_any(define.text);
        if (!type.ok()) {
            return "definition: a type that this node has no number for";
        }
        fresh = lane.define_type(define.number, type.value());
    } else if (record.kind == static_cast<uint8_t>(RecordKind::define_target)) {
        fresh = lane.define_target(define.number, {std::string(define.text), resolve_target(define.text)});
    } else {
        Ref sender = resolve_sender(peer, define.text);
        if (!sender) {
            return "definition: a sender that is not a path";
        }
        fresh = lane.define_sender(define.number, std::move(sender));
    }
    return fresh ? nullptr : "definition: of a number that has a meaning already";
}

// The actor of this node that a path names; none when it is not a path from "/".
Ref Remoting::resolve_target(std::string_view path) const {
    const Result<ActorPath> parsed = ActorPath::parse(path);
    if (!parsed.ok() || parsed.value().address) {
        return {};
    }
    Result<Ref> ref = system_.resolve(parsed.value());
    return ref.ok() ? std::move(ref.value()) : Ref();
}

// The same for a path that was resolved before. One that names any incarnation is looked up again when the actor that
// it meant last has stopped, or was none.
const Ref &Remoting::resolve_target(InboundLane::Target &target) const {
    const Cell *known = Cell::from(target.ref.get());
    if ((known == nullptr || known->stopped()) && target.path.find('#') == std::string::npos) {
        target.ref = resolve_target(target.path);
    }
    return target.ref;
}

// The actor that a path in the peer's words names: its own from "/", else anyone's.
Ref Remoting::resolve_sender(Peer &peer, std::string_view path) const {
    Result<ActorPath> parsed = ActorPath::parse(path);
    if (!parsed.ok()) {
        return {};
    }
    if (!parsed.value().address) {
        return make_counted<RemoteRef>(Ptr<Peer>(&peer), parsed.value());
    }
    Result<Ref> ref = system_.resolve(parsed.value());
    return ref.ok() ? std::move(ref.value()) : Ref();
}

Problem Remoting::envelope(Peer &peer, wire::Lane which, Bytes body) {
    wire::Envelope read;
    if (const Problem problem = wire::read_envelope(body, read)) {
        return problem;
    }
    InboundLane &lane = peer.lane(which).inbound;
    const std::optional<TraceContext> trace = lane.trace(read);
    if (!trace) {
        return "envelope: with the trace context of one before it, but none has one";
    }
    TypeId type = 0;
    if (read.type.literal) {
        const Result<TypeId> interned = system_.types().intern_any(read.type.text);
        type = interned.ok() ? interned.value() : 0;
    } else {
        type = lane.type(read.type.number);
    }
    InboundLane::Target *known = read.target.literal ? nullptr : lane.target(read.target.number);
    const bool target_known = read.target.literal || known != nullptr;
    Ref sender;
    if (read.has_sender) {
        sender = read.sender.literal ? resolve_sender(peer, read.sender.text) : hold(lane.sender(read.sender.number));
    }
    if (type == 0 || !target_known || (read.has_sender && !sender)) {
        unknown_number(peer, which, read);
        return nullptr;
    }
    Envelope *envelope = Envelope::make(type, read.payload, sender.get(), *trace);
    if (envelope == nullptr) {
        system_.dead_letters().count(Code::NO_MEMORY, 1);
        return nullptr;
    }
    envelope->set_hops(Hops::from_text(read.hops));
    envelope->pass(peer.hop);
    if (known != nullptr && read.selection.empty()) {
        hand_over(envelope, resolve_target(*known), known->path);
    } else {
        const std::string path =
            read.selection.empty() ? std::string(read.target.text) : "/" + std::string(read.selection);
        hand_over(envelope, resolve_target(path), path);
    }
    return nullptr;
}

// Delivers what has come, if it may be. path: of the target.
void Remoting::hand_over(Envelope *envelope, const Ref &target, const std::string &path) {
    envelopes_in_.fetch_add(1, std::memory_order_relaxed);
    if (!target || !is_sendable(envelope->type())) {
        system_.dead_letters().take(envelope, Code::MALFORMED, text_ + path);
    } else if (!trust_.admits(envelope->type(), path)) {
        untrusted_.fetch_add(1, std::memory_order_relaxed);
        system_.dead_letters().take(envelope, Code::UNTRUSTED, text_ + path);
    } else {
        target->deliver(envelope);
    }
}

// A number without a meaning: the frame that defined it was lost. The message is lost too, and said to be; so that no
// more are, the peer is asked to define everything anew.
void Remoting::unknown_number(Peer &peer, wire::Lane which, const wire::Envelope &envelope) {
    InboundLane &lane = peer.lane(which).inbound;
    if (Envelope *lost = Envelope::make(0, envelope.payload, nullptr, {})) {
        const std::string target = envelope.target.literal ? std::string(envelope.target.text)
                                                           : "/number-" + std::to_string(envelope.target.number);
        system_.dead_letters().take(lost, Code::TRANSPORT, text_ + target);
    }
    if (lane.ask_for_tables()) {
        ByteBuffer request;
        wire::write_new_tables(request, {which, lane.epoch()});
        append_control(peer, request.view());
    }
}

void Remoting::garbage(const std::string &from, const std::string &problem) {
    malformed_frames_.fetch_add(1, std::memory_order_relaxed);
    if (const std::optional<std::string> addition = garbage_logged_.admit(system_.clock().now().mono)) {
        tell(LogLevel::warning, types::remoting_error, "dropped what " + from + " has sent: " + problem + *addition,
             {.local = text_, .remote = "", .inbound = true, .cause = from + " has sent: " + problem});
    }
}

}  // namespace motet
