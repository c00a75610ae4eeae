// System messages between nodes, and death watch.
#include "core/actor/cell.h"
#include "core/remote/remote_ref.h"
#include "core/remote/remoting.h"
#include "core/remote/stand_in.h"

namespace motet {

namespace {

void tell_terminated(const Ref &watcher, const Ref &watchee, bool existence_confirmed, bool address_terminated,
                     const TraceContext &trace) {
    watcher->deliver_system(new SystemMessage{.kind = SystemKind::terminated,
                                              .subject = watchee,
                                              .existence_confirmed = existence_confirmed,
                                              .address_terminated = address_terminated,
                                              .trace = trace});
}

}  // namespace

// The path of an actor of this node as it goes over the wire: "/user/a#17".
std::string Remoting::own_path(const ActorRef &ref) const {
    std::string path = ref.full_path();
    return path.rfind(text_ + "/", 0) == 0 ? path.substr(text_.size()) : std::string();
}

void Remoting::send_system_now(RemoteRef &ref, Now now, const SystemMessage &message) {
    switch (message.kind) {
    case SystemKind::watch:
        watch(ref, now, message.subject, message.trace);
        break;
    case SystemKind::unwatch:
        unwatch(ref, now, message.subject, message.trace);
        break;
    case SystemKind::terminated:
        ref.peer().endings.push_back({Ref(&ref), message, ref.peer().large_out.appended()});
        finish_endings(ref.peer(), now);
        break;
    default:
        system_.log().debug("a system message for " + ref.path() + " was dropped: its kind does not leave the node");
    }
}

// Sends the news of actors that have terminated as far as all they have sent has left, or never will.
void Remoting::finish_endings(Peer &peer, Now now) {
    while (!peer.endings.empty() && peer.large_out.finished(peer.endings.front().after)) {
        const Peer::Ending ending = std::move(peer.endings.front());
        peer.endings.pop_front();
        send_terminated(static_cast<RemoteRef &>(*ending.watcher), now, ending.news);
    }
}

void Remoting::send_terminated(RemoteRef &watcher, Now now, const SystemMessage &news) {
    const std::string watchee = own_path(*news.subject);
    if (watchee.empty()) {
        return;
    }
    Peer &peer = watcher.peer();
    uint8_t trace[wire::kTraceSize];
    news.trace.to_bytes(trace);
    wire::System system;
    system.kind = wire::SystemKind::terminated;
    system.flags = static_cast<uint8_t>((news.existence_confirmed ? wire::kExistenceConfirmed : 0) |
                                        (news.address_terminated ? wire::kAddressTerminated : 0));
    // What the actor has sent stands in frames up to these.
    const Peer::Lane &ordinary = peer.lane(wire::Lane::ordinary);
    system.after = ordinary.sequence + ordinary.outbound.frames();
    system.after_large = peer.lane(wire::Lane::large).sequence;
    system.trace = {trace, sizeof(trace)};
    system.watchee = watchee;
    system.watcher = watcher.local_path();
    add_reliable(peer, now, system);
}

void Remoting::watch(RemoteRef &watchee, Now now, const Ref &watcher, const TraceContext &trace) {
    Peer &peer = watchee.peer();
    if (peer.association.state() == Association::State::quarantined) {
        tell_terminated(watcher, Ref(&watchee), false, true, trace);
        return;
    }
    peer.watches.emplace(watchee.path(), Peer::Watch{Ref(&watchee), watcher});
    watcher_.watch(now, peer.address);
    next_scan_ = 0;
    send_watch(watchee, now, wire::SystemKind::watch, *watcher, trace);
}

void Remoting::unwatch(RemoteRef &watchee, Now now, const Ref &watcher, const TraceContext &trace) {
    Peer &peer = watchee.peer();
    const auto [begin, end] = peer.watches.equal_range(watchee.path());
    for (auto it = begin; it != end; ++it) {
        if (ActorRef::same(*it->second.watcher, *watcher) && ActorRef::same(*it->second.watchee, watchee)) {
            peer.watches.erase(it);
            send_watch(watchee, now, wire::SystemKind::unwatch, *watcher, trace);
            break;
        }
    }
    forget_if_unneeded(peer);
}

void Remoting::send_watch(RemoteRef &watchee, Now now, wire::SystemKind kind, const ActorRef &watcher,
                          const TraceContext &context) {
    const std::string watcher_path = own_path(watcher);
    if (!watcher_path.empty()) {
        uint8_t trace[wire::kTraceSize];
        context.to_bytes(trace);
        wire::System system;
        system.kind = kind;
        system.trace = {trace, sizeof(trace)};
        system.watchee = watchee.local_path();
        system.watcher = watcher_path;
        add_reliable(watchee.peer(), now, system);
    }
}

void Remoting::add_reliable(Peer &peer, Now now, wire::System system) {
    if (peer.association.state() == Association::State::quarantined) {
        return;
    }
    system.sequence = peer.reliable_out.next_sequence();
    ByteBuffer record;
    wire::write_system(record, system);
    if (!peer.reliable_out.add(now, std::move(record))) {
        lose(peer, now, 0,
             "more than " + std::to_string(peer_settings_.reliable.buffer) +
                 " system messages wait for acknowledgement");
        return;
    }
    next_scan_ = 0;
    make_ready(peer);
}

wire::Problem Remoting::system_record(Peer &peer, Now now, Bytes body) {
    wire::System system;
    if (const wire::Problem problem = wire::read_system(body, system)) {
        return problem;
    }
    if (peer.reliable_in.accept(system.sequence) != ReliableReceiver::Verdict::deliver) {
        return nullptr;
    }
    if (system.kind == wire::SystemKind::create) {
        create_here(peer, now, system);
        return nullptr;
    }
    if (!trust_.complete()) {
        untrusted_.fetch_add(1, std::memory_order_relaxed);
        system_.dead_letters().count(Code::UNTRUSTED, 1);
        system_.log().debug("a system message of " + peer.text + " was dropped: this node is in untrusted mode");
        return nullptr;  // it is acknowledged: to send it again would not help
    }
    if (system.kind == wire::SystemKind::order) {
        obey(peer, system);
        return nullptr;
    }
    if (system.kind == wire::SystemKind::report) {
        report(peer, system);
        return nullptr;
    }
    const TraceContext trace = TraceContext::from_bytes(system.trace.data(), system.trace.size());
    const bool watching = system.kind == wire::SystemKind::watch || system.kind == wire::SystemKind::unwatch;
    const Ref local = resolve_target(watching ? system.watchee : system.watcher);
    const Ref remote = resolve_sender(peer, watching ? system.watcher : system.watchee);
    if (!local || !remote) {
        return "system message: about what is not a path";
    }
    if (watching) {
        const SystemKind kind = system.kind == wire::SystemKind::watch ? SystemKind::watch : SystemKind::unwatch;
        local->deliver_system(new SystemMessage{.kind = kind, .subject = remote, .trace = trace});
        return nullptr;
    }
    if (system.kind != wire::SystemKind::terminated) {
        return nullptr;  // of a later version; it is acknowledged, so that what follows it comes through
    }
    if (peer.terminations.size() >= peer.watches.size() + kMaxUnaskedNews) {
        return "system message: more news of terminations than there are watchers";
    }
    peer.terminations.push_back(
        {remote, local, system.flags, trace, system.after, system.after_large, now.mono + kTerminationPatience});
    finish_terminations(peer, now);
    return nullptr;
}

// Tells the news of actors that have terminated, in order, as far as what they had sent is here.
void Remoting::finish_terminations(Peer &peer, Now now) {
    while (!peer.terminations.empty()) {
        const Peer::Termination news = peer.terminations.front();
        const bool whole = news.after <= peer.lane(wire::Lane::ordinary).inbound.last_sequence() &&
                           news.after_large <= peer.lane(wire::Lane::large).inbound.last_sequence();
        if (!whole && now.mono < news.deadline) {
            next_scan_ = std::min(next_scan_, news.deadline);
            return;
        }
        peer.terminations.pop_front();
        const auto [begin, end] = peer.watches.equal_range(news.watchee->path());
        for (auto it = begin; it != end; ++it) {
            if (ActorRef::same(*it->second.watcher, *news.watcher) && it->second.watchee->means(*news.watchee)) {
                const Peer::Watch watch = it->second;
                peer.watches.erase(it);
                tell_terminated(watch.watcher, news.watchee, (news.flags & wire::kExistenceConfirmed) != 0,
                                (news.flags & wire::kAddressTerminated) != 0, news.trace);
                break;
            }
        }
        forget_if_unneeded(peer);
    }
}

// Asks a new life of the peer about everyone who is watched there: it answers for those that are no more.
void Remoting::watch_again(Peer &peer, Now now) {
    peer.children.clear();
    stop_created(peer);
    for (const auto &[path, watch] : peer.watches) {
        send_watch(static_cast<RemoteRef &>(*watch.watchee), now, wire::SystemKind::watch, *watch.watcher, {});
    }
}

// Tells everyone who watches an actor of the peer that its node is gone.
void Remoting::tell_lost(Peer &peer) {
    for (const auto &[path, watch] : std::exchange(peer.watches, {})) {
        tell_terminated(watch.watcher, watch.watchee, true, true, {});
    }
    peer.children.clear();
    stop_created(peer);
    watcher_.forget(peer.address);
}

void Remoting::lose(Peer &peer, Now now, uint64_t uid, const std::string &reason) {
    const uint64_t present = peer.association.uid();
    const uint64_t lost = uid != 0 ? uid : present;
    apply(peer, now, peer.association.quarantine(now, lost, reason));
    if (present == 0 || lost == present) {
        // Also where nobody was ever reached, so that there is nobody to quarantine.
        peer.reliable_out.restart();
        tell_lost(peer);
    }
}

}  // namespace motet
