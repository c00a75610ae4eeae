#include "tests/sim/run.h"

#include <algorithm>

#include "tests/sim/faults.h"

namespace motet {

namespace {

ClusterSettings settings_of(const Plan &plan) {
    ClusterSettings settings;
    settings.downing.strategy = plan.downing;
    settings.downing.stable_after = plan.stable_after;
    settings.downing.quorum_size = plan.nodes / 2 + 1;
    return settings;
}

NetworkSettings network_of(const Plan &plan) {
    NetworkSettings network;
    network.loss = plan.loss;
    network.most_delay = std::max(plan.delay, network.least_delay);
    return network;
}

class Run {
  public:
    Run(const Plan &plan, const Mutation &mutation)
        : plan_(plan), simulation_(plan.seed, plan.nodes, settings_of(plan), network_of(plan)),
          invariants_(simulation_), player_(simulation_, plan) {
        simulation_.add_checker(invariants_);
        invariants_.never_down_if([this](const Member &member, const Membership &by) { return healthy(member, by); });
        by_hand_ = std::any_of(plan.faults.begin(), plan.faults.end(),
                               [](const Fault &fault) { return fault.verb == Verb::down; });
        if (by_hand_) {
            invariants_.allow_two_sides();
        }
        if (mutation.apply) {
            mutation.apply(simulation_, invariants_);
        }
        player_.on_fault = [this](Verb verb, uint32_t node) { outcome_.coverage.count(simulation_, verb, node); };
    }

    Outcome run() {
        player_.begin();
        pass(plan_.heal);
        player_.heal();
        // As long as packets of before come late, the dead seem to live.
        const Nanos deadline = std::max(plan_.heal, player_.last_late_packet()) + plan_.deadline;
        while (!settled() && now() < deadline && invariants_.violations().empty()) {
            pass(500 * kMillisecond);
        }
        if (!settled() && invariants_.violations().empty()) {
            invariants_.fail("in the end all agree",
                             "they do not " + std::to_string(plan_.deadline / kMillisecond) +
                                 " ms after the heal, or the last packet that a fault made late");
        }
        check_quiet();
        outcome_.violations = invariants_.violations();
        outcome_.packets = simulation_.packets;
        outcome_.history = simulation_.history;
        outcome_.clusters = clusters().size();
        return std::move(outcome_);
    }

  private:
    Nanos now() const { return simulation_.scheduler.now().mono; }

    void pass(Nanos duration) {
        const Nanos end = now() + duration;
        while (now() < end && invariants_.violations().empty()) {
            const Nanos step = std::min<Nanos>(500 * kMillisecond, end - now());
            simulation_.scheduler.run_for(step);
            for (uint32_t slot = 0; slot < plan_.nodes; ++slot) {
                outcome_.node_hours += simulation_.active(slot) ? static_cast<double>(step) / 3600e9 : 0;
            }
        }
    }

    // Whether a split brain resolver that counts majorities has no reason to declare a node down: less than half are in
    // trouble and that one is not.
    bool healthy(const Member &member, const Membership &by) const {
        const Members &members = by.state().members();
        const auto troubled = [this](const auto &entry) { return is_troubled(entry.second); };
        return plan_.downing == DowningStrategy::keep_majority && !is_troubled(member) &&
               static_cast<size_t>(std::count_if(members.begin(), members.end(), troubled)) * 2 < members.size();
    }

    // In trouble is also a life that has ended, when its node lives again, maybe in another cluster.
    bool is_troubled(const Member &member) const {
        const uint32_t slot = simulation_.slot_of(member.node.address);
        return player_.in_trouble(slot) || !simulation_.alive(slot) ||
               simulation_.life(slot).machine->self().uid != member.uid();
    }

    // The members of each cluster, by its identity.
    std::map<std::string, std::vector<const Membership *>> clusters() const {
        std::map<std::string, std::vector<const Membership *>> clusters;
        for (uint32_t slot = 0; slot < plan_.nodes; ++slot) {
            if (simulation_.active(slot) && is_member(slot)) {
                const Membership &machine = *simulation_.life(slot).machine;
                // Sides that went on because somebody declared members down by hand stay apart.
                clusters[(by_hand_ ? machine.state().fingerprint() : machine.cluster()).text()].push_back(&machine);
            }
        }
        return clusters;
    }

    bool is_member(uint32_t slot) const {
        const Membership &machine = *simulation_.life(slot).machine;
        return machine.state().find(machine.self().uid) != nullptr;
    }

    static bool agree(const std::vector<const Membership *> &cluster) {
        return std::all_of(cluster.begin(), cluster.end(), [&](const Membership *one) {
            const State &state = one->state();
            return state.members().size() == cluster.size() && one->unreachable().empty() &&
                   state.find(one->self().uid)->status == MemberStatus::up &&
                   state.fingerprint() == cluster.front()->state().fingerprint();
        });
    }

    // Whether a node that looks for a cluster has a seed that would let it in, or is to found one itself.
    bool should_be_member(uint32_t slot) const {
        const std::vector<Address> &seeds = simulation_.life(slot).machine->settings().seeds;
        return seeds.front() == simulation_.address(slot) ||
               std::any_of(seeds.begin(), seeds.end(), [&](const Address &seed) {
                   const uint32_t other = simulation_.slot_of(seed);
                   return simulation_.active(other) && is_member(other);
               });
    }

    bool settled() const {
        for (uint32_t slot = 0; slot < plan_.nodes; ++slot) {
            if (simulation_.active(slot) && !is_member(slot) && should_be_member(slot)) {
                return false;
            }
        }
        const auto found = clusters();
        return std::all_of(found.begin(), found.end(), [](const auto &entry) { return agree(entry.second); });
    }

    // Who agrees has nothing to say but that it lives.
    void check_quiet() {
        constexpr Nanos kWindow = 5 * kSecond;
        constexpr uint64_t kMostEachSecond =
            20;  // six heartbeats and their answers, gossip, or the search for a cluster
        if (plan_.loss > 0 || !invariants_.violations().empty()) {
            return;
        }
        pass(std::max(kSecond, player_.last_late_packet() - now()));
        const uint64_t before = simulation_.packets;
        pass(kWindow);
        const uint64_t sent = simulation_.packets - before;
        if (sent > kMostEachSecond * plan_.nodes * static_cast<uint64_t>(kWindow / kSecond)) {
            invariants_.fail("who agrees is quiet", std::to_string(sent) + " packets in 5 s");
        }
    }

    const Plan &plan_;
    ClusterSimulation simulation_;
    Invariants invariants_;
    FaultPlayer player_;
    Outcome outcome_;
    bool by_hand_ = false;
};

}  // namespace

Outcome run(const Plan &plan, const Mutation &mutation) { return Run(plan, mutation).run(); }

}  // namespace motet
