// The loop of the transport's thread: what arrives, and how links fare.
#include <algorithm>
#include <optional>
#include <unistd.h>
#include <zmq.hpp>

#include "core/remote/zmq_transport_impl.h"

namespace motet {

namespace {

constexpr int kFramesAtOnce = 256;  // taken from one socket before the others have their turn
constexpr Nanos kLookupPoll = 5 * kMillisecond;

InboundId inbound_id(const zmq::message_t &routing_id) {
    const auto *bytes = routing_id.data<uint8_t>();
    if (routing_id.size() != kInboundIdSize || bytes[0] != 0) {
        return 0;  // a name that the peer has chosen: there is no answer to such a one
    }
    uint32_t number = 0;
    std::memcpy(&number, bytes + 1, sizeof(number));
    return kInboundMark | number;
}

uint64_t link_number(const zmq::message_t &name) {
    uint64_t number = 0;
    if (name.size() == sizeof(RoutingId)) {
        std::memcpy(&number, name.data<uint8_t>() + 1, sizeof(number));
    }
    return number;
}

}  // namespace

void ZmqTransport::Impl::run() {
    Nanos deadline = 0;
    while (!stopping_.load(std::memory_order_acquire)) {
        deadline = poll(deadline);
    }
    sink_->work(clock_.now());
}

// Waits until there is something to do or the deadline has come, does it, and returns the next deadline.
Nanos ZmqTransport::Impl::poll(Nanos deadline) {
    std::vector<zmq_pollitem_t> items;
    items.push_back({nullptr, wake_fd_, ZMQ_POLLIN, 0});
    items.push_back({bound_->handle(), 0, ZMQ_POLLIN, 0});
    for (const std::unique_ptr<Lane> &each : lanes_) {
        if (each) {
            items.push_back({each->socket->handle(), 0, ZMQ_POLLIN, 0});
            items.push_back({each->monitor->handle(), 0, ZMQ_POLLIN, 0});
        }
    }
    if (curve_) {
        items.push_back({curve_->questions().handle(), 0, ZMQ_POLLIN, 0});
        deadline = std::min(deadline, keys_at_);
    }
    const Nanos wait = deadline - clock_.now().mono;
    const long timeout = wait <= 0 ? 0 : static_cast<long>(std::min<Nanos>(wait / kMillisecond + 1, 3'600'000));
    zmq_poll(items.data(), static_cast<int>(items.size()), timeout);

    if ((items[0].revents & ZMQ_POLLIN) != 0) {
        uint64_t count;
        [[maybe_unused]] const ssize_t taken = read(wake_fd_, &count, sizeof(count));
        signalled_.exchange(false, std::memory_order_acq_rel);
    }
    if ((items[1].revents & ZMQ_POLLIN) != 0) {
        receive(*bound_, nullptr);
    }
    size_t item = 2;
    for (const std::unique_ptr<Lane> &each : lanes_) {
        if (each && item + 1 < items.size() && items[item].socket == each->socket->handle()) {
            if ((items[item].revents & ZMQ_POLLIN) != 0) {
                receive(*each->socket, each.get());
            }
            if ((items[item + 1].revents & ZMQ_POLLIN) != 0) {
                watch(*each);
            }
            item += 2;
        }
    }
    if (curve_) {
        look_at_keys();
    }
    if (resolving_ > 0) {
        finish_lookups();
    }
    tell_failures();
    const Now now = clock_.now();
    const Nanos next = sink_->work(now);
    const Nanos soon = resolving_ > 0 ? now.mono + kLookupPoll : next;
    return failures_.empty() ? std::min(next, soon) : 0;
}

// lane: whose socket it is, nullptr for the bound one.
void ZmqTransport::Impl::receive(zmq::socket_t &socket, Lane *lane) {
    for (int i = 0; i < kFramesAtOnce; ++i) {
        zmq::message_t name;
        zmq::message_t frame;
        if (zmq_msg_recv(name.handle(), socket.handle(), ZMQ_DONTWAIT) < 0) {
            return;
        }
        bool more = name.more();
        size_t parts = 0;
        while (more && zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) >= 0) {
            more = frame.more();
            ++parts;
        }
        const Bytes bytes = parts == 1 ? Bytes(frame.data<uint8_t>(), frame.size()) : Bytes();
        if (lane == nullptr) {
            receiving_ = &frame;
            sink_->received(bytes, inbound_id(name), 0);
            receiving_ = nullptr;
            continue;
        }
        const auto found = lane->by_number.find(link_number(name));
        if (found != lane->by_number.end()) {
            for (const ConnectionId user : std::vector<ConnectionId>(found->second->users)) {
                sink_->received(bytes, 0, user);
            }
        }
    }
}

