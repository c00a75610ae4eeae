#include "core/simulate/network.h"

#include <algorithm>

namespace motet {

namespace {

bool names(const std::set<uint32_t> &nodes, uint32_t node) { return nodes.empty() || nodes.count(node) != 0; }

Nanos up_to(Random &random, Nanos most) {
    return static_cast<Nanos>(random.below(static_cast<uint64_t>(std::max<Nanos>(most, 0)) + 1));
}

// What a connection adds to the time of a packet that was lost once: it is sent again, each time after twice as long.
Nanos resent_after(Random &random, double loss) {
    constexpr Nanos kMost = 30 * kSecond;
    Nanos wait = 200 * kMillisecond;
    Nanos total = wait;
    while (total < kMost && random.unit() < loss) {
        wait *= 2;
        total += wait;
    }
    return total;
}

}  // namespace

bool Disturbance::concerns(uint32_t sender, uint32_t receiver) const {
    return (names(from, sender) && names(to, receiver)) || (both_ways && names(from, receiver) && names(to, sender));
}

void SimulatedNetwork::send(Node from, Node to, std::function<void()> arrive) {
    const Fate fate = draw(from, to);
    if (fate.lost || !connected(from, to)) {
        return;
    }
    // A packet under way when a link is cut is lost with it.
    auto land = [this, from, to, arrive = std::move(arrive)] {
        if (connected(from, to)) {
            arrive();
        }
    };
    if (fate.doubled) {
        scheduler_.at(fate.arrival_of_copy, land);
    }
    scheduler_.at(fate.arrival, std::move(land));
}

SimulatedNetwork::Fate SimulatedNetwork::draw(Node from, Node to) {
    Random random = Random::keyed(seed_ ^ from, ++sent_[from]);
    const Nanos now = scheduler_.now().mono;
    const auto delay = [&] {
        return settings_.least_delay + up_to(random, settings_.most_delay - settings_.least_delay);
    };
    Fate fate{random.unit() < settings_.loss, random.unit() < settings_.duplication, now + delay(), now + delay()};
    double loss = settings_.loss;
    const auto lose = [&](double share) {
        fate.lost |= random.unit() < share;
        loss = 1 - (1 - loss) * (1 - share);
    };
    for (const auto &[number, disturbance] : disturbances_) {
        if (disturbance.concerns(from, to)) {
            lose(disturbance.loss);
            fate.doubled |= random.unit() < disturbance.duplication;
            fate.arrival += up_to(random, disturbance.most_lateness);
            fate.arrival_of_copy += up_to(random, disturbance.most_lateness + disturbance.most_lateness_of_copy);
        }
    }
    if (const auto link = links_.find({from, to}); link != links_.end()) {
        lose(link->second.loss);
        fate.arrival += up_to(random, link->second.most_lateness);
        fate.arrival_of_copy += up_to(random, link->second.most_lateness);
    }
    if (settings_.in_order) {
        if (fate.lost && loss < 1) {
            fate.lost = false;
            fate.arrival += resent_after(random, loss);
        }
        Nanos &last = last_arrival_[{from, to}];
        fate.arrival = last = std::max(fate.arrival, last);
        fate.arrival_of_copy = std::max(fate.arrival_of_copy, fate.arrival);
    }
    return fate;
}

void SimulatedNetwork::split(const std::vector<Node> &side, const std::vector<Node> &other) {
    for (const Node a : side) {
        for (const Node b : other) {
            cut(a, b);
            cut(b, a);
        }
    }
}

uint64_t SimulatedNetwork::disturb(Disturbance disturbance) {
    disturbances_.emplace(++last_disturbance_, std::move(disturbance));
    return last_disturbance_;
}

void SimulatedNetwork::mend_all() {
    links_.clear();
    disturbances_.clear();
}

bool SimulatedNetwork::connected(Node from, Node to) const {
    const auto link = links_.find({from, to});
    return (link == links_.end() || link->second.loss < 1) &&
           std::none_of(disturbances_.begin(), disturbances_.end(),
                        [&](const auto &entry) { return entry.second.loss >= 1 && entry.second.concerns(from, to); });
}

}  // namespace motet
