// The connections that a ZmqTransport opens: names are looked up, links are made, shared and given up.
#include <zmq.hpp>

#include "core/base/host.h"
#include "core/remote/zmq_transport_impl.h"

namespace motet {

namespace {

constexpr size_t kMaxLookups = 8;  // of names, at a time: each takes a thread

}  // namespace

RoutingId routing_id(uint64_t number) {
    RoutingId id;
    id[0] = 'l';
    std::memcpy(&id[1], &number, sizeof(number));
    return id;
}

std::string endpoint_of(const std::string &numeric_host, uint16_t port) {
    return "tcp://" + (is_ipv6(numeric_host) ? "[" + numeric_host + "]" : numeric_host) + ":" + std::to_string(port);
}

ConnectionId ZmqTransport::Impl::connect(const Address &peer, wire::Lane which) {
    const ConnectionId id = ++last_connection_;
    Connection &connection = connections_[id];
    connection.lane = which;
    connection.peer = peer;
    if (is_numeric_host(peer.host) || peer.protocol == kIpcProtocol) {
        connection.hosts = {peer.host};
        open(id, connection);
    } else {
        connection.resolving = true;
        ++resolving_;
    }
    return id;
}

void ZmqTransport::Impl::open(ConnectionId id, Connection &connection) {
    const std::string &host = connection.hosts[connection.host];
    const std::string endpoint = connection.peer.protocol == kIpcProtocol
                                     ? IpcPlace::endpoint(settings_.ipc_directory, host)
                                     : endpoint_of(host, connection.peer.port);
    Lane &opener = lane(connection.lane);
    std::unique_ptr<Link> &link = opener.links[endpoint];
    if (!link) {
        link = std::make_unique<Link>();
        link->endpoint = endpoint;
        if (const Status dialled = dial(opener, *link, host, connection.peer); !dialled.ok()) {
            failures_.emplace_back(id, dialled.message());
            opener.links.erase(endpoint);
            return;
        }
    } else if (curve_ && link->key != curve_->peers().key_of(connection.peer)) {
        failures_.emplace_back(id, "another node is known at " + endpoint + ", with another key");
        return;
    }
    link->users.push_back(id);
    connection.link = link.get();
}

// Has ZeroMQ connect a link, under a name that was never given before.
Status ZmqTransport::Impl::dial(Lane &lane, Link &link, const std::string &host, const Address &peer) {
    link.number = ++last_link_;
    if (curve_) {
        if (Status expected = curve_->expect(*lane.socket, peer); !expected.ok()) {
            return expected;
        }
        link.key = curve_->peers().key_of(peer);
    }
    try {
        const RoutingId name = routing_id(link.number);
        lane.socket->set(zmq::sockopt::ipv6, is_ipv6(host));
        lane.socket->set(zmq::sockopt::connect_routing_id, zmq::const_buffer(name.data(), name.size()));
        lane.socket->connect(link.endpoint);
    } catch (const zmq::error_t &error) {
        return Status(Code::TRANSPORT, "cannot connect to " + link.endpoint + ": " + error.what());
    }
    lane.by_number[link.number] = &link;
    return {};
}

// Begins as many lookups as there may be at a time, and takes the answers of those that are done.
void ZmqTransport::Impl::finish_lookups() {
    std::erase_if(abandoned_, [](NameLookup &lookup) { return lookup.answer().has_value(); });
    size_t running = abandoned_.size();
    for (const auto &[id, connection] : connections_) {
        running += connection.lookup ? 1 : 0;
    }
    for (auto &[id, connection] : connections_) {
        if (connection.resolving && !connection.lookup && running < kMaxLookups) {
            connection.lookup.emplace(connection.peer.host, settings_.resolver);
            ++running;
        }
        std::optional<Result<std::vector<std::string>>> answer;
        if (!connection.lookup || !(answer = connection.lookup->answer())) {
            continue;
        }
        connection.lookup.reset();
        connection.resolving = false;
        --resolving_;
        if (answer->ok()) {
            connection.hosts = std::move(answer->value());
            open(id, connection);
        } else {
            failures_.emplace_back(id, answer->status().message());
        }
    }
}

void ZmqTransport::Impl::tell_failures() {
    for (const auto &[id, reason] : std::exchange(failures_, {})) {
        if (connections_.count(id) > 0) {
            sink_->link_lost(id, reason);
        }
    }
}

void ZmqTransport::Impl::disconnect(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    resolving_ -= found->second.resolving ? 1 : 0;
    if (found->second.lookup) {
        abandoned_.push_back(std::move(*found->second.lookup));  // nothing can hurry the resolver
    }
    let_go(id, found->second);
    connections_.erase(found);
}

void ZmqTransport::Impl::let_go(ConnectionId id, Connection &connection) {
    if (Link *link = std::exchange(connection.link, nullptr)) {
        std::erase(link->users, id);
        if (link->users.empty()) {
            close(lane(connection.lane), *link);
        }
    }
}

// The address that a name was looked up for does not answer: the next one may.
void ZmqTransport::Impl::try_next_host(ConnectionId id) {
    Connection &connection = connections_.at(id);
    if (connection.hosts.size() > 1) {
        let_go(id, connection);
        connection.host = (connection.host + 1) % connection.hosts.size();
        open(id, connection);
    }
}

void ZmqTransport::Impl::hang_up(Lane &lane, Link &link) {
    zmq_disconnect(lane.socket->handle(), link.endpoint.c_str());
    lane.by_number.erase(link.number);
}

void ZmqTransport::Impl::close(Lane &lane, Link &link) {
    hang_up(lane, link);
    lane.links.erase(std::string(link.endpoint));
}

// ZeroMQ gives up a link whose handshake failed; somebody wants to use it again.
void ZmqTransport::Impl::renew(ConnectionId id, Connection &connection) {
    Lane &opener = lane(connection.lane);
    hang_up(opener, *connection.link);
    const std::string &host = connection.hosts[connection.host];
    if (const Status dialled = dial(opener, *connection.link, host, connection.peer); !dialled.ok()) {
        failures_.emplace_back(id, dialled.message());
    }
}

}  // namespace motet
