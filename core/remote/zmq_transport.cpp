#include "core/remote/zmq_transport.h"

#include <cerrno>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.hpp>

#include "core/base/host.h"
#include "core/base/thread.h"
#include "core/remote/zmq_transport_impl.h"

namespace motet {

namespace {

constexpr int kConnectTimeoutMs = 5'000;
constexpr int kReconnectMs = 100;
constexpr int kReconnectMaxMs = 1'000;
constexpr int kDeadConnectionMs = 120'000;  // a silent inbound connection is cleaned up; no verdict on the peer

void recycle_frame(void *, void *frame) {
    ByteBuffer::recycle(std::move(*std::unique_ptr<ByteBuffer>(static_cast<ByteBuffer *>(frame))));
}

// Sends one frame under a routing id. The frame is gone when it returns 0, else it is an errno.
int send_routed(zmq::socket_t &socket, const void *id, size_t id_size, ByteBuffer &frame) {
    // What can fail, fails at the first part.
    if (zmq_send(socket.handle(), id, id_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return errno;
    }
    zmq_msg_t message;
    auto *sent = new ByteBuffer(std::move(frame));
    zmq_msg_init_data(&message, sent->data(), sent->size(), recycle_frame, sent);
    if (zmq_msg_send(&message, socket.handle(), ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&message);
    }
    return 0;
}

}  // namespace

ZmqTransport::Impl::Impl(const ZmqTransportSettings &settings, const Clock &clock)
    : settings_(settings), clock_(clock) {}

ZmqTransport::Impl::~Impl() {
    stop(0);
    if (wake_fd_ >= 0) {
        ::close(wake_fd_);
    }
}

void ZmqTransport::Impl::set_common_options(zmq::socket_t &socket) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::router_mandatory, true);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<int64_t>(settings_.max_frame));
    socket.set(zmq::sockopt::sndhwm, settings_.max_queued_frames);
    socket.set(zmq::sockopt::rcvhwm, settings_.max_queued_frames);
}

Result<uint16_t> ZmqTransport::Impl::listen(const std::string &host, uint16_t port) {
    const bool numeric = is_numeric_host(host) || host == "*";
    const Result<std::vector<std::string>> found =
        numeric ? Result<std::vector<std::string>>({host}) : settings_.resolver(host);
    if (!found.ok()) {
        return Status(found.status().code(), found.status().message());
    }
    const std::string &first = found.value().front();
    // Both families for "::"; for "*" as many as there are.
    const Result<std::string> bound = bind(endpoint_of(first, port), is_ipv6(first) || first == "*");
    if (!bound.ok()) {
        return Status(bound.status().code(), bound.status().message());
    }
    hosts_ = is_wildcard_host(first) ? interface_hosts() : std::vector<std::string>{first};
    if (first == "0.0.0.0") {
        std::erase_if(hosts_, is_ipv6);
    }
    return static_cast<uint16_t>(std::stoi(bound.value().substr(bound.value().rfind(':') + 1)));
}

Result<uint16_t> ZmqTransport::Impl::listen_locally(const std::string &name) {
    Result<IpcPlace> place = IpcPlace::take(settings_.ipc_directory, name);
    if (!place.ok()) {
        return std::move(place.status());
    }
    place_ = std::move(place.value());
    const Result<std::string> bound = bind(IpcPlace::endpoint(settings_.ipc_directory, name), false);
    if (!bound.ok()) {
        return Status(bound.status().code(), bound.status().message());
    }
    chmod((settings_.ipc_directory + "/" + name).c_str(), 0600);
    return uint16_t{0};
}

// Returns where it really listens.
Result<std::string> ZmqTransport::Impl::bind(const std::string &endpoint, bool both_families) {
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd_ < 0) {
        return Status(Code::TRANSPORT, std::string("no descriptor for wake-ups: ") + std::strerror(errno));
    }
    if (settings_.curve.enabled) {
        Result<std::unique_ptr<ZmqCurve>> curve = ZmqCurve::open(settings_.curve);
        if (!curve.ok()) {
            return std::move(curve.status());
        }
        curve_ = std::move(curve.value());
    }
    try {
        context_ = std::make_unique<zmq::context_t>(1);
        context_->set(zmq::ctxopt::blocky, 0);
        bound_ = std::make_unique<zmq::socket_t>(*context_, zmq::socket_type::router);
        set_common_options(*bound_);
        bound_->set(zmq::sockopt::ipv6, both_families);
        bound_->set(zmq::sockopt::heartbeat_ivl, kDeadConnectionMs / 4);
        bound_->set(zmq::sockopt::heartbeat_timeout, kDeadConnectionMs);
        if (curve_) {
            curve_->bind(*context_);
            curve_->secure_listener(*bound_);
        }
        bound_->bind(endpoint);
        return bound_->get(zmq::sockopt::last_endpoint);
    } catch (const zmq::error_t &error) {
        const Code code = error.num() == EADDRINUSE                               ? Code::ADDRESS_IN_USE
                          : error.num() == EADDRNOTAVAIL || error.num() == ENODEV ? Code::BAD_ADDRESS
                                                                                  : Code::TRANSPORT;
        return Status(code, "cannot listen on " + endpoint + ": " + error.what());
    }
}

