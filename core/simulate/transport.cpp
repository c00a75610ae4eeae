#include "core/simulate/transport.h"

namespace motet {

SimulatedTransport *SimulatedInternet::at(const std::string &host, uint16_t port) const {
    const auto found = listening_.find({host, port});
    return found == listening_.end() ? nullptr : found->second;
}

SimulatedTransport::SimulatedTransport(SimulatedInternet &internet, SimulatedNetwork::Node node)
    : internet_(internet), node_(node), life_(++internet.last_life_) {
    internet_.lives_[life_] = this;
}

Result<uint16_t> SimulatedTransport::listen(const std::string &host, uint16_t port) {
    place_ = {host, port != 0 ? port : ++internet_.last_port_};
    if (!internet_.listening_.emplace(place_, this).second) {
        return Status(Code::ADDRESS_IN_USE, host + ":" + std::to_string(place_.second) + " is in use");
    }
    return place_.second;
}

Status SimulatedTransport::start(TransportSink &sink) {
    sink_ = &sink;
    wake();
    return {};
}

void SimulatedTransport::stop(Nanos) {
    if (TransportSink *sink = std::exchange(sink_, nullptr)) {
        sink->work(internet_.scheduler.now());  // its last words
    }
    cut_off();
    internet_.lives_.erase(life_);
}

// Whoever had a connection to this life finds out that it broke.
void SimulatedTransport::cut_off() {
    silent_ = true;
    const auto listening = internet_.listening_.find(place_);
    if (listening == internet_.listening_.end() || listening->second != this) {
        return;
    }
    internet_.listening_.erase(listening);
    for (const auto &[inbound, opener] : openers_) {
        const auto life = internet_.lives_.find(opener.life);
        if (life != internet_.lives_.end() && !life->second->silent_) {
            life->second->lost_soon(opener.connection, "the connection was reset");
        }
    }
}

void SimulatedTransport::wake() { work_at(internet_.scheduler.now().mono); }

void SimulatedTransport::work_at(Nanos time) {
    if (time >= next_work_) {
        return;
    }
    next_work_ = time;
    internet_.scheduler.at(time, [&internet = internet_, life = life_, time] {
        const auto found = internet.lives_.find(life);
        if (found == internet.lives_.end() || !found->second->sink_ || found->second->next_work_ != time) {
            return;
        }
        SimulatedTransport &self = *found->second;
        self.next_work_ = INT64_MAX;
        self.work_at(self.sink_->work(internet.scheduler.now()));
    });
}

// Has what happen at the other end, when and if a frame arrives there and that life is still there.
template <typename What> void SimulatedTransport::later(uint64_t life, SimulatedNetwork::Node to, What what) {
    if (silent_) {
        return;
    }
    internet_.network.send(node_, to, [&internet = internet_, life, what = std::move(what)] {
        const auto found = internet.lives_.find(life);
        if (found != internet.lives_.end() && found->second->sink_ && !found->second->silent_) {
            what(*found->second);
        }
    });
}

ConnectionId SimulatedTransport::connect(const Address &peer, wire::Lane) {
    const ConnectionId connection = ++last_connection_;
    connections_[connection] = {peer.host, peer.port};
    if (!internet_.at(peer.host, peer.port)) {
        lost_soon(connection, "the connection was refused");
    }
    return connection;
}

void SimulatedTransport::lost_soon(ConnectionId connection, const std::string &reason) {
    internet_.scheduler.after(kMillisecond, [&internet = internet_, life = life_, connection, reason] {
        const auto found = internet.lives_.find(life);
        if (found != internet.lives_.end() && found->second->sink_ &&
            found->second->connections_.count(connection) != 0) {
            found->second->sink_->link_lost(connection, reason);
        }
    });
}

Transport::Sent SimulatedTransport::send(ConnectionId connection, ByteBuffer &frame) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) {
        return Sent::gone;
    }
    const auto shared = std::make_shared<ByteBuffer>(std::move(frame));
    if (SimulatedTransport *peer = internet_.at(found->second.first, found->second.second)) {
        later(peer->life_, peer->node_, [opener = Opener{life_, connection}, shared](SimulatedTransport &receiver) {
            receiver.arrived(opener, *shared);
        });
    }
    return Sent::yes;
}

void SimulatedTransport::arrived(const Opener &opener, const ByteBuffer &frame) {
    const auto [known, fresh] = inbound_.emplace(opener, last_inbound_ + 1);
    if (fresh) {
        openers_[++last_inbound_] = opener;
    }
    sink_->received(frame.view(), known->second, 0);
}

void SimulatedTransport::reply(InboundId inbound, ByteBuffer frame) {
    const auto found = openers_.find(inbound);
    if (found == openers_.end()) {
        return;
    }
    const auto life = internet_.lives_.find(found->second.life);
    if (life == internet_.lives_.end()) {
        return;
    }
    const auto shared = std::make_shared<ByteBuffer>(std::move(frame));
    later(found->second.life, life->second->node_,
          [connection = found->second.connection, shared](SimulatedTransport &receiver) {
              receiver.answered(connection, *shared);
          });
}

void SimulatedTransport::answered(ConnectionId connection, const ByteBuffer &frame) {
    if (connections_.count(connection) != 0) {
        sink_->received(frame.view(), 0, connection);
    }
}

}  // namespace motet
