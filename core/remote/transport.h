// Transport carries frames of bytes between nodes. It is one of a node's three seams: ZmqTransport is the real one, a
// simulation brings its own.
// Knows: addresses, connections, frames as bytes. Must never know: what a frame says.
//
// Everything but wake() happens on one thread: the transport's own, or the simulator's. On it the transport calls the
// sink, and the sink calls the transport.
#pragma once

#include <string>
#include <vector>

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

    // Somebody who is not allowed to tried to connect; what is known of him.
    virtual void stranger_refused(const std::string & /*who*/) {}

    // What the transport knows of its peers' identities was read again, and speaks_for() may answer otherwise than
    // before; on an error it is as it was.
    virtual void identities_read(const Status & /*status*/) {}

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

    // Binds. host "*": every interface, of IPv4 and IPv6. port 0: any free one. Returns the port. Errors: BAD_ADDRESS,
    // ADDRESS_IN_USE, TRANSPORT.
    virtual Result<uint16_t> listen(const std::string &host, uint16_t port) = 0;

    // Binds a socket with a name that only processes of this machine reach, and returns 0: it has no port. Errors:
    // BAD_VALUE, ADDRESS_IN_USE, TRANSPORT.
    virtual Result<uint16_t> listen_locally(const std::string & /*name*/) {
        return Status(Code::TRANSPORT, "this transport has no local sockets");
    }

    // Numeric hosts of this machine that lead to where it listens now.
    virtual std::vector<std::string> hosts() const { return {}; }

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

    // During received(): who opened that connection, as far as that is proved; empty where nothing is.
    virtual std::string identity() const { return {}; }

    // Whether somebody of an identity may be the node at an address.
    virtual bool speaks_for(const std::string & /*identity*/, const Address & /*peer*/) const { return true; }

    // Reads again what it knows of the peers' identities, and tells the sink by identities_read(). Errors: BAD_STATE,
    // where nothing is proved, or what this node itself is would change; those of what is read.
    virtual Status reload_identities() { return Status(Code::BAD_STATE, "this transport has no keys"); }

    // Answers on a connection that a peer opened; dropped when that is gone or full.
    virtual void reply(InboundId inbound, ByteBuffer frame) = 0;
};

}  // namespace motet
