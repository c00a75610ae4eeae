#include "core/remote/zmq_curve.h"

#include <array>
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

ZmqCurve::ZmqCurve(const CurveSettings &settings, const CurveKeyPair &keys) : settings_(settings), keys_(keys) {}

ZmqCurve::~ZmqCurve() = default;

Result<std::unique_ptr<ZmqCurve>> ZmqCurve::open(const CurveSettings &settings) {
    for (const auto &[key, file] : {std::pair("remote.curve.key-file", settings.key_file),
                                    std::pair("remote.curve.peers-file", settings.peers_file)}) {
        if (file.empty()) {
            return Status(Code::BAD_VALUE, std::string(key) + ": remote.curve.enabled is on, and needs it; see "
                                                              "docs/security.md");
        }
    }
    const Result<CurveKeyPair> keys = CurveKeyPair::read(settings.key_file);
    if (!keys.ok()) {
        return about("remote.curve.key-file", keys.status());
    }
    std::unique_ptr<ZmqCurve> curve(new ZmqCurve(settings, keys.value()));
    if (const Status read = curve->read_peers(); !read.ok()) {
        return about("remote.curve.peers-file", read);
    }
    return curve;
}

Status ZmqCurve::read_peers() {
    const Stamp before = stamp();
    Result<PeerKeys> peers = PeerKeys::read(settings_.peers_file);
    read_ = before;  // what changes while it is read is read again
    if (!peers.ok()) {
        return std::move(peers.status());
    }
    peers_ = std::move(peers.value());
    return {};
}

ZmqCurve::Stamp ZmqCurve::stamp() const {
    struct stat file = {};
    if (stat(settings_.peers_file.c_str(), &file) != 0) {
        return {};
    }
    return {file.st_dev, file.st_ino, file.st_size, file.st_ctim.tv_sec * kSecond + file.st_ctim.tv_nsec};
}

Result<bool> ZmqCurve::read_again() {
    if (stamp() == read_) {
        return false;
    }
    if (const Status read = read_peers(); !read.ok()) {
        return about("remote.curve.peers-file, which was read again", read);
    }
    return true;
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
