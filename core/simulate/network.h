// SimulatedNetwork decides what becomes of a packet between two simulated nodes: when it arrives, twice, or never.
// Knows: numbers of nodes, links that are cut, what disturbs others. Must never know: what a packet holds.
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
    bool in_order = false;  // on one link, as over a connection: what is lost is sent again, and what follows waits
};

// What is wrong for a while with the links from some nodes to others, besides the settings of the network.
struct Disturbance {
    std::set<uint32_t> from;  // empty: all
    std::set<uint32_t> to;    // likewise
    bool both_ways = false;
    double loss = 0;  // 1: nothing arrives
    double duplication = 0;
    Nanos most_lateness = 0;          // of any packet: uniform up to that
    Nanos most_lateness_of_copy = 0;  // of the second of two

    bool concerns(uint32_t sender, uint32_t receiver) const;
};

class SimulatedNetwork {
  public:
    using Node = uint32_t;

    SimulatedNetwork(Scheduler &scheduler, NetworkSettings settings, Random random)
        : scheduler_(scheduler), settings_(settings), seed_(random.next()) {}

    // arrive is called when and as often as the packet arrives.
    void send(Node from, Node to, std::function<void()> arrive);

    // Of one link, one way, until it is mended: nothing arrives; a share is lost; all is late, up to a time.
    void cut(Node from, Node to) { lose(from, to, 1); }
    void lose(Node from, Node to, double share) { links_[{from, to}].loss = share; }
    void delay(Node from, Node to, Nanos most) { links_[{from, to}].most_lateness = most; }
    void mend(Node from, Node to) { links_.erase({from, to}); }
    // Cuts every link between a node of one side and one of the other, both ways.
    void split(const std::vector<Node> &side, const std::vector<Node> &other);

    // Several disturbances add up. Ends with calm(), by the number given here.
    uint64_t disturb(Disturbance disturbance);
    void calm(uint64_t disturbance) { disturbances_.erase(disturbance); }

    // Mends every link, ends all disturbances.
    void mend_all();
    bool connected(Node from, Node to) const;

    NetworkSettings &settings() { return settings_; }

  private:
    struct Fate {
        bool lost;
        bool doubled;
        Nanos arrival;
        Nanos arrival_of_copy;
    };
    Fate draw(Node from, Node to);

    Scheduler &scheduler_;
    NetworkSettings settings_;
    uint64_t seed_;
    std::map<Node, uint64_t> sent_;  // the draws of each sender are its own: who sends less shifts nobody else's
    struct Link {
        double loss = 0;
        Nanos most_lateness = 0;
    };
    std::map<std::pair<Node, Node>, Link> links_;  // those with which something is wrong
    std::map<uint64_t, Disturbance> disturbances_;
    uint64_t last_disturbance_ = 0;
    std::map<std::pair<Node, Node>, Nanos> last_arrival_;
};

}  // namespace motet
