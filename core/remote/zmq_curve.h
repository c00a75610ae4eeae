// ZmqCurve is what encrypts the sockets of a ZmqTransport and lets in only those who are listed: its own keys, the list
// of the peers', and the handler that ZeroMQ asks about each connection (ZAP, RFC 27).
//
// Belongs to the thread of the transport. The files are read again when one of them has changed, or somebody wants it;
// a list that is not good changes nothing.
// Knows: keys, ZeroMQ's options. Must never know: frames, connections.
#pragma once

#include <array>
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

    // Whether a file is another one than when it was read.
    bool changed() const { return stamps(settings_) != read_; }

    // Reads the files again, and takes the list if that is good: also when this node's own key is not, of which the
    // error tells then. Errors: as of open(), and BAD_STATE, when this node's own key is another one.
    Status reload();

    const PeerKeys &peers() const { return peers_; }

  private:
    // What tells one state of a file from another.
    struct Stamp {
        uint64_t device = 0;
        uint64_t inode = 0;
        int64_t size = 0;
        int64_t changed = 0;
        bool operator==(const Stamp &) const = default;
    };
    using Stamps = std::array<Stamp, 2>;
    static Stamps stamps(const CurveSettings &settings);

    static Result<CurveKeyPair> read_keys(const CurveSettings &settings);
    static Result<PeerKeys> read_peers(const CurveSettings &settings);

    ZmqCurve(const CurveSettings &settings, Stamps read, const CurveKeyPair &keys, PeerKeys peers);

    const CurveSettings settings_;
    Stamps read_;
    const CurveKeyPair keys_;
    PeerKeys peers_;
    std::unique_ptr<zmq::socket_t> questions_;
};

}  // namespace motet
