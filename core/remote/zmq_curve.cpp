#include "core/remote/zmq_curve.h"

#include <sys/stat.h>
#include <zmq.hpp>

namespace motet {

namespace {

constexpr const char *kDomain = "motet";
constexpr int kQuestionsAtOnce = 256;

// The parts of a question, by their number.
enum Part { version, request, domain, address, routing_id, mechanism, credentials, parts };

zmq::const_buffer bytes_of(const CurveKey &key) { return {key.data(), key.size()}; }

Status about(const char *setting, const Status &status) {
    return Status(status.code(), std::string(setting) + ": " + status.message());
}

}  // namespace

ZmqCurve::ZmqCurve(const CurveSettings &settings, Stamps read, const CurveKeyPair &keys, PeerKeys peers)
    : settings_(settings), read_(read), keys_(keys), peers_(std::move(peers)) {}

ZmqCurve::~ZmqCurve() = default;

Result<std::unique_ptr<ZmqCurve>> ZmqCurve::open(const CurveSettings &settings) {
    for (const auto &[key, file] : {std::pair("remote.curve.key-file", settings.key_file),
                                    std::pair("remote.curve.peers-file", settings.peers_file)}) {
        if (file.empty()) {
            return Status(Code::BAD_VALUE, std::string(key) + ": remote.curve.enabled is on, and needs it; see "
                                                              "docs/security.md");
        }
    }
    const Stamps before = stamps(settings);  // what changes while it is read is read again
    Result<CurveKeyPair> keys = read_keys(settings);
    if (!keys.ok()) {
        return std::move(keys.status());
    }
    Result<PeerKeys> peers = read_peers(settings);
    if (!peers.ok()) {
        return std::move(peers.status());
    }
    return std::unique_ptr<ZmqCurve>(new ZmqCurve(settings, before, keys.value(), std::move(peers.value())));
}

Status ZmqCurve::reload() {
    read_ = stamps(settings_);
    Result<PeerKeys> peers = read_peers(settings_);
    if (!peers.ok()) {
        return std::move(peers.status());
    }
    peers_ = std::move(peers.value());
    Result<CurveKeyPair> keys = read_keys(settings_);
    if (!keys.ok()) {
        return std::move(keys.status());
    }
    // ZeroMQ takes the key of a socket when that is bound.
    if (keys.value().secret != keys_.secret) {
        return Status(Code::BAD_STATE, "remote.curve.key-file: \"" + settings_.key_file +
                                           "\" holds another key than the one that this system has started with; "
                                           "only a restart gives it a new one");
    }
    return {};
}

Result<CurveKeyPair> ZmqCurve::read_keys(const CurveSettings &settings) {
    Result<CurveKeyPair> keys = CurveKeyPair::read(settings.key_file);
    return keys.ok() ? std::move(keys) : about("remote.curve.key-file", keys.status());
}

Result<PeerKeys> ZmqCurve::read_peers(const CurveSettings &settings) {
    Result<PeerKeys> peers = PeerKeys::read(settings.peers_file);
    return peers.ok() ? std::move(peers) : about("remote.curve.peers-file", peers.status());
}

ZmqCurve::Stamps ZmqCurve::stamps(const CurveSettings &settings) {
    const auto stamp = [](const std::string &path) -> Stamp {
        struct stat file = {};
        if (stat(path.c_str(), &file) != 0) {
            return {};
        }
        return {file.st_dev, file.st_ino, file.st_size, file.st_ctim.tv_sec * kSecond + file.st_ctim.tv_nsec};
    };
    return {stamp(settings.key_file), stamp(settings.peers_file)};
}

void ZmqCurve::bind(zmq::context_t &context) {
    questions_ = std::make_unique<zmq::socket_t>(context, zmq::socket_type::rep);
    questions_->set(zmq::sockopt::linger, 0);
    questions_->bind("inproc://zeromq.zap.01");
}

void ZmqCurve::secure_listener(zmq::socket_t &socket) const {
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, bytes_of(keys_.secret));
    socket.set(zmq::sockopt::zap_domain, kDomain);
}

void ZmqCurve::secure_opener(zmq::socket_t &socket) const {
    socket.set(zmq::sockopt::curve_publickey, bytes_of(keys_.open));
    socket.set(zmq::sockopt::curve_secretkey, bytes_of(keys_.secret));
}

Status ZmqCurve::expect(zmq::socket_t &socket, const Address &peer) const {
    const std::optional<CurveKey> key = peers_.key_of(peer);
    if (!key) {
        return Status(Code::REFUSED, "no line of remote.curve.peers-file has a key for " + peer.text());
    }
    socket.set(zmq::sockopt::curve_serverkey, bytes_of(*key));
    return {};
}

std::vector<std::string> ZmqCurve::answer() {
    std::vector<std::string> refused;
    for (int i = 0; i < kQuestionsAtOnce; ++i) {
        std::array<zmq::message_t, parts> question;
        size_t count = 0;
        bool more = true;
        while (more) {
            zmq::message_t part;
            if (zmq_msg_recv(part.handle(), questions_->handle(), ZMQ_DONTWAIT) < 0) {
                return refused;
            }
            more = part.more();
            if (count < parts) {
                question[count] = std::move(part);
            }
            ++count;
        }
        CurveKey key = {};
        const bool whole = count == parts && question[mechanism].to_string_view() == "CURVE" &&
                           question[credentials].size() == key.size();
        if (whole) {
            std::memcpy(key.data(), question[credentials].data(), key.size());
        }
        const bool welcome = whole && peers_.know(key);
        if (!welcome) {
            refused.push_back("a connection from " + question[address].to_string() + " with the public key " +
                              key_text(key) + ", which is not in remote.curve.peers-file");
        }
        const std::string user = welcome ? key_text(key) : "";
        questions_->send(zmq::str_buffer("1.0"), zmq::send_flags::sndmore);
        questions_->send(question[request], zmq::send_flags::sndmore);
        questions_->send(zmq::buffer(std::string(welcome ? "200" : "400")), zmq::send_flags::sndmore);
        questions_->send(zmq::buffer(std::string(welcome ? "" : "unknown key")), zmq::send_flags::sndmore);
        questions_->send(zmq::buffer(user), zmq::send_flags::sndmore);
        questions_->send(zmq::message_t(), zmq::send_flags::none);
    }
    return refused;
}

}  // namespace motet
