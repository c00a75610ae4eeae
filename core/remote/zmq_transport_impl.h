// The inside of ZmqTransport.
// Knows: ZeroMQ. Must never know: what a frame says. Only for the sources of ZmqTransport.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/remote/ipc_place.h"
#include "core/remote/zmq_transport.h"

namespace zmq {
class context_t;
class message_t;
class socket_t;
}  // namespace zmq

namespace motet {

// ZeroMQ names a connection that a peer opened by five bytes: a zero and a number.
constexpr size_t kInboundIdSize = 5;
constexpr uint64_t kInboundMark = uint64_t{1} << 32;

// The links this node opens are named by a letter and a number that is never used again: ZeroMQ aborts when a name is
// given twice.
using RoutingId = std::array<uint8_t, 1 + sizeof(uint64_t)>;
RoutingId routing_id(uint64_t number);

// What ZeroMQ calls the port of a host.
std::string endpoint_of(const std::string &numeric_host, uint16_t port);

class ZmqTransport::Impl {
  public:
    Impl(const ZmqTransportSettings &settings, const Clock &clock);
    ~Impl();

    Result<uint16_t> listen(const std::string &host, uint16_t port);
    Result<uint16_t> listen_locally(const std::string &name);
    std::vector<std::string> hosts() const { return hosts_; }
    Status start(TransportSink &sink);
    void stop(Nanos linger);
    void wake();
    ConnectionId connect(const Address &peer, wire::Lane lane);
    void disconnect(ConnectionId id);
    Sent send(ConnectionId id, ByteBuffer &frame);
    std::string identity() const;
    bool speaks_for(const std::string &identity, const Address &peer) const;
    Status reload_identities();
    void reply(InboundId inbound, ByteBuffer frame);

  private:
    // One TCP connection of a lane. Connections to one place share it, whatever name the node there is called by:
    // ZeroMQ cannot close one of two without the other.
    struct Link {
        uint64_t number = 0;
        std::string endpoint;
        std::vector<ConnectionId> users;
        std::optional<CurveKey> key;  // that the peer there is expected to have
        int fd = -1;                  // of the socket below
        bool told_lost = false;       // since the last time it was up
        int failures = 0;             // attempts since then
    };

    struct Connection {
        wire::Lane lane = wire::Lane::control;
        Address peer;
        bool resolving = false;            // its hosts are not known yet
        std::optional<NameLookup> lookup;  // has begun
        std::vector<std::string> hosts;    // what the name resolves to
        size_t host = 0;                   // of them: the one that is tried
        Link *link = nullptr;              // to it
    };

    // The socket that opens the links of one lane, and the one that tells how they fare.
    struct Lane {
        std::unique_ptr<zmq::socket_t> socket;
        std::unique_ptr<zmq::socket_t> monitor;
        std::unordered_map<std::string, std::unique_ptr<Link>> links;  // by endpoint
        std::unordered_map<uint64_t, Link *> by_number;
    };

    void set_common_options(zmq::socket_t &socket);
    Result<std::string> bind(const std::string &endpoint, bool both_families);
    Lane &lane(wire::Lane which);
    void open(ConnectionId id, Connection &connection);
    void let_go(ConnectionId id, Connection &connection);
    void try_next_host(ConnectionId id);
    void finish_lookups();
    void run();
    Nanos poll(Nanos deadline);
    void receive(zmq::socket_t &socket, Lane *lane);
    void watch(Lane &lane);
    Status dial(Lane &lane, Link &link, const std::string &host, const Address &peer);
    void hang_up(Lane &lane, Link &link);
    void close(Lane &lane, Link &link);
    void renew(ConnectionId id, Connection &connection);
    void look_at_keys();
    void lost(Link &link, const std::string &reason);
    void tell_failures();

    ZmqTransportSettings settings_;
    const Clock &clock_;
    TransportSink *sink_ = nullptr;
    std::unique_ptr<zmq::context_t> context_;
    std::unique_ptr<ZmqCurve> curve_;  // nullptr: nothing is encrypted
    Nanos keys_at_ = 0;                // when its files are looked at next
    const zmq::message_t *receiving_ = nullptr;
    std::unique_ptr<zmq::socket_t> bound_;
    std::array<std::unique_ptr<Lane>, wire::kLanes> lanes_;
    std::vector<std::string> hosts_;  // where it listens
    std::optional<IpcPlace> place_;   // or there
    std::unordered_map<ConnectionId, Connection> connections_;
    ConnectionId last_connection_ = 0;
    uint64_t last_link_ = 0;
    size_t resolving_ = 0;
    std::vector<NameLookup> abandoned_;                           // whose answers nobody waits for
    std::vector<std::pair<ConnectionId, std::string>> failures_;  // that the sink is still to be told of
    std::thread thread_;
    int wake_fd_ = -1;
    std::atomic<bool> signalled_{false};  // the event descriptor is set or about to be
    std::atomic<bool> stopping_{false};
    std::atomic<int> linger_ms_{0};
};

}  // namespace motet
