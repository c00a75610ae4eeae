// The inside of ZmqTransport.
// Knows: ZeroMQ. Must never know: what a frame says. Only for the sources of ZmqTransport.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/remote/name_lookup.h"
#include "core/remote/zmq_transport.h"

namespace zmq {
class context_t;
class socket_t;
}  // namespace zmq

namespace motet {

// ZeroMQ names a connection that a peer opened by five bytes: a zero and a number.
constexpr size_t kInboundIdSize = 5;
constexpr uint64_t kInboundMark = uint64_t{1} << 32;

// The links this node opens are named by a letter and a number that is never used again: ZeroMQ aborts when a name is
// given twice.
using RoutingId = std::array<uint8_t, 1 + sizeof(uint64_t)>;

class ZmqTransport::Impl {
  public:
    Impl(const ZmqTransportSettings &settings, const Clock &clock);
    ~Impl();

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
        std::unique_ptr<zmq::socket_t> socket;
        std::unique_ptr<zmq::socket_t> monitor;
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
    std::unique_ptr<zmq::context_t> context_;
    std::unique_ptr<zmq::socket_t> bound_;
    std::array<std::unique_ptr<Lane>, wire::kLanes> lanes_;
    std::unordered_map<ConnectionId, Connection> connections_;
    ConnectionId last_connection_ = 0;
    uint64_t last_link_ = 0;
    size_t lookups_ = 0;
    std::vector<std::pair<ConnectionId, std::string>> failures_;  // that the sink is still to be told of
    std::thread thread_;
    int wake_fd_ = -1;
    std::atomic<bool> signalled_{false};  // the event descriptor is set or about to be
    std::atomic<bool> stopping_{false};
    std::atomic<int> linger_ms_{0};
};

}  // namespace motet
