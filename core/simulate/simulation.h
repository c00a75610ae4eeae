// Simulation runs whole nodes, actors of users included, on one thread, with a simulated clock, dispatcher and network:
// what happens is a function of the seed. Whoever waits for a node (close(), an expectation) lets all of them run.
// Knows: how a node's seams are filled. Must never know: what the nodes do.
#pragma once

#include <map>
#include <memory>

#include "core/node/node.h"
#include "core/simulate/dispatcher.h"
#include "core/simulate/network.h"
#include "core/simulate/scheduler.h"
#include "core/simulate/transport.h"

namespace motet {

class Simulation {
    struct World;  // what the nodes stand on; it lasts as long as the last of them
    class Life;    // of a node
    const std::shared_ptr<World> world_;

  public:
    // Frames of one link arrive in the order they were sent, as over a connection.
    explicit Simulation(uint64_t seed, NetworkSettings network_settings = {});
    ~Simulation();

    // Starts a life of node number at "10.0.0.<number>:2551", with the settings of config. What it is told runs when
    // the scheduler does. Errors: ADDRESS_IN_USE (the node lives), those of Node::start().
    Result<Ptr<Node>> start(uint8_t number, Config config);
    static Address address(uint8_t number, const std::string &system);

    // Ends a life as if the process had been killed: no handler of it runs any more. False: there is none.
    bool crash(uint8_t number);

    Scheduler &scheduler;
    SimulatedNetwork &network;

  private:
    Random random_;
    std::map<uint8_t, std::shared_ptr<Life>> lives_;
};

}  // namespace motet
