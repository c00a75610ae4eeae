#include "core/remote/remoting.h"

#include <algorithm>
#include <condition_variable>

#include "core/actor/cell.h"
#include "core/remote/remote_ref.h"
#include "core/remote/stand_in.h"
#include "core/remote/zmq_transport.h"

namespace motet {

namespace {

constexpr Nanos kPatience = 10 * kSecond;  // with the transport's thread

AssociationSettings association_settings(const Config &config) {
    AssociationSettings settings;
    settings.handshake_timeout = config.duration("remote.handshake-timeout");
    settings.gate_time = config.duration("remote.gate-time");
    return settings;
}

ReliableSettings reliable_settings(const Config &config) {
    ReliableSettings settings;
    settings.resend_interval = config.duration("remote.system-message-resend-interval");
    settings.buffer = static_cast<size_t>(config.integer("remote.system-message-buffer"));
    return settings;
}

size_t size_of(const Config &config, KeyOf<Kind::size> key) { return static_cast<size_t>(config.size(key)); }

PeerSettings peer_settings(const Config &config) {
    const size_t max_frame = size_of(config, "remote.max-frame-size");
    const size_t max_message = size_of(config, "remote.max-message-size");
    const size_t large_queue = std::max(size_of(config, "remote.large-queue-size"), max_message);
    // What is not large must fit in a frame with all its names.
    const size_t large = std::min(size_of(config, "remote.large-message-size"), max_frame / 2);
    return {association_settings(config),
            reliable_settings(config),
            {max_frame, size_of(config, "remote.queue-size")},
            {large, max_message, large_queue, max_frame},
            {max_message, large_queue}};
}

RemoteWatcherSettings watcher_settings(const Config &config) {
    RemoteWatcherSettings settings;
    settings.heartbeat_interval = config.duration("remote.watch.heartbeat-interval");
    settings.first_response = settings.heartbeat_interval;
    settings.detector.threshold = config.real("remote.watch.threshold");
    settings.detector.max_samples = static_cast<int>(config.integer("remote.watch.max-samples"));
    settings.detector.min_deviation = config.duration("remote.watch.min-standard-deviation");
    settings.detector.acceptable_pause = config.duration("remote.watch.acceptable-pause");
    settings.detector.first_estimate = settings.heartbeat_interval;
    return settings;
}

}  // namespace

Remoting::Remoting(System &system, std::unique_ptr<Transport> transport)
    : system_(system), cookie_(system.config().text("remote.cookie")), trust_(system.config(), system.types()),
      peer_settings_(peer_settings(system.config())), idle_timeout_(system.config().duration("remote.idle-timeout")),
      log_events_(system.config().boolean("remote.log-lifecycle-events")), transport_(std::move(transport)),
      watcher_(watcher_settings(system.config())) {}

Remoting::~Remoting() { transport_->stop(0); }

std::unique_ptr<Transport> Remoting::zmq_transport(const System &system) {
    ZmqTransportSettings settings;
    settings.max_frame = static_cast<size_t>(system.config().size("remote.max-frame-size")) + wire::kHeaderSize;
    settings.ipc_directory = system.config().text("remote.ipc.directory");
    settings.curve.enabled = system.config().boolean("remote.curve.enabled");
    settings.curve.key_file = system.config().text("remote.curve.key-file");
    settings.curve.peers_file = system.config().text("remote.curve.peers-file");
    return std::make_unique<ZmqTransport>(settings, system.clock());
}

Result<Ptr<Remoting>> Remoting::start(System &system, std::unique_ptr<Transport> transport) {
    auto remoting = Ptr<Remoting>::adopt(new Remoting(system, std::move(transport)));
    if (Status bound = remoting->bind(); !bound.ok()) {
        return bound;
    }
    system.plug_in(remoting);
    if (Status started = remoting->transport_->start(*remoting); !started.ok()) {
        return started;
    }
    remoting->tell(LogLevel::info, types::listening, "listening at " + remoting->text_, {.local = remoting->text_});
    return remoting;
}

Status Remoting::bind() {
    const Result<ListenPlan> plan = ListenPlan::of(system_.config(), system_.uid());
    if (!plan.ok()) {
        return Status(plan.status().code(), plan.status().message());
    }
    const ListenPlan &where = plan.value();
    const Result<uint16_t> bound =
        where.local ? transport_->listen_locally(where.host) : transport_->listen(where.bind_host, where.bind_port);
    if (!bound.ok()) {
        return Status(bound.status().code(), bound.status().message());
    }
    const uint16_t port = where.port != 0 ? where.port : bound.value();
    Result<Address> address = Address::parse(where.local ? Address::ipc(system_.name(), where.host).text()
                                                         : Address::tcp(system_.name(), where.host, port).text());
    if (!address.ok()) {
        return Status(address.status().code(), "remote.host: " + address.status().message());
    }
    address_ = std::move(address.value());
    text_ = address_.text();
    own_ = OwnAddresses(address_, where, bound.value(), transport_->hosts());
    return {};
}

void Remoting::stop(Nanos linger) {
    stopping_ = true;
    transport_->stop(linger);
    std::unordered_map<Address, Ptr<Peer>> peers;
    std::vector<std::function<void(Now)>> jobs;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopped_, true)) {
            return;
        }
        peers = std::move(peers_);
        peers_.clear();
        ready_.clear();
        jobs = std::move(jobs_);
        jobs_.clear();
    }
    keeper_ = nullptr;
    for (auto &[address, peer] : peers) {
        peer->refusal = Code::CLOSED;
        drop_queues(*peer, Code::CLOSED);
        lose_incomplete(*peer);
        tell_room(*peer);
        peer->watches.clear();
        peer->terminations.clear();
        peer->endings.clear();
        peer->children.clear();
        peer->created.clear();
        for (Peer::Lane &lane : peer->lanes) {
            lane.inbound.restart();  // which holds refs to this very peer
        }
    }
    tell(LogLevel::info, types::remoting_shut_down, "remoting has ended",
         {.local = text_, .cause = "the system closes"});
}

