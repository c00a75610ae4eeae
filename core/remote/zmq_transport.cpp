#include "core/remote/zmq_transport.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <vector>
#include <zmq.hpp>

#include "core/base/thread.h"
#include "core/remote/name_lookup.h"

namespace motet {

namespace {

constexpr int kFramesAtOnce = 256;  // taken from one socket before the others have their turn
constexpr int kConnectTimeoutMs = 5'000;
constexpr int kReconnectMs = 100;
constexpr int kReconnectMaxMs = 1'000;
constexpr int kDeadConnectionMs = 120'000;  // a silent inbound connection is cleaned up; no verdict on the peer
constexpr Nanos kLookupPoll = 5 * kMillisecond;

// ZeroMQ names a connection that a peer opened by five bytes: a zero and a number.
constexpr size_t kInboundIdSize = 5;
constexpr uint64_t kInboundMark = uint64_t{1} << 32;

InboundId inbound_id(const zmq::message_t &routing_id) {
    const auto *bytes = routing_id.data<uint8_t>();
    if (routing_id.size() != kInboundIdSize || bytes[0] != 0) {
        return 0;  // a name that the peer has chosen: there is no answer to such a one
    }
    uint32_t number = 0;
    std::memcpy(&number, bytes + 1, sizeof(number));
    return kInboundMark | number;
}

// The links this node opens are named by a letter and a number that is never used again: ZeroMQ aborts when a name is
// given twice.
using RoutingId = std::array<uint8_t, 1 + sizeof(uint64_t)>;

RoutingId routing_id(uint64_t number) {
    RoutingId id;
    id[0] = 'l';
    std::memcpy(&id[1], &number, sizeof(number));
    return id;
}

uint64_t link_number(const zmq::message_t &name) {
    uint64_t number = 0;
    if (name.size() == sizeof(RoutingId)) {
        std::memcpy(&number, name.data<uint8_t>() + 1, sizeof(number));
    }
    return number;
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

class ZmqTransport::Impl {
  public:
    Impl(const ZmqTransportSettings &settings, const Clock &clock) : settings_(settings), clock_(clock) {}
    ~Impl() {
        stop(0);
        if (wake_fd_ >= 0) {
            ::close(wake_fd_);
        }
    }

    Result<uint16_t> listen(const std::string &host, uint16_t port);
    Status start(TransportSink &sink);
    void stop(Nanos linger);
    void wake();
    ConnectionId connect(const Address &peer, wire::Lane lane);
    void disconnect(ConnectionId id);
    Sent send(ConnectionId id, ByteBuffer &frame);
    void reply(InboundId inbound, ByteBuffer frame);

  private:
    // One TCP connection of a lane. Connections to one place share it, whatever name the node there is called by:
    // ZeroMQ cannot close one of two without the other.
    struct Link {
        uint64_t number = 0;
        std::string endpoint;
        std::vector<ConnectionId> users;
        int fd = -1;             // of the socket below
        bool told_lost = false;  // since the last time it was up
    };

    struct Connection {
        wire::Lane lane = wire::Lane::control;
        Address peer;
        std::unique_ptr<NameLookup> lookup;  // until it is answered
        Link *link = nullptr;                // once it is answered
    };

    // The socket that opens the links of one lane, and the one that tells how they fare.
    struct Lane {
        zmq::socket_t socket;
        zmq::socket_t monitor;
        std::unordered_map<std::string, std::unique_ptr<Link>> links;  // by endpoint
        std::unordered_map<uint64_t, Link *> by_number;
    };

    void set_common_options(zmq::socket_t &socket);
    Lane &lane(wire::Lane which);
    void open(ConnectionId id, Connection &connection, const std::string &numeric_host);
    void finish_lookups();
    void run();
    Nanos poll(Nanos deadline);
    void receive(zmq::socket_t &socket, Lane *lane);
    void watch(Lane &lane);
    void close(Lane &lane, Link &link);
    void lost(Link &link, const std::string &reason);
    void tell_failures();

    ZmqTransportSettings settings_;
    const Clock &clock_;
    TransportSink *sink_ = nullptr;
    std::optional<zmq::context_t> context_;
    std::optional<zmq::socket_t> bound_;
    std::array<std::unique_ptr<Lane>, wire::kLanes> lanes_;
    std::unordered_map<ConnectionId, Connection> connections_;
    ConnectionId last_connection_ = 0;
    uint64_t last_link_ = 0;
    size_t lookups_ = 0;
    std::vector<std::pair<ConnectionId, std::string>> failures_;  // that the sink is still to be told of
    std::vector<zmq_pollitem_t> items_;
    std::thread thread_;
    int wake_fd_ = -1;
    std::atomic<bool> signalled_{false};  // the event descriptor is set or about to be
    std::atomic<bool> stopping_{false};
    std::atomic<int> linger_ms_{0};
};

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
        context_.emplace(1);
        context_->set(zmq::ctxopt::blocky, 0);
        bound_.emplace(*context_, zmq::socket_type::router);
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
            lane->socket.set(zmq::sockopt::linger, linger_ms);
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
        lane->socket = zmq::socket_t(*context_, zmq::socket_type::router);
        set_common_options(lane->socket);
        lane->socket.set(zmq::sockopt::connect_timeout, kConnectTimeoutMs);
        lane->socket.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
        lane->socket.set(zmq::sockopt::reconnect_ivl_max, kReconnectMaxMs);
        const std::string name = "inproc://monitor-" + std::to_string(static_cast<int>(which));
        constexpr int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED;
        zmq_socket_monitor(lane->socket.handle(), name.c_str(), events);
        lane->monitor = zmq::socket_t(*context_, zmq::socket_type::pair);
        lane->monitor.set(zmq::sockopt::linger, 0);
        lane->monitor.connect(name);
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
            opener.socket.set(zmq::sockopt::ipv6, numeric_host.find(':') != std::string::npos);
            opener.socket.set(zmq::sockopt::connect_routing_id, zmq::const_buffer(name.data(), name.size()));
            opener.socket.connect(endpoint);
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
    zmq_disconnect(lane.socket.handle(), link.endpoint.c_str());
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
    switch (send_routed(lane(found->second.lane).socket, name.data(), name.size(), frame)) {
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

void ZmqTransport::Impl::run() {
    Nanos deadline = 0;
    while (!stopping_.load(std::memory_order_acquire)) {
        deadline = poll(deadline);
    }
    sink_->work(clock_.now());
}

// Waits until there is something to do or the deadline has come, does it, and returns the next deadline.
Nanos ZmqTransport::Impl::poll(Nanos deadline) {
    items_.clear();
    items_.push_back({nullptr, wake_fd_, ZMQ_POLLIN, 0});
    items_.push_back({bound_->handle(), 0, ZMQ_POLLIN, 0});
    for (const std::unique_ptr<Lane> &each : lanes_) {
        if (each) {
            items_.push_back({each->socket.handle(), 0, ZMQ_POLLIN, 0});
            items_.push_back({each->monitor.handle(), 0, ZMQ_POLLIN, 0});
        }
    }
    const Nanos wait = deadline - clock_.now().mono;
    const long timeout = wait <= 0 ? 0 : static_cast<long>(std::min<Nanos>(wait / kMillisecond + 1, 3'600'000));
    zmq_poll(items_.data(), static_cast<int>(items_.size()), timeout);

    if ((items_[0].revents & ZMQ_POLLIN) != 0) {
        uint64_t count;
        [[maybe_unused]] const ssize_t taken = read(wake_fd_, &count, sizeof(count));
        signalled_.exchange(false, std::memory_order_acq_rel);
    }
    if ((items_[1].revents & ZMQ_POLLIN) != 0) {
        receive(*bound_, nullptr);
    }
    size_t item = 2;
    for (const std::unique_ptr<Lane> &each : lanes_) {
        if (each && item + 1 < items_.size() && items_[item].socket == each->socket.handle()) {
            if ((items_[item].revents & ZMQ_POLLIN) != 0) {
                receive(each->socket, each.get());
            }
            if ((items_[item + 1].revents & ZMQ_POLLIN) != 0) {
                watch(*each);
            }
            item += 2;
        }
    }
    if (lookups_ > 0) {
        finish_lookups();
    }
    tell_failures();
    const Now now = clock_.now();
    const Nanos next = sink_->work(now);
    const Nanos soon = lookups_ > 0 ? now.mono + kLookupPoll : next;
    return failures_.empty() ? std::min(next, soon) : 0;
}

// lane: whose socket it is, nullptr for the bound one.
void ZmqTransport::Impl::receive(zmq::socket_t &socket, Lane *lane) {
    for (int i = 0; i < kFramesAtOnce; ++i) {
        zmq::message_t name;
        zmq::message_t frame;
        if (zmq_msg_recv(name.handle(), socket.handle(), ZMQ_DONTWAIT) < 0) {
            return;
        }
        bool more = name.more();
        size_t parts = 0;
        while (more && zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) >= 0) {
            more = frame.more();
            ++parts;
        }
        const Bytes bytes = parts == 1 ? Bytes(frame.data<uint8_t>(), frame.size()) : Bytes();
        if (lane == nullptr) {
            sink_->received(bytes, inbound_id(name), 0);
            continue;
        }
        const auto found = lane->by_number.find(link_number(name));
        if (found != lane->by_number.end()) {
            for (const ConnectionId user : std::vector<ConnectionId>(found->second->users)) {
                sink_->received(bytes, 0, user);
            }
        }
    }
}

void ZmqTransport::Impl::watch(Lane &lane) {
    for (int i = 0; i < kFramesAtOnce; ++i) {
        zmq::message_t event;
        zmq::message_t endpoint;
        if (zmq_msg_recv(event.handle(), lane.monitor.handle(), ZMQ_DONTWAIT) < 0 ||
            zmq_msg_recv(endpoint.handle(), lane.monitor.handle(), ZMQ_DONTWAIT) < 0) {
            return;
        }
        uint16_t kind = 0;
        int32_t value = 0;
        std::memcpy(&kind, event.data(), sizeof(kind));
        std::memcpy(&value, event.data<uint8_t>() + sizeof(kind), sizeof(value));
        const auto found = lane.links.find(endpoint.to_string());
        if (found == lane.links.end()) {
            continue;
        }
        Link &link = *found->second;
        if (kind == ZMQ_EVENT_CONNECTED) {
            link.fd = value;
            link.told_lost = false;
        } else if (kind == ZMQ_EVENT_DISCONNECTED && link.fd == value) {
            // An event of an earlier link to the same place bears another descriptor.
            link.fd = -1;
            lost(link, "the connection to " + link.endpoint + " was lost");
        } else if (kind == ZMQ_EVENT_CONNECT_RETRIED && link.fd < 0) {
            lost(link, "cannot connect to " + link.endpoint);
        }
    }
}

void ZmqTransport::Impl::lost(Link &link, const std::string &reason) {
    if (!std::exchange(link.told_lost, true)) {
        for (const ConnectionId user : link.users) {
            failures_.emplace_back(user, reason);
        }
    }
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
