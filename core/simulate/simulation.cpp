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

struct Simulation::World {
    World(uint64_t seed, NetworkSettings settings)
        : network(scheduler, settings, Random::keyed(seed, 1)), internet(scheduler, network),
          ready(scheduler, Random::keyed(seed, 3)) {}

    Scheduler scheduler;
    SimulatedNetwork network;
    SimulatedInternet internet;
    ReadyPool ready;
};

// What the seams of a node are filled with. Its system keeps it.
class Simulation::Life final : public Driver, public std::enable_shared_from_this<Life> {
  public:
    explicit Life(std::shared_ptr<World> world) : world_(std::move(world)) {}

    bool run_until(Nanos timeout, const std::function<bool()> &condition) override {
        return killed_ ? condition() : world_->scheduler.run_until(world_->scheduler.now().mono + timeout, condition);
    }
    bool inside() const override { return !killed_ && world_->scheduler.stepping(); }
    void later(std::function<void()> what) override { world_->scheduler.after(0, std::move(what)); }

    Status begin(uint8_t number, uint64_t uid, const Config &config) {
        Seams seams;
        seams.clock = &world_->scheduler;
        seams.driver = shared_from_this();
        seams.uid = uid;
        seams.dispatcher = [world = world_.get()](const std::string &, int, Slice) {
            return Result<std::unique_ptr<Dispatcher>>(std::make_unique<SimulatedDispatcher>(world->ready));
        };
        auto transport = std::make_unique<SimulatedTransport>(world_->internet, number);
        if (config.boolean("remote.enabled")) {
            transport_ = transport.get();
        }
        Result<Ptr<Node>> node = Node::start(config, std::move(seams), std::move(transport));
        if (!node.ok()) {
            return std::move(node.status());
        }
        node_ = std::move(node.value());
        node_->system().timers().on_earlier([this] { pump_timers(); });
        pump_timers();
        return {};
    }

    const Ptr<Node> &node() const { return node_; }

    void kill() {
        if (transport_ && !node_->closed()) {
            transport_->cut_off();
        }
        killed_ = true;
        (void)std::exchange(node_, {})->close(0);
    }

  private:
    // Has the timers advance when the next of them is due.
    void pump_timers() {
        const std::optional<Nanos> deadline = node_ ? node_->system().timers().next_deadline() : std::nullopt;
        if (!deadline || *deadline >= next_pump_) {
            return;
        }
        next_pump_ = *deadline;
        world_->scheduler.at(*deadline, [weak = weak_from_this(), time = *deadline] {
            const std::shared_ptr<Life> life = weak.lock();
            if (life && life->node_ && life->next_pump_ == time) {
                life->next_pump_ = INT64_MAX;
                life->node_->system().timers().advance();
                life->pump_timers();
            }
        });
    }

    const std::shared_ptr<World> world_;
    Ptr<Node> node_;  // until it is killed
    SimulatedTransport *transport_ = nullptr;
    Nanos next_pump_ = INT64_MAX;
    bool killed_ = false;
};

Simulation::Simulation(uint64_t seed, NetworkSettings network_settings)
    : world_(std::make_shared<World>(seed, in_order(network_settings))), scheduler(world_->scheduler),
      network(world_->network), random_(Random::keyed(seed, 2)) {}

Simulation::~Simulation() {
    while (!lives_.empty()) {
        crash(lives_.begin()->first);
    }
    scheduler.close();
}

Address Simulation::address(uint8_t number, const std::string &system) {
    return Address::tcp(system, host_of(number), kPort);
}

Result<Ptr<Node>> Simulation::start(uint8_t number, Config config) {
    const auto earlier = lives_.find(number);
    if (earlier != lives_.end() && !earlier->second->node()->closed()) {
        return Status(Code::ADDRESS_IN_USE, "node " + std::to_string(number) + " of the simulation lives already");
    }
    for (const auto &[key, value] : {std::pair<std::string, std::string>("remote.host", host_of(number)),
                                     std::pair<std::string, std::string>("remote.port", std::to_string(kPort))}) {
        if (Status set = config.set(key, value); !set.ok()) {
            return set;
        }
    }
    auto life = std::make_shared<Life>(world_);
    if (Status begun = life->begin(number, random_.next(), config); !begun.ok()) {
        return begun;
    }
    crash(number);
    lives_[number] = life;
    return life->node();
}

bool Simulation::crash(uint8_t number) {
    const auto found = lives_.find(number);
    if (found == lives_.end()) {
        return false;
    }
    const std::shared_ptr<Life> life = std::move(found->second);
    lives_.erase(found);
    life->kill();
    return true;
}

}  // namespace motet
