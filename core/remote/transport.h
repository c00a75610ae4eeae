// Transport carries frames of bytes between nodes. It is one of a node's three seams: ZmqTransport is the real one, a
// simulation brings its own.
// Knows: addresses, connections, frames as bytes. Must never know: what a frame says.
//
// Everything but wake() happens on one thread: the transport's own, or the simulator's. On it the transport calls the
// sink, and the sink calls the transport.
#pragma once

#include <string>

#include "core/base/byte_buffer.h"
#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/message/address.h"
#include "core/message/wire.h"

namespace motet {

// A connection that this node opened; 0 names none.
using ConnectionId = uint64_t;

// A connection that a peer opened to this node; frames can be answered on it. 0 names none.
using InboundId = uint64_t;

class TransportSink {
  public:
    virtual ~TransportSink() = default;

    // A frame came on a connection that a peer opened, or, as an answer, on one that this node opened: the other is 0.
    // Connections to one host and port may share a link; an answer is then told for each of them. The bytes are valid
    // during the call.
    virtual void received(Bytes frame, InboundId inbound, ConnectionId connection) = 0;

    // A connection broke or could not be made. The transport goes on trying until disconnect().
    virtual void link_lost(ConnectionId connection, const std::string &reason) = 0;

    // Called after wake(), and when the time last returned has come. Returns when it is next needed (monotonic).
    virtual Nanos work(Now now) = 0;
};

class Transport {
  public:
    enum class Sent {
        yes,   // the transport has taken the frame
        full,  // not now: too much waits on this connection
        gone,  // there is no such connection
    };

    virtual ~Transport() = default;

    // Binds. port 0: any free one. Returns the port. Errors: BAD_ADDRESS, ADDRESS_IN_USE, TRANSPORT.
    virtual Result<uint16_t> listen(const std::string &host, uint16_t port) = 0;

    // Begins to call the sink. Errors: NO_THREAD.
    virtual Status start(TransportSink &sink) = 0;

    // Calls the sink's work() a last time; after it has returned the sink is not called any more. What was sent just
    // before is given linger to leave. Idempotent. Not to be called by the sink.
    virtual void stop(Nanos linger) = 0;

    // Has the sink's work() called soon. From any thread.
    virtual void wake() = 0;

    // The following are for the sink alone.

    // Opens a connection; whether it comes about is seen by what arrives, or by link_lost().
    virtual ConnectionId connect(const Address &peer, wire::Lane lane) = 0;

    // Closes it; what has not left is dropped.
    virtual void disconnect(ConnectionId connection) = 0;

    // Takes the frame away when it returns yes, else leaves it. Never blocks.
    virtual Sent send(ConnectionId connection, ByteBuffer &frame) = 0;

    // Answers on a connection that a peer opened; dropped when that is gone or full.
    virtual void reply(InboundId inbound, ByteBuffer frame) = 0;
};

}  // namespace motet
