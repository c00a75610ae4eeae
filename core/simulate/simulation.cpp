#include "core/simulate/simulation.h"

namespace motet {

namespace {

constexpr uint16_t kPort = 2551;

std::string host_of(uint8_t number) { return "10.0.0." + std::to_string(number); }

NetworkSettings in_order(NetworkSettings settings) {
    settings.in_order = true;
    return settings;
}

}  // namespace

Simulation::Simulation(uint64_t seed, NetworkSettings network_settings)
    : network(scheduler, in_order(network_settings), Random::keyed(seed, 1)), random_(Random::keyed(seed, 2)),
      internet_(scheduler, network), ready_(scheduler, Random::keyed(seed, 3)) {}

Simulation::~Simulation() {
    while (!lives_.empty()) {
        crash(lives_.begin()->first);
    }
}

Address Simulation::address(uint8_t number, const std::string &system) {
    return Address::tcp(system, host_of(number), kPort);
}

Result<Ptr<Node>> Simulation::start(uint8_t number, Config config) {
    for (const auto &[key, value] : {std::pair<std::string, std::string>("remote.host", host_of(number)),
                                     std::pair<std::string, std::string>("remote.port", std::to_string(kPort))}) {
        if (Status set = config.set(key, value); !set.ok()) {
            return set;
        }
    }
    Seams seams;
    seams.clock = &scheduler;
    seams.own_timer_thread = false;
    seams.uid = random_.next();
    seams.dispatcher = [this](const std::string &, int, int) -> Result<std::unique_ptr<Dispatcher>> {
        return std::unique_ptr<Dispatcher>(new SimulatedDispatcher(ready_));
    };
    auto transport = std::make_unique<SimulatedTransport>(internet_, number);
    SimulatedTransport *raw_transport = transport.get();
    const uint64_t uid = seams.uid;
    Result<Ptr<Node>> node = Node::start(config, std::move(seams), std::move(transport));
    if (!node.ok()) {
        return node;
    }
    lives_[number] = {node.value(), raw_transport, uid};
    node.value()->system().timers().on_earlier([this, number, uid] { pump_timers(number, uid); });
    pump_timers(number, uid);
    return node;
}

void Simulation::pump_timers(uint8_t number, uint64_t uid) {
    const auto life = lives_.find(number);
    if (life == lives_.end() || life->second.uid != uid) {
        return;
    }
    const std::optional<Nanos> deadline = life->second.node->system().timers().next_deadline();
    if (!deadline) {
        return;
    }
    scheduler.at(*deadline, [this, number, uid] {
        const auto found = lives_.find(number);
        if (found != lives_.end() && found->second.uid == uid) {
            found->second.node->system().timers().advance();
            pump_timers(number, uid);
        }
    });
}

void Simulation::crash(uint8_t number) {
    const auto found = lives_.find(number);
    if (found == lives_.end()) {
        return;
    }
    const Life life = std::move(found->second);
    lives_.erase(found);
    life.transport->cut_off();
    (void)life.node->close(0);
}

}  // namespace motet
