#include "core/remote/remote_watcher.h"

#include <algorithm>
#include <limits>

namespace motet {

void RemoteWatcher::watch(Now now, const Address &node) {
    nodes_.try_emplace(node, Node{PhiAccrual(settings_.detector), now.mono, now.mono + settings_.first_response});
}

void RemoteWatcher::forget(const Address &node) { nodes_.erase(node); }

void RemoteWatcher::set_member(Now now, const Address &node, bool member) {
    if (member) {
        members_.insert(node);
    } else if (members_.erase(node) > 0 && nodes_.erase(node) > 0) {
        watch(now, node);  // what was heard before the cluster took over says nothing about now
    }
}

void RemoteWatcher::answered(Now now, const Address &node) {
    const auto found = nodes_.find(node);
    if (found != nodes_.end()) {
        found->second.detector.heartbeat(now.mono);
    }
}

RemoteWatcher::Outcome RemoteWatcher::tick(Now now) {
    Outcome outcome;
    for (auto &[address, node] : nodes_) {
        if (members_.count(address) > 0) {
            continue;
        }
        if (!node.detector.monitored() && now.mono >= node.first_response_until) {
            node.detector.heartbeat(node.first_response_until);  // so that silence from the beginning is noticed too
        }
        if (!node.detector.available(now.mono)) {
            outcome.lost.push_back(address);
        } else if (now.mono >= node.next_heartbeat) {
            node.next_heartbeat = now.mono + settings_.heartbeat_interval;
            outcome.heartbeat.push_back(address);
        }
    }
    for (const Address &address : outcome.lost) {
        nodes_.erase(address);
    }
    return outcome;
}

Nanos RemoteWatcher::deadline() const {
    Nanos deadline = std::numeric_limits<Nanos>::max();
    for (const auto &[address, node] : nodes_) {
        if (members_.count(address) == 0) {
            deadline = std::min(deadline, node.next_heartbeat);
        }
    }
    return deadline;
}

double RemoteWatcher::phi(Now now, const Address &node) const {
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? 0.0 : found->second.detector.phi(now.mono);
}

}  // namespace motet
