// ZmqCurve is what encrypts the sockets of a ZmqTransport and lets in only those who are listed: its own keys, the list
// of the peers', and the handler that ZeroMQ asks about each connection (ZAP, RFC 27).
//
// Belongs to the thread of the transport. The list is read again when its file has changed; one that is not well formed
// changes nothing.
// Knows: keys, ZeroMQ's options. Must never know: frames, connections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/remote/peer_keys.h"

namespace zmq {
class context_t;
class socket_t;
}  // namespace zmq

namespace motet {

struct CurveSettings {
    bool enabled = false;
    std::string key_file;
    std::string peers_file;
};

class ZmqCurve {
  public:
    static constexpr Nanos kReadInterval = 1 * kSecond;

    // Reads the files. Errors: BAD_VALUE, IO, TRANSPORT, each with the setting.
    static Result<std::unique_ptr<ZmqCurve>> open(const CurveSettings &settings);
    ~ZmqCurve();

    // Before anything else of the context: begins to answer ZeroMQ's questions.
    void bind(zmq::context_t &context);

    // Before it is bound, or before the first connection is opened.
    void secure_listener(zmq::socket_t &socket) const;
    void secure_opener(zmq::socket_t &socket) const;

    // For the next connection that a socket opens. Errors: REFUSED, when no key of that node is known.
    Status expect(zmq::socket_t &socket, const Address &peer) const;

    // To poll for what is to be answered.
    zmq::socket_t &questions() { return *questions_; }

    // Answers what has been asked. Returns a sentence for each that was turned away.
    std::vector<std::string> answer();

    // Reads the list of keys again, when its file is another one than before. True: the list is a new one.
    Result<bool> read_again();

    const PeerKeys &peers() const { return peers_; }

  private:
    ZmqCurve(const CurveSettings &settings, const CurveKeyPair &keys);
    Status read_peers();

    // What tells one state of a file from another.
    struct Stamp {
        uint64_t device = 0;
        uint64_t inode = 0;
        int64_t size = 0;
        int64_t changed = 0;
        bool operator==(const Stamp &) const = default;
    };
    Stamp stamp() const;

    const CurveSettings settings_;
    const CurveKeyPair keys_;
    PeerKeys peers_;
    Stamp read_;
    std::unique_ptr<zmq::socket_t> questions_;
};

}  // namespace motet
