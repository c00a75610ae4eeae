#include "core/remote/remoting.h"

#include <future>

#include "core/remote/remote_ref.h"
#include "core/remote/zmq_transport.h"

namespace motet {

namespace {

bool is_wildcard(const std::string &host) { return host == "0.0.0.0" || host == "::"; }

bool is_loopback(const std::string &host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

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
    : system_(system), cookie_(system.config().text("remote.cookie")),
      association_settings_(association_settings(system.config())),
      reliable_settings_(reliable_settings(system.config())),
      lane_settings_{static_cast<size_t>(system.config().size("remote.max-frame-size")),
                     static_cast<size_t>(system.config().size("remote.queue-size"))},
      transport_(std::move(transport)), watcher_(watcher_settings(system.config())) {}

Remoting::~Remoting() { transport_->stop(0); }

std::unique_ptr<Transport> Remoting::zmq_transport(const System &system) {
    ZmqTransportSettings settings;
    settings.max_frame = static_cast<size_t>(system.config().size("remote.max-frame-size")) + wire::kHeaderSize;
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
    system.log().info("listening at " + remoting->text_);
    system.events().publish(Topic::remoting, types::listening, encode_remoting_event({.local = remoting->text_}));
    return remoting;
}

Status Remoting::bind() {
    const Config &config = system_.config();
    const std::string host = config.text("remote.host");
    const std::string other_bind_host = config.text("remote.bind-host");
    const int64_t port = config.integer("remote.port");
    const int64_t other_bind_port = config.integer("remote.bind-port");
    if (is_wildcard(host)) {
        return Status(Code::BAD_VALUE, "remote.host: \"" + host +
                                           "\" is no address that other nodes could reach this one by; set it to a "
                                           "name or address of this machine, and remote.bind-host to \"" +
                                           host + "\"");
    }
    const std::string bind_host = other_bind_host.empty() ? host : other_bind_host;
    const auto bind_port = static_cast<uint16_t>(other_bind_port < 0 ? port : other_bind_port);
    const Result<uint16_t> bound = transport_->listen(bind_host, bind_port);
    if (!bound.ok()) {
        return Status(bound.status().code(), bound.status().message());
    }
    address_ = Address::tcp(system_.name(), host, port != 0 ? static_cast<uint16_t>(port) : bound.value());
    text_ = address_.text();
    bound_ = Address::tcp(system_.name(), bind_host, bound.value());
    if (const Result<Address> checked = Address::parse(text_); !checked.ok()) {
        return Status(checked.status().code(), "remote.host: " + checked.status().message());
    }
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
    for (auto &[address, peer] : peers) {
        peer->refusal = Code::CLOSED;
        drop_queues(*peer, Code::CLOSED);
        peer->watches.clear();
        peer->terminations.clear();
        for (Peer::Lane &lane : peer->lanes) {
            lane.inbound.restart();  // which holds refs to this very peer
        }
    }
    system_.events().publish(Topic::remoting, types::remoting_shut_down,
                             encode_remoting_event({.local = text_, .cause = "the system closes"}));
}

bool Remoting::is_own(const Address &address) const {
    if (address == address_ || address == bound_) {
        return true;
    }
    const bool listens_at_loopback = is_wildcard(bound_.host) || is_loopback(bound_.host);
    return address.system == address_.system && address.port == bound_.port && listens_at_loopback &&
           is_loopback(address.host);
}

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
        peer = make_counted<Peer>(Ptr<System>(&system_), *this, address, association_settings_, reliable_settings_,
                                  lane_settings_, text_);
    }
    return peer;
}

void Remoting::post(std::function<void(Now)> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            return;
        }
        jobs_.push_back(std::move(job));
    }
    transport_->wake();
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

Code Remoting::send(Peer &peer, wire::Lane lane, const OutboundMessage &message) {
    const Code refusal = peer.refusal.load(std::memory_order_acquire);
    if (refusal != Code::OK) {
        if (refusal == Code::QUARANTINED && !peer.wanted.exchange(true)) {
            transport_->wake();
        }
        return refusal;
    }
    OutboundMessage named = message;
    const char *type = system_.types().name(message.type);
    if (type == nullptr) {
        return Code::INVALID;
    }
    named.type_name = type;
    bool first = false;
    const Code code = peer.lane(lane).outbound.append(named, first);
    if (first) {
        make_ready(peer);
    }
    if (code == Code::TOO_LARGE) {
        system_.log().error("a message of type " + std::string(type) + " with " +
                            std::to_string(message.payload.size()) + " bytes to " + peer.text +
                            std::string(message.target) + " is larger than remote.max-frame-size allows, " +
                            std::to_string(lane_settings_.max_frame) + " bytes");
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

double Remoting::phi(const Address &node) {
    auto result = std::make_shared<std::promise<double>>();
    std::future<double> answer = result->get_future();
    post([this, node, result](Now now) { result->set_value(watcher_.phi(now, node)); });
    // Where the transport has ended, nobody answers.
    return answer.wait_for(std::chrono::seconds(1)) == std::future_status::ready ? answer.get() : 0.0;
}

Remoting::Counters Remoting::counters() const {
    return {frames_in_, frames_out_, envelopes_in_, malformed_frames_, stale_frames_, gaps_};
}

}  // namespace motet
