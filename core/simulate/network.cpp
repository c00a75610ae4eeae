#include "core/simulate/network.h"

#include <algorithm>

namespace motet {

void SimulatedNetwork::send(Node from, Node to, std::function<void()> arrive) {
    // Every packet draws the same numbers, whatever becomes of it, so that one fault does not shift all that follows.
    const bool lost = random_.unit() < settings_.loss;
    const bool doubled = random_.unit() < settings_.duplication;
    const Nanos first = arrival(from, to);
    const Nanos second = arrival(from, to);
    if (lost || !connected(from, to)) {
        return;
    }
    // A packet under way when a link is cut is lost with it.
    const auto land = [this, from, to, arrive = std::move(arrive)] {
        if (connected(from, to)) {
            arrive();
        }
    };
    if (doubled) {
        scheduler_.at(second, land);
    }
    scheduler_.at(first, land);
}

Nanos SimulatedNetwork::arrival(Node from, Node to) {
    const auto spread = static_cast<uint64_t>(settings_.most_delay - settings_.least_delay) + 1;
    Nanos time = scheduler_.now().mono + settings_.least_delay + static_cast<Nanos>(random_.below(spread));
    if (settings_.in_order) {
        Nanos &last = last_arrival_[{from, to}];
        time = last = std::max(time, last);
    }
    return time;
}

void SimulatedNetwork::split(const std::vector<Node> &side, const std::vector<Node> &other) {
    for (const Node a : side) {
        for (const Node b : other) {
            cut(a, b);
            cut(b, a);
        }
    }
}

}  // namespace motet
