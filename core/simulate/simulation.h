// Simulation runs whole nodes, actors of users included, on one thread, with a simulated clock, dispatcher and network:
// what happens is a function of the seed.
// Knows: how a node's seams are filled. Must never know: what the nodes do.
#pragma once

#include <map>

#include "core/node/node.h"
#include "core/simulate/dispatcher.h"
#include "core/simulate/network.h"
#include "core/simulate/scheduler.h"
#include "core/simulate/transport.h"

namespace motet {

class Simulation {
  public:
    // Frames of one link arrive in the order they were sent, as over a connection.
    explicit Simulation(uint64_t seed, NetworkSettings network_settings = {});
    ~Simulation();

    // Starts a life of node number at "10.0.0.<number>:2551", with the settings of config. What it is told runs when
    // the scheduler does. Errors: those of Node::start().
    Result<Ptr<Node>> start(uint8_t number, Config config);
    static Address address(uint8_t number, const std::string &system);

    // Ends a life as if the process had been killed.
    void crash(uint8_t number);

    Scheduler scheduler;
    SimulatedNetwork network;

  private:
    struct Life {
        Ptr<Node> node;
        SimulatedTransport *transport;
        uint64_t uid;
    };
    void pump_timers(uint8_t number, uint64_t uid);

    Random random_;
    SimulatedInternet internet_;
    ReadyPool ready_;
    std::map<uint8_t, Life> lives_;
};

}  // namespace motet
