// ZmqTransport is the transport of a real node: frames over ZeroMQ, on TCP or local sockets.
//
// One bound ROUTER takes every connection of every peer. For each lane one more ROUTER opens connections, to any number
// of peers, so that peers cost connections but no sockets, and each lane to a peer is a TCP connection of its own. All
// of them belong to one thread.
//
// Knows: ZeroMQ. Must never know: what a frame says.
#pragma once

#include <memory>
#include <string>

#include "core/remote/name_lookup.h"
#include "core/remote/transport.h"
#include "core/remote/zmq_curve.h"

namespace motet {

struct ZmqTransportSettings {
    size_t max_frame = 256 * 1024 + wire::kHeaderSize;  // a peer that sends more is disconnected
    int max_queued_frames = 64;                         // that wait in ZeroMQ on one connection
    std::string thread_name = "motet-io";
    NameLookup::Resolver resolver = look_up_host;
    std::string ipc_directory;  // of local sockets
    CurveSettings curve;
};

class ZmqTransport final : public Transport {
  public:
    ZmqTransport(const ZmqTransportSettings &settings, const Clock &clock);
    ~ZmqTransport() override;

    Result<uint16_t> listen(const std::string &host, uint16_t port) override;
    Result<uint16_t> listen_locally(const std::string &name) override;
    std::vector<std::string> hosts() const override;
    Status start(TransportSink &sink) override;
    void stop(Nanos linger) override;
    void wake() override;
    ConnectionId connect(const Address &peer, wire::Lane lane) override;
    void disconnect(ConnectionId connection) override;
    Sent send(ConnectionId connection, ByteBuffer &frame) override;
    std::string identity() const override;
    bool speaks_for(const std::string &identity, const Address &peer) const override;
    Status reload_identities() override;
    void reply(InboundId inbound, ByteBuffer frame) override;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace motet
