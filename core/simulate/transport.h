// SimulatedTransport carries frames between simulated nodes: a transport whose every connection is a place in a
// SimulatedNetwork, and whose thread is the simulation.
// Knows: addresses, the network. Must never know: what a frame says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "core/remote/transport.h"
#include "core/simulate/network.h"

namespace motet {

class SimulatedTransport;

// Where simulated nodes listen.
class SimulatedInternet {
  public:
    SimulatedInternet(Scheduler &its_scheduler, SimulatedNetwork &its_network)
        : scheduler(its_scheduler), network(its_network) {}

    // The life that listens at a place now; nullptr when there is none.
    SimulatedTransport *at(const std::string &host, uint16_t port) const;

    Scheduler &scheduler;
    SimulatedNetwork &network;

  private:
    friend class SimulatedTransport;
    std::map<std::pair<std::string, uint16_t>, SimulatedTransport *> listening_;
    std::map<uint64_t, SimulatedTransport *> lives_;
    uint64_t last_life_ = 0;
    uint16_t last_port_ = 20'000;
};

class SimulatedTransport final : public Transport {
  public:
    // node: its number in the network.
    SimulatedTransport(SimulatedInternet &internet, SimulatedNetwork::Node node);
    ~SimulatedTransport() override { stop(0); }

    Result<uint16_t> listen(const std::string &host, uint16_t port) override;
    Status start(TransportSink &sink) override;
    void stop(Nanos linger) override;
    void wake() override;
    ConnectionId connect(const Address &peer, wire::Lane lane) override;
    void disconnect(ConnectionId connection) override { connections_.erase(connection); }
    Sent send(ConnectionId connection, ByteBuffer &frame) override;
    void reply(InboundId inbound, ByteBuffer frame) override;

    // As if the process had been killed: nothing it does from now on is seen by anybody.
    void cut_off();

  private:
    // The other end of a connection that was opened to this node.
    struct Opener {
        uint64_t life;
        ConnectionId connection;
        bool operator<(const Opener &other) const {
            return std::tie(life, connection) < std::tie(other.life, other.connection);
        }
    };

    void work_at(Nanos time);
    void arrived(const Opener &opener, const ByteBuffer &frame);
    void answered(ConnectionId connection, const ByteBuffer &frame);
    void lost_soon(ConnectionId connection, const std::string &reason);
    template <typename What> void later(uint64_t life, SimulatedNetwork::Node to, What what);

    SimulatedInternet &internet_;
    const SimulatedNetwork::Node node_;
    const uint64_t life_;
    TransportSink *sink_ = nullptr;
    bool silent_ = false;
    std::pair<std::string, uint16_t> place_;
    std::map<ConnectionId, std::pair<std::string, uint16_t>> connections_;
    ConnectionId last_connection_ = 0;
    std::map<InboundId, Opener> openers_;
    std::map<Opener, InboundId> inbound_;
    InboundId last_inbound_ = 0;
    Nanos next_work_ = INT64_MAX;
};

}  // namespace motet
