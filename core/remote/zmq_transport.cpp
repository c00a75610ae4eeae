#include "core/remote/zmq_transport.h"

#include <cerrno>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.hpp>

#include "core/base/thread.h"
#include "core/remote/zmq_transport_impl.h"

namespace motet {

namespace {

constexpr int kConnectTimeoutMs = 5'000;
constexpr int kReconnectMs = 100;
constexpr int kReconnectMaxMs = 1'000;
constexpr int kDeadConnectionMs = 120'000;  // a silent inbound connection is cleaned up; no verdict on the peer

RoutingId routing_id(uint64_t number) {
    RoutingId id;
    id[0] = 'l';
    std::memcpy(&id[1], &number, sizeof(number));
    return id;
}

std::string endpoint_of(const std::string &numeric_host, uint16_t port) {
    const bool v6 = numeric_host.find(':') != std::string::npos;
    return "tcp://" + (v6 ? "[" + numeric_host + "]" : numeric_host) + ":" + std::to_string(port);
}

void free_frame(void *data, void *) { std::free(data); }

// Sends one frame under a routing id. The frame is gone when it returns 0, else it is an errno.
int send_routed(zmq::socket_t &socket, const void *id, size_t id_size, ByteBuffer &frame) {
    // What can fail, fails at the first part.
    if (zmq_send(socket.handle(), id, id_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return errno;
    }
    zmq_msg_t message;
    const size_t size = frame.size();
    zmq_msg_init_data(&message, frame.release(), size, free_frame, nullptr);
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
    const Result<std::string> numeric = is_numeric_host(host) ? Result<std::string>(host) : look_up_host(host);
    if (!numeric.ok()) {
        return Status(numeric.status().code(), numeric.status().message());
    }
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd_ < 0) {
        return Status(Code::TRANSPORT, std::string("no descriptor for wake-ups: ") + std::strerror(errno));
    }
    const std::string endpoint = endpoint_of(numeric.value(), port);
    try {
        context_ = std::make_unique<zmq::context_t>(1);
        context_->set(zmq::ctxopt::blocky, 0);
        bound_ = std::make_unique<zmq::socket_t>(*context_, zmq::socket_type::router);
        set_common_options(*bound_);
        bound_->set(zmq::sockopt::ipv6, numeric.value().find(':') != std::string::npos);
        bound_->set(zmq::sockopt::heartbeat_ivl, kDeadConnectionMs / 4);
        bound_->set(zmq::sockopt::heartbeat_timeout, kDeadConnectionMs);
        bound_->bind(endpoint);
        const std::string actual = bound_->get(zmq::sockopt::last_endpoint);
        return static_cast<uint16_t>(std::stoi(actual.substr(actual.rfind(':') + 1)));
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
    context_.reset();
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
        constexpr int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED;
        zmq_socket_monitor(lane->socket->handle(), name.c_str(), events);
        lane->monitor = std::make_unique<zmq::socket_t>(*context_, zmq::socket_type::pair);
        lane->monitor->set(zmq::sockopt::linger, 0);
        lane->monitor->connect(name);
    }
    return *lane;
}

ConnectionId ZmqTransport::Impl::connect(const Address &peer, wire::Lane which) {
    const ConnectionId id = ++last_connection_;
    Connection &connection = connections_[id];
    connection.lane = which;
    connection.peer = peer;
    if (is_numeric_host(peer.host)) {
        open(id, connection, peer.host);
    } else {
        connection.lookup = std::make_unique<NameLookup>(peer.host);
        ++lookups_;
    }
    return id;
}

void ZmqTransport::Impl::open(ConnectionId id, Connection &connection, const std::string &numeric_host) {
    const std::string endpoint = endpoint_of(numeric_host, connection.peer.port);
    Lane &opener = lane(connection.lane);
    std::unique_ptr<Link> &link = opener.links[endpoint];
    if (!link) {
        link = std::make_unique<Link>();
        link->number = ++last_link_;
        link->endpoint = endpoint;
        try {
            const RoutingId name = routing_id(link->number);
            opener.socket->set(zmq::sockopt::ipv6, numeric_host.find(':') != std::string::npos);
            opener.socket->set(zmq::sockopt::connect_routing_id, zmq::const_buffer(name.data(), name.size()));
            opener.socket->connect(endpoint);
            opener.by_number[link->number] = link.get();
        } catch (const zmq::error_t &error) {
            failures_.emplace_back(id, "cannot connect to " + endpoint + ": " + error.what());
            opener.links.erase(endpoint);
            return;
        }
    }
    link->users.push_back(id);
    connection.link = link.get();
}

void ZmqTransport::Impl::finish_lookups() {
    for (auto &[id, connection] : connections_) {
        if (!connection.lookup) {
            continue;
        }
        std::optional<Result<std::string>> answer = connection.lookup->answer();
        if (!answer) {
            continue;
        }
        connection.lookup.reset();
        --lookups_;
        if (answer->ok()) {
            open(id, connection, answer->value());
        } else {
            failures_.emplace_back(id, answer->status().message());
        }
    }
}

void ZmqTransport::Impl::tell_failures() {
    for (const auto &[id, reason] : std::exchange(failures_, {})) {
        if (connections_.count(id) > 0) {
            sink_->link_lost(id, reason);
        }
    }
}

void ZmqTransport::Impl::disconnect(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    lookups_ -= found->second.lookup ? 1 : 0;
    if (Link *link = found->second.link) {
        std::erase(link->users, id);
        if (link->users.empty()) {
            close(lane(found->second.lane), *link);
        }
    }
    connections_.erase(found);
}

void ZmqTransport::Impl::close(Lane &lane, Link &link) {
    zmq_disconnect(lane.socket->handle(), link.endpoint.c_str());
    lane.by_number.erase(link.number);
    lane.links.erase(std::string(link.endpoint));
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
Status ZmqTransport::start(TransportSink &sink) { return impl_->start(sink); }
void ZmqTransport::stop(Nanos linger) { impl_->stop(linger); }
void ZmqTransport::wake() { impl_->wake(); }
ConnectionId ZmqTransport::connect(const Address &peer, wire::Lane lane) { return impl_->connect(peer, lane); }
void ZmqTransport::disconnect(ConnectionId connection) { impl_->disconnect(connection); }
Transport::Sent ZmqTransport::send(ConnectionId connection, ByteBuffer &frame) {
    return impl_->send(connection, frame);
}
void ZmqTransport::reply(InboundId inbound, ByteBuffer frame) { impl_->reply(inbound, std::move(frame)); }

}  // namespace motet
