// SimulatedNetwork decides what becomes of a packet between two simulated nodes: when it arrives, twice, or never.
// Knows: numbers of nodes, links that are cut. Must never know: what a packet holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/simulate/scheduler.h"

namespace motet {

struct NetworkSettings {
    double loss = 0;         // the chance of a packet not to arrive
    double duplication = 0;  // of one that arrives, to arrive again
    Nanos least_delay = 200 * kMicrosecond;
    Nanos most_delay = 2 * kMillisecond;  // uniform in between, so packets also overtake each other
    bool in_order = false;                // on one link, as over a connection
};

class SimulatedNetwork {
  public:
    using Node = uint32_t;

    SimulatedNetwork(Scheduler &scheduler, NetworkSettings settings, Random random)
        : scheduler_(scheduler), settings_(settings), random_(random) {}

    // arrive is called when and as often as the packet arrives.
    void send(Node from, Node to, std::function<void()> arrive);

    void cut(Node from, Node to) { cut_.insert({from, to}); }  // one way
    void mend(Node from, Node to) { cut_.erase({from, to}); }
    // Cuts every link between a node of one side and one of the other, both ways.
    void split(const std::vector<Node> &side, const std::vector<Node> &other);
    void mend_all() { cut_.clear(); }
    bool connected(Node from, Node to) const { return cut_.count({from, to}) == 0; }

    NetworkSettings &settings() { return settings_; }

  private:
    Nanos arrival(Node from, Node to);

    Scheduler &scheduler_;
    NetworkSettings settings_;
    Random random_;
    std::set<std::pair<Node, Node>> cut_;
    std::map<std::pair<Node, Node>, Nanos> last_arrival_;
};

}  // namespace motet
