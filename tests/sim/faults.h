// FaultPlayer has the faults of a plan happen in a simulated cluster, and knows which nodes are in trouble by them.
// Knows: what each verb does. Must never know: what a cluster makes of it.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "tests/sim/cluster_simulation.h"
#include "tests/sim/plan.h"

namespace motet {

class FaultPlayer {
  public:
    FaultPlayer(ClusterSimulation &simulation, const Plan &plan);

    // Called for each node that a fault happens to, before it does.
    std::function<void(Verb, uint32_t node)> on_fault;

    // Plans all faults, up to the heal.
    void begin();

    // Ends all of them now, and starts those that are not there if the plan wants that.
    void heal();

    // Whether something happened to a node within the last seconds, or happens now, that may be a reason to declare it
    // down. Of a split only the smaller side is in trouble.
    bool in_trouble(uint32_t node) const;
    size_t in_trouble() const;

    // Until when packets may arrive that a fault has made late.
    Nanos last_late_packet() const { return last_late_packet_; }

  private:
    void begin(const Fault &fault);
    void flap(const Fault &fault, Nanos end, bool apart);
    void start_spread(const Fault &fault);
    void disturb(const Fault &fault, Disturbance disturbance);
    // Has what happen when the fault is over, unless all are by then.
    void at_end(Nanos time, std::function<void()> what);
    std::vector<uint32_t> concerned(const Fault &fault) const;
    std::vector<uint32_t> troubled(const Fault &fault) const;
    std::set<uint32_t> others(const Fault &fault) const;

    ClusterSimulation &simulation_;
    const Plan &plan_;
    Random random_;
    bool healed_ = false;
    Nanos aftermath_;  // of a fault
    Nanos last_late_packet_ = 0;
    std::vector<Nanos> trouble_ends_;
};

}  // namespace motet