Status ZmqTransport::Impl::start(TransportSink &sink) {
    sink_ = &sink;
    Result<std::thread> thread = start_thread(settings_.thread_name, [this] { run(); });
    if (!thread.ok()) {
        return std::move(thread.status());
    }
    thread_ = std::move(thread.value());
    return {};
}

void ZmqTransport::Impl::stop(Nanos linger) {
    linger_ms_ = static_cast<int>(linger / kMillisecond);
    stopping_ = true;
    if (thread_.joinable()) {
        signalled_ = false;
        wake();
        thread_.join();
    }
    // The context waits until all that lingers has left, or its time is over.
    const int linger_ms = linger_ms_;
    for (std::unique_ptr<Lane> &lane : lanes_) {
        if (lane) {
            lane->socket->set(zmq::sockopt::linger, linger_ms);
        }
        lane.reset();
    }
    connections_.clear();
    bound_.reset();
    curve_.reset();
    context_.reset();
    place_.reset();
}

void ZmqTransport::Impl::wake() {
    if (!signalled_.exchange(true, std::memory_order_acq_rel)) {
        const uint64_t one = 1;
        // Fails only when the counter is full, and then it is set.
        [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
    }
}

ZmqTransport::Impl::Lane &ZmqTransport::Impl::lane(wire::Lane which) {
    std::unique_ptr<Lane> &lane = lanes_[static_cast<size_t>(which)];
    if (!lane) {
        lane = std::make_unique<Lane>();
        lane->socket = std::make_unique<zmq::socket_t>(*context_, zmq::socket_type::router);
        set_common_options(*lane->socket);
        lane->socket->set(zmq::sockopt::connect_timeout, kConnectTimeoutMs);
        lane->socket->set(zmq::sockopt::reconnect_ivl, kReconnectMs);
        lane->socket->set(zmq::sockopt::reconnect_ivl_max, kReconnectMaxMs);
        const std::string name = "inproc://monitor-" + std::to_string(static_cast<int>(which));
        if (curve_) {
            curve_->secure_opener(*lane->socket);
        }
        constexpr int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        zmq_socket_monitor(lane->socket->handle(), name.c_str(), events);
        lane->monitor = std::make_unique<zmq::socket_t>(*context_, zmq::socket_type::pair);
        lane->monitor->set(zmq::sockopt::linger, 0);
        lane->monitor->connect(name);
    }
    return *lane;
}

std::string ZmqTransport::Impl::identity() const {
    const char *user = receiving_ == nullptr ? nullptr : zmq_msg_gets(receiving_->handle(), "User-Id");
    return user == nullptr ? std::string() : user;
}

bool ZmqTransport::Impl::speaks_for(const std::string &identity, const Address &peer) const {
    if (!curve_) {
        return true;
    }
    const std::optional<CurveKey> key = parse_key(identity);
    return key && curve_->peers().speaks_for(*key, peer);
}

Transport::Sent ZmqTransport::Impl::send(ConnectionId id, ByteBuffer &frame) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return Sent::gone;
    }
    if (found->second.link == nullptr) {
        return Sent::full;  // its host is still being looked up, or could not be
    }
    const RoutingId name = routing_id(found->second.link->number);
    switch (send_routed(*lane(found->second.lane).socket, name.data(), name.size(), frame)) {
    case 0:
        return Sent::yes;
    case EAGAIN:
        return Sent::full;
    default:
        renew(id, found->second);
        return Sent::gone;
    }
}

void ZmqTransport::Impl::reply(InboundId inbound, ByteBuffer frame) {
    if (inbound == 0) {
        return;
    }
    uint8_t name[kInboundIdSize] = {};
    const auto number = static_cast<uint32_t>(inbound);
    std::memcpy(name + 1, &number, sizeof(number));
    send_routed(*bound_, name, sizeof(name), frame);
}

ZmqTransport::ZmqTransport(const ZmqTransportSettings &settings, const Clock &clock)
    : impl_(std::make_unique<Impl>(settings, clock)) {}
ZmqTransport::~ZmqTransport() = default;

Result<uint16_t> ZmqTransport::listen(const std::string &host, uint16_t port) { return impl_->listen(host, port); }
std::vector<std::string> ZmqTransport::hosts() const { return impl_->hosts(); }
Result<uint16_t> ZmqTransport::listen_locally(const std::string &name) { return impl_->listen_locally(name); }
Status ZmqTransport::start(TransportSink &sink) { return impl_->start(sink); }
void ZmqTransport::stop(Nanos linger) { impl_->stop(linger); }
void ZmqTransport::wake() { impl_->wake(); }
ConnectionId ZmqTransport::connect(const Address &peer, wire::Lane lane) { return impl_->connect(peer, lane); }
void ZmqTransport::disconnect(ConnectionId connection) { impl_->disconnect(connection); }
Transport::Sent ZmqTransport::send(ConnectionId connection, ByteBuffer &frame) {
    return impl_->send(connection, frame);
}
std::string ZmqTransport::identity() const { return impl_->identity(); }
bool ZmqTransport::speaks_for(const std::string &identity, const Address &peer) const {
    return impl_->speaks_for(identity, peer);
}
Status ZmqTransport::reload_identities() { return impl_->reload_identities(); }
void ZmqTransport::reply(InboundId inbound, ByteBuffer frame) { impl_->reply(inbound, std::move(frame)); }

}  // namespace motet
