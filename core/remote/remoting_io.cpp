// The states of associations, and what goes out.
#include "core/remote/remote_ref.h"
#include "core/remote/remoting.h"

namespace motet {

using EffectKind = Association::Effect::Kind;
using State = Association::State;
using wire::Lane;

Nanos Remoting::work(Now now) {
    std::vector<std::function<void(Now)>> jobs;
    std::vector<Ptr<Peer>> ready;
    {
        const std::lock_guard lock(mutex_);
        jobs.swap(jobs_);
        ready.swap(ready_);
    }
    for (const std::function<void(Now)> &job : jobs) {
        job(now);
    }
    for (const Ptr<Peer> &peer : ready) {
        peer->ready.store(false);
        pump(*peer, now);
    }
    for (Peer *peer : std::exchange(full_, {})) {
        pump(*peer, now);
    }
    if (now.mono >= next_scan_) {
        scan(now);
    }
    if (stopping_) {
        say_goodbye();
    }
    return full_.empty() ? next_scan_ : std::min(next_scan_, now.mono + kFullRetry);
}

// Looks after everything that has its time.
void Remoting::scan(Now now) {
    constexpr Nanos kAtLeast = 10 * kSecond;
    next_scan_ = now.mono + kAtLeast;
    const RemoteWatcher::Outcome outcome = watcher_.tick(now);
    for (const Address &address : outcome.heartbeat) {
        if (const Result<Ptr<Peer>> found = peer(address); found.ok()) {
            ByteBuffer record;
            wire::write_number(record, wire::RecordKind::heartbeat, static_cast<uint64_t>(now.mono));
            append_control(*found.value(), record.view());
        }
    }
    for (const Address &address : outcome.lost) {
        if (const Result<Ptr<Peer>> found = peer(address); found.ok()) {
            lose(*found.value(), now, 0, "it does not answer heartbeats");
        }
    }
    for (const Ptr<Peer> &peer : all_peers()) {
        apply(*peer, now, peer->association.tick(now));
        set_refusal(*peer);  // the end of a gate has no other effect
        if (peer->reliable_out.hopeless(now)) {
            lose(*peer, now, 0, "system messages were not acknowledged for too long");
        }
        deliver_large(*peer, now);
        finish_terminations(*peer, now);
        pump(*peer, now);
        next_scan_ = std::min(next_scan_, peer->large_in.deadline());
        forget_created(*peer);
        close_unused(*peer, now);
        if (const std::optional<Nanos> deadline = peer->association.deadline()) {
            next_scan_ = std::min(next_scan_, *deadline);
        }
        if (const std::optional<Nanos> deadline = peer->reliable_out.deadline()) {
            next_scan_ = std::min(next_scan_, std::max(*deadline, now.mono + kMillisecond));
        }
    }
    next_scan_ = std::min(next_scan_, watcher_.deadline());
}

void Remoting::apply(Peer &peer, Now now, const Association::Effects &effects, InboundId inbound) {
    bool new_life = false;
    for (const Association::Effect &effect : effects) {
        switch (effect.kind) {
        case EffectKind::connect:
            open(peer, Lane::control);
            break;
        case EffectKind::send_hello:
            peer.lane(Lane::control).greet = true;
            break;
        case EffectKind::send_welcome:
            transport_->reply(inbound, wire::write_welcome({{address_, system_.uid()}, address_, wire::kVersion},
                                                           Lane::control, peer.association.uid()));
            break;
        case EffectKind::send_reject:
            transport_->reply(
                inbound,
                wire::write_reject({{address_, system_.uid()}, address_, wire::RejectCode::quarantined, effect.reason},
                                   Lane::control, 0));
            break;
        case EffectKind::close:
            close_connections(peer);
            break;
        case EffectKind::reset:
            apply_reset(peer);
            break;
        case EffectKind::new_life:
            new_life = true;
            std::erase_if(by_uid_, [&](const auto &entry) { return entry.second == &peer; });
            peer.reliable_out.restart();
            peer.reliable_in.restart();
            peer.terminations.clear();
            lose_incomplete(peer);
            for (Peer::Lane &lane : peer.lanes) {
                lane.inbound.restart();
            }
            break;
        default:
            publish(peer, effect);
        }
    }
    if (effects.empty()) {
        return;
    }
    set_refusal(peer);
    next_scan_ = 0;
    if (peer.association.state() == State::quarantined && new_life) {
        tell_lost(peer);
    } else if (peer.association.state() == State::active) {
        by_uid_[peer.association.uid()] = &peer;
        peer.unused_since = now.mono;
        peer.reliable_out.link_renewed();
        if (new_life) {
            watch_again(peer, now);
        }
    }
    pump(peer, now);
}

void Remoting::set_refusal(Peer &peer) {
    const State state = peer.association.state();
    peer.refusal = state == State::gated ? Code::GATED : state == State::quarantined ? Code::QUARANTINED : Code::OK;
}

void Remoting::close_connections(Peer &peer) {
    for (Peer::Lane &lane : peer.lanes) {
        if (lane.connection != 0) {
            transport_->disconnect(lane.connection);
            by_connection_.erase(lane.connection);
            lane.connection = 0;
            lane.greet = false;
        }
    }
}

void Remoting::apply_reset(Peer &peer) {
    close_connections(peer);
    lose_incomplete(peer);
    set_refusal(peer);
    const Code refusal = peer.refusal;
    drop_queues(peer, refusal == Code::OK ? Code::UNREACHABLE : refusal);
}

void Remoting::drop_queues(Peer &peer, Code cause) {
    for (Peer::Lane &lane : peer.lanes) {
        const std::optional<OutboundLane::Frame> taken = std::exchange(lane.taken, std::nullopt);
        lane.outbound.drop(taken ? &*taken : nullptr, [&](const OutboundLane::Dropped &message) {
            const Result<TypeId> type = system_.types().intern_any(message.type);
            const Result<Ref> sender = message.sender.empty() ? Result<Ref>(Ref()) : system_.resolve(message.sender);
            Envelope *envelope = Envelope::make(type.ok() ? type.value() : 0, message.payload,
                                                sender.ok() ? sender.value().get() : nullptr,
                                                TraceContext::from_bytes(message.trace.data(), message.trace.size()));
            if (envelope != nullptr) {
                envelope->set_hops(Hops::from_text(message.hops));
                system_.dead_letters().take(envelope, cause, peer.text + message.target);
            } else {
                system_.dead_letters().count(cause, 1);
            }
        });
    }
    peer.large_out.drop(
        [&](Envelope *envelope, const ActorRef &target) { system_.dead_letters().take(envelope, cause, target); });
}

void Remoting::publish(Peer &peer, const Association::Effect &effect) {
    const RemotingEvent event{text_, peer.text, peer.association.uid(), effect.inbound, effect.reason};
    switch (effect.kind) {
    case EffectKind::associated:
        return tell(LogLevel::info, types::associated,
                    "associated with " + peer.text + (effect.inbound ? ", which began" : ""), event);
    case EffectKind::disassociated:
        return tell(LogLevel::info, types::disassociated,
                    "no longer associated with " + peer.text + ": " + effect.reason, event);
    case EffectKind::association_error:
        return tell(LogLevel::warning, types::association_error,
                    "cannot associate with " + peer.text + ": " + effect.reason, event);
    case EffectKind::quarantined:
        return tell(LogLevel::warning, types::quarantined, "quarantined " + peer.text + ": " + effect.reason, event);
    default:
        return tell(LogLevel::warning, types::this_system_quarantined,
                    "quarantined by " + peer.text + ": " + effect.reason, event);
    }
}

// Logs and publishes an event.
void Remoting::tell(LogLevel level, TypeId type, const std::string &text, const RemotingEvent &event) {
    system_.log().log(log_events_ || level > LogLevel::info ? level : LogLevel::debug, text);
    system_.events().publish(type, encode_remoting_event(event));
}

// Closes what has not been used for long.
void Remoting::close_unused(Peer &peer, Now now) {
    if (idle_timeout_ == 0 || peer.association.state() != State::active) {
        return;
    }
    if (std::exchange(peer.frames_seen, peer.frames) != peer.frames || peer.reliable_out.waiting() > 0) {
        peer.unused_since = now.mono;
    }
    if (now.mono - peer.unused_since >= idle_timeout_) {
        apply(peer, now,
              peer.association.unused("nothing was sent or heard for " + std::to_string(idle_timeout_ / kMillisecond) +
                                      " ms"));
    } else {
        next_scan_ = std::min(next_scan_, peer.unused_since + idle_timeout_);
    }
}

void Remoting::open(Peer &peer, Lane which) {
    Peer::Lane &lane = peer.lane(which);
    if (lane.connection == 0) {
        lane.connection = transport_->connect(peer.address, which);
        by_connection_[lane.connection] = {&peer, which};
        lane.greet = true;
    }
}

// Says hello where that is due. False: not yet.
bool Remoting::greet(Peer &peer, Lane which) {
    Peer::Lane &lane = peer.lane(which);
    if (lane.greet) {
        wire::Hello hello;
        hello.from = {address_, system_.uid()};
        hello.to = peer.address;
        hello.cookie = cookie_;
        ByteBuffer frame = wire::write_hello(hello, which);
        lane.greet = transport_->send(lane.connection, frame) == Transport::Sent::full;
    }
    return !lane.greet;
}

// Sends what can be sent to a peer, or sees to it that some day it can.
void Remoting::pump(Peer &peer, Now now) {
    pump_queues(peer, now);
    finish_endings(peer, now);
    if (peer.room.any()) {
        tell_room(peer);
    }
}

void Remoting::pump_queues(Peer &peer, Now now) {
    if (peer.association.state() == State::quarantined && peer.wanted.load()) {
        const Association::Effects effects = peer.association.wanted(now);
        if (!effects.empty()) {
            peer.wanted = false;
            apply(peer, now, effects);
            return;
        }
    }
    switch (peer.association.state()) {
    case State::active: {
        ByteBuffer system;
        peer.reliable_out.collect(now, system);
        wire::Record record;
        for (wire::RecordReader reader(system.view()); reader.next(record);) {
            append_control(
                peer, {record.body.data() - wire::kRecordHeaderSize, record.body.size() + wire::kRecordHeaderSize});
        }
        for (const Lane which : {Lane::control, Lane::ordinary, Lane::large}) {
            if (!pump_lane(peer, which)) {
                full_.insert(&peer);
            }
        }
        break;
    }
    case State::idle: {
        size_t queued = peer.reliable_out.waiting() + (peer.large_out.finished(peer.large_out.appended()) ? 0 : 1);
        for (const Peer::Lane &lane : peer.lanes) {
            queued += lane.outbound.queued();
        }
        if (queued > 0) {
            apply(peer, now, peer.association.wanted(now));
        }
        break;
    }
    case State::gated:
    case State::quarantined:
        drop_queues(peer, peer.refusal);  // what a sender was still adding when the refusal began
        [[fallthrough]];
    case State::handshaking:
        if (peer.lane(Lane::control).connection != 0 && !greet(peer, Lane::control)) {
            full_.insert(&peer);
        }
    }
}

bool Remoting::take(Peer &peer, Lane which, OutboundLane::Frame &frame) {
    if (which != Lane::large) {
        return peer.lane(which).outbound.take(frame);
    }
    const Peer::Lane &ordinary = peer.lane(Lane::ordinary);
    return peer.large_out.take(ordinary.sequence + ordinary.outbound.frames(), frame);
}

// Sends all frames of a lane. False: the transport cannot take more now.
bool Remoting::pump_lane(Peer &peer, Lane which) {
    Peer::Lane &lane = peer.lane(which);
    while (true) {
        if (!lane.taken) {
            OutboundLane::Frame frame;
            if (!take(peer, which, frame)) {
                return true;
            }
            wire::FrameHeader header;
            header.lane = which;
            header.from = system_.uid();
            header.to = peer.association.uid();
            header.sequence = ++lane.sequence;
            header.epoch = frame.epoch;
            wire::finish_frame(frame.bytes, header);
            lane.taken = std::move(frame);
        }
        open(peer, which);
        if (!greet(peer, which)) {
            return false;
        }
        const size_t size = lane.taken->bytes.size();
        switch (transport_->send(lane.connection, lane.taken->bytes)) {
        case Transport::Sent::yes:
            frames_out_.fetch_add(1, std::memory_order_relaxed);
            ++peer.frames;
            if (which == Lane::large) {
                peer.large_out.sent();
            } else {
                lane.outbound.sent(size);
            }
            lane.taken.reset();
            break;
        case Transport::Sent::full:
            return false;
        case Transport::Sent::gone:
            return false;  // link_lost() comes
        }
    }
}

void Remoting::append_control(Peer &peer, Bytes record) {
    if (peer.refusal == Code::OK) {
        bool first = false;
        // A record that finds no room is lost like one on the way: heartbeats come again, and so does what is reliable.
        if (peer.lane(Lane::control).outbound.append_record(record, first) == Code::OK && first) {
            make_ready(peer);
        }
    }
}

void Remoting::link_lost(ConnectionId connection, const std::string &reason) {
    const auto found = by_connection_.find(connection);
    if (found != by_connection_.end()) {
        Peer &peer = *found->second.first;
        const Now now = system_.clock().now();
        // The transport tries again by itself; whoever answers then must be greeted first.
        peer.lane(found->second.second).greet = true;
        apply(peer, now, peer.association.link_lost(now, reason));
    }
}

void Remoting::say_goodbye() {
    ByteBuffer record;
    wire::write_text(record, wire::RecordKind::goodbye, "the system there closes");
    for (const auto &[uid, peer] : by_uid_) {
        if (peer->association.state() == State::active) {
            append_control(*peer, record.view());
            for (const Lane which : {Lane::control, Lane::ordinary, Lane::large}) {
                pump_lane(*peer, which);
            }
        }
    }
}

}  // namespace motet