bool Remoting::is_own(const Address &address) const { return address == address_ || own_.include(address); }

Result<Ref> Remoting::ref(const ActorPath &path) {
    if (!path.address->has_host()) {
        return Status(Code::BAD_ADDRESS, "address \"" + path.address->text() +
                                             "\" is that of a node without remoting, and not of this one");
    }
    Result<Ptr<Peer>> found = peer(*path.address);
    if (!found.ok()) {
        return std::move(found.status());
    }
    return Ref(make_counted<RemoteRef>(std::move(found.value()), path));
}

Result<Ptr<Peer>> Remoting::peer(const Address &address) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    Ptr<Peer> &peer = peers_[address];
    if (!peer) {
        if (peers_.size() > kMaxPeers) {
            peers_.erase(address);
            return Status(Code::QUEUE_FULL, "more than " + std::to_string(kMaxPeers) + " addresses are in use");
        }
        peer = make_counted<Peer>(Ptr<System>(&system_), *this, address, peer_settings_, text_);
    }
    return peer;
}

bool Remoting::post(std::function<void(Now)> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    transport_->wake();
    return true;
}

std::vector<Ptr<Peer>> Remoting::all_peers() const {
    std::vector<Ptr<Peer>> peers;
    const std::lock_guard lock(mutex_);
    for (const auto &[address, peer] : peers_) {
        peers.push_back(peer);
    }
    return peers;
}

void Remoting::make_ready(Peer &peer) {
    if (!peer.ready.exchange(true)) {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            ready_.push_back(Ptr<Peer>(&peer));
        }
    }
    transport_->wake();
}

// What every message needs on its way out: a peer that may be sent to, and a type with a name.
Code Remoting::admit(Peer &peer, const OutboundMessage &message) {
    const Code refusal = peer.refusal.load(std::memory_order_acquire);
    if (refusal != Code::OK) {
        if (refusal == Code::QUARANTINED && !peer.wanted.exchange(true)) {
            transport_->wake();
        }
        return refusal;
    }
    return message.type_name == nullptr ? Code::INVALID : Code::OK;
}

Code Remoting::send(Peer &peer, wire::Lane lane, const OutboundMessage &message) {
    if (const Code code = admit(peer, message); code != Code::OK) {
        return code;
    }
    bool first = false;
    const Code code = peer.lane(lane).outbound.append(message, first);
    if (first) {
        make_ready(peer);
    }
    return code;
}

void Remoting::send_system(Ptr<RemoteRef> ref, std::unique_ptr<SystemMessage> message) {
    post([this, ref = std::move(ref), message = std::shared_ptr<SystemMessage>(std::move(message))](Now now) {
        send_system_now(*ref, now, *message);
    });
}

void Remoting::set_member(const Address &node, bool member) {
    post([this, node, member](Now now) {
        watcher_.set_member(now, node, member);
        next_scan_ = 0;
    });
}

void Remoting::node_lost(const Address &node, uint64_t uid, const std::string &reason) {
    post([this, node, uid, reason](Now now) {
        if (const Result<Ptr<Peer>> found = peer(node); found.ok()) {
            lose(*found.value(), now, uid, reason);
        }
    });
}

PeerReport Remoting::report(Peer &peer, Now now) const {
    PeerReport report{peer.address, peer.association.uid(), peer.association.state(), watcher_.phi(now, peer.address),
                      peer.large_out.queued()};
    for (const Peer::Lane &lane : peer.lanes) {
        report.queued += lane.outbound.queued();
    }
    return report;
}

// Has something found out or done on the transport's thread, and waits for what comes of it. Errors: CLOSED, TIMEOUT.
template <typename Answer> Answer Remoting::ask(std::function<Answer(Now)> question) {
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Answer> answer;
        bool over = false;
    };
    const auto shared = std::make_shared<Shared>();
    // The job is over when it is freed: done, or not, by a transport that ends.
    std::shared_ptr<void> job(nullptr, [shared](void *) {
        const std::lock_guard lock(shared->mutex);
        shared->over = true;
        shared->changed.notify_all();
    });
    post([shared, question = std::move(question), job = std::move(job)](Now now) {
        Answer answer = question(now);
        const std::lock_guard lock(shared->mutex);
        shared->answer = std::move(answer);
    });
    std::unique_lock lock(shared->mutex);
    if (!system_.await(lock, shared->changed, kPatience, [&] { return shared->over; })) {
        return Status(Code::TIMEOUT, "remoting is too busy to answer");
    }
    if (!shared->answer) {
        return Status(Code::CLOSED, "remoting has ended");
    }
    return std::move(*shared->answer);
}

Result<std::vector<PeerReport>> Remoting::peers() {
    return ask<Result<std::vector<PeerReport>>>([this](Now now) {
        std::vector<PeerReport> reports;
        for (const Ptr<Peer> &peer : all_peers()) {
            reports.push_back(report(*peer, now));
        }
        std::sort(reports.begin(), reports.end(),
                  [](const PeerReport &left, const PeerReport &right) { return left.address < right.address; });
        return reports;
    });
}

Status Remoting::reload_keys() {
    return ask<Status>([this](Now) { return transport_->reload_identities(); });
}

Remoting::Counters Remoting::counters() const {
    const std::lock_guard lock(mutex_);
    return {frames_in_, frames_out_,     envelopes_in_,      malformed_frames_, stale_frames_,
            gaps_,      refused_hellos_, refused_strangers_, untrusted_,        peers_.size()};
}

}  // namespace motet