// Answers who may come in, and reads the list of those again when it has changed.
void ZmqTransport::Impl::look_at_keys() {
    for (const std::string &refused : curve_->answer()) {
        sink_->stranger_refused(refused);
    }
    const Nanos now = clock_.now().mono;
    if (now < keys_at_) {
        return;
    }
    keys_at_ = now + ZmqCurve::kReadInterval;
    if (curve_->changed()) {
        (void)reload_identities();  // which tells the sink
    }
}

Status ZmqTransport::Impl::reload_identities() {
    if (!curve_) {
        return Status(Code::BAD_STATE, "this system has no keys: remote.curve.enabled is off");
    }
    Status read = curve_->reload();
    for (const auto &[id, connection] : connections_) {
        if (connection.link != nullptr && connection.link->key != curve_->peers().key_of(connection.peer)) {
            failures_.emplace_back(id, "its key is another one now, or none, in remote.curve.peers-file");
        }
    }
    sink_->identities_read(read);
    return read;
}

void ZmqTransport::Impl::watch(Lane &lane) {
    for (int i = 0; i < kFramesAtOnce; ++i) {
        zmq::message_t event;
        zmq::message_t endpoint;
        if (zmq_msg_recv(event.handle(), lane.monitor->handle(), ZMQ_DONTWAIT) < 0 ||
            zmq_msg_recv(endpoint.handle(), lane.monitor->handle(), ZMQ_DONTWAIT) < 0) {
            return;
        }
        uint16_t kind = 0;
        int32_t value = 0;
        std::memcpy(&kind, event.data(), sizeof(kind));
        std::memcpy(&value, event.data<uint8_t>() + sizeof(kind), sizeof(value));
        const auto found = lane.links.find(endpoint.to_string());
        if (found == lane.links.end()) {
            continue;
        }
        Link &link = *found->second;
        if (kind == ZMQ_EVENT_CONNECTED) {
            link.fd = value;
            link.told_lost = false;
            link.failures = 0;
        } else if (kind == ZMQ_EVENT_DISCONNECTED && link.fd == value) {
            // An event of an earlier link to the same place bears another descriptor.
            link.fd = -1;
            lost(link, "the connection to " + link.endpoint + " was lost");
        } else if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            lost(link, "the node at " + link.endpoint +
                           " does not let in the key of this node (its "
                           "remote.curve.peers-file)");
        } else if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) {
            lost(link, "what listens at " + link.endpoint +
                           " is no node with the same remote.curve.enabled and the key that is expected of it");
        } else if (kind == ZMQ_EVENT_CONNECT_RETRIED && link.fd < 0 && ++link.failures == 2) {
            // A second attempt each, as the first may just have lost its packets while other lanes work; and so that
            // ZeroMQ's pause is between two rounds.
            lost(link, "cannot connect to " + link.endpoint);
            for (const ConnectionId user : std::vector<ConnectionId>(link.users)) {
                try_next_host(user);
            }
        }
    }
}

void ZmqTransport::Impl::lost(Link &link, const std::string &reason) {
    if (!std::exchange(link.told_lost, true)) {
        for (const ConnectionId user : link.users) {
            failures_.emplace_back(user, reason);
        }
    }
}

}  // namespace motet
