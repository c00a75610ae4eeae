#include "tests/sim/measures.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include "tests/sim/cluster_simulation.h"

namespace motet {

namespace {

double seconds(Nanos time) { return static_cast<double>(time) / kSecond; }

std::string at(uint32_t nodes) { return " at " + std::to_string(nodes); }

NetworkSettings network_with(double loss) {
    NetworkSettings network;
    network.loss = loss;
    return network;
}

// A cluster without checkers, and what is asked of all its nodes.
class Bench {
  public:
    Bench(uint32_t nodes, uint64_t seed, double loss = 0)
        : nodes_(nodes), simulation_(seed, nodes + 1, ClusterSettings::from(Config()).value(), network_with(loss)),
          random_(Random::keyed(seed, 21)) {}

    // All but the last node, which is kept to join later. Returns when the last of them has begun.
    void start(Nanos within) {
        simulation_.start(0);
        for (uint32_t slot = 1; slot < nodes_; ++slot) {
            const auto delay = static_cast<Nanos>(random_.below(static_cast<uint64_t>(within) + 1));
            simulation_.scheduler.after(delay, [this, slot] { simulation_.start(slot); });
        }
        simulation_.scheduler.run_for(within);
    }

    // How long until that holds; the time allowed if it never does.
    template <typename Condition> double until(Condition condition, Nanos most = 60 * kSecond) {
        constexpr Nanos kLook = 10 * kMillisecond;
        const Nanos begun = now();
        while (now() - begun < most && !condition()) {
            simulation_.scheduler.run_for(kLook);
        }
        return seconds(now() - begun);
    }

    Nanos now() const { return simulation_.scheduler.now().mono; }

    template <typename Holds> bool all(Holds holds) const {
        for (uint32_t slot = 0; slot < simulation_.size(); ++slot) {
            if (simulation_.active(slot) && !holds(*simulation_.life(slot).machine)) {
                return false;
            }
        }
        return true;
    }

    bool all_see(uint32_t slot, MemberStatus status) const {
        const uint64_t uid = simulation_.life(slot).machine->self().uid;
        return all([&](const Membership &machine) {
            const Member *member = machine.state().find(uid);
            return member && member->status == status;
        });
    }
    bool all_up(size_t count) const {
        return all([&](const Membership &machine) {
            const Members &members = machine.state().members();
            return members.size() == count && std::all_of(members.begin(), members.end(), [](const auto &entry) {
                       return entry.second.status == MemberStatus::up;
                   });
        });
    }
    bool all_miss(size_t count) const {
        return all([&](const Membership &machine) { return machine.unreachable().size() == count; });
    }
    bool all_have(size_t count) const {
        return all([&](const Membership &machine) { return machine.state().members().size() == count; });
    }

    // The most seen by any node of what counts: here what is called for each event told.
    void count_events(std::function<void(const Life &, const ClusterEvent &)> on_event) {
        simulation_.on_event = std::move(on_event);
    }

    ClusterSimulation &simulation() { return simulation_; }

  private:
    uint32_t nodes_;
    ClusterSimulation simulation_;
    Random random_;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double goal_of_join(uint32_t nodes) { return nodes <= 10 ? 1.5 : nodes <= 100 ? 2.5 : nodes <= 1000 ? 4 : 4.5; }
double goal_from_nothing(uint32_t nodes) { return nodes <= 10 ? 12 : nodes <= 1000 ? 15 : 25; }

// How many sizes of the cluster one node was told of while it grew: those between bursts of events.
class Sizes {
  public:
    void on(const Life &life, const ClusterEvent &event, Nanos now) {
        if (life.slot == 0 && event.kind == ClusterEvent::Kind::member_up) {
            distinct_ += now != last_ ? 1 : 0;
            last_ = now;
        }
    }
    double distinct() const { return distinct_; }

  private:
    Nanos last_ = -1;
    double distinct_ = 0;
};

}  // namespace

std::string Measure::text() const {
    char line[200];
    std::snprintf(line, sizeof line, "%-66s %10.2f %-8s goal %8.2f  %s", name.c_str(), value, unit.c_str(), most,
                  met() ? "met" : "MISSED");
    return line;
}

std::vector<Measure> measure_cluster(uint32_t nodes, uint64_t seed) {
    std::vector<Measure> measures;
    const double cpu = cpu_seconds();
    Bench bench(nodes, seed);
    ClusterSimulation &simulation = bench.simulation();
    Sizes sizes;
    bench.count_events([&](const Life &life, const ClusterEvent &event) { sizes.on(life, event, bench.now()); });
    bench.start(10 * kSecond);
    const double late = bench.until([&] { return bench.all_up(nodes); });
    measures.push_back(
        {"whole cluster from nothing, arrivals over 10 s," + at(nodes), 10 + late, "s", goal_from_nothing(nodes)});
    measures.push_back({"distinct sizes seen meanwhile" + at(nodes), sizes.distinct(), "", 20});
    simulation.on_event = nullptr;

    simulation.scheduler.run_for(5 * kSecond);
    const uint64_t bytes_before = simulation.bytes_sent;
    simulation.scheduler.run_for(10 * kSecond);
    const auto sent = static_cast<double>(simulation.bytes_sent - bytes_before);
    measures.push_back({"idle traffic of a node, in and out," + at(nodes), 2 * sent / 10 / nodes, "B/s", 1500});

    simulation.start(nodes);
    measures.push_back({"one join, until all see it Up," + at(nodes),
                        bench.until([&] { return bench.all_see(nodes, MemberStatus::up) && bench.all_up(nodes + 1); }),
                        "s", goal_of_join(nodes)});
    simulation.scheduler.run_for(3 * kSecond);

    // Leaving is the change: the node says so itself; the leader acts upon it once it has converged.
    const uint32_t leaver = nodes / 2;
    const auto known = [&](MemberStatus least) {
        const uint64_t uid = simulation.life(leaver).machine->self().uid;
        return bench.all([&](const Membership &machine) {
            const Member *member = machine.state().find(uid);
            return !member || member->status >= least;
        });
    };
    const uint64_t leaver_uid = simulation.life(leaver).machine->self().uid;
    const auto leader_acted = [&] {
        const Member *member = simulation.life(0).machine->state().find(leaver_uid);
        return !member || member->status >= MemberStatus::exiting;
    };
    simulation.leave(leaver);
    std::optional<double> all_know;
    const Nanos begun = bench.now();
    const double converged = bench.until([&] {
        if (!all_know && known(MemberStatus::leaving)) {
            all_know = seconds(bench.now() - begun);
        }
        return all_know && leader_acted();
    });
    measures.push_back({"one change known to all" + at(nodes), all_know.value_or(60), "s", 1.0});
    measures.push_back({"the leader has converged on it" + at(nodes), converged, "s", 1.5});
    bench.until([&] { return bench.all_have(nodes); });
    simulation.scheduler.run_for(5 * kSecond);

    simulation.crash(nodes - 1);
    measures.push_back(
        {"crash to agreed unreachable" + at(nodes), bench.until([&] { return bench.all_miss(1); }), "s", 4.5});
    measures.push_back({"crash to removed everywhere, from there," + at(nodes),
                        bench.until([&] { return bench.all_have(nodes - 1); }), "s", 15});
    simulation.scheduler.run_for(5 * kSecond);
    if (nodes >= 100) {
        // One event: the moments at which one node is told of unreachable members.
        std::map<uint32_t, std::set<Nanos>> moments;
        bench.count_events([&](const Life &life, const ClusterEvent &event) {
            if (event.kind == ClusterEvent::Kind::member_unreachable) {
                moments[life.slot].insert(bench.now());
            }
        });
        for (uint32_t crash = 0; crash < 10; ++crash) {
            simulation.crash(nodes / 11 * (crash + 1) + 1);
        }
        measures.push_back({"ten crashes to agreed unreachable" + at(nodes),
                            bench.until([&] { return bench.all_miss(10); }), "s", 6.5});
        size_t most = 0;
        for (const auto &[slot, times] : moments) {
            most = std::max(most, times.size());
        }
        measures.push_back(
            {"events of ten crashes, at most at any node," + at(nodes), static_cast<double>(most), "", 1});
    }
    std::printf("(cluster%s: %.1f s of CPU for %.0f simulated seconds, %llu packets)\n", at(nodes).c_str(),
                cpu_seconds() - cpu, seconds(bench.now()), static_cast<unsigned long long>(simulation.packets));
    return measures;
}

std::vector<Measure> measure_partition(uint32_t nodes, uint64_t seed) {
    Bench bench(nodes, seed);
    ClusterSimulation &simulation = bench.simulation();
    bench.start(2 * kSecond);
    bench.until([&] { return bench.all_up(nodes); });
    simulation.scheduler.run_for(5 * kSecond);
    std::vector<uint32_t> small;
    std::vector<uint32_t> large;
    for (uint32_t slot = 0; slot < nodes; ++slot) {
        (slot % 5 < 2 ? small : large).push_back(slot);
    }
    simulation.network.split(small, large);
    const auto decided = [&] {
        return std::none_of(small.begin(), small.end(), [&](uint32_t slot) { return simulation.active(slot); }) &&
               bench.all([&](const Membership &machine) {
                   const Members &members = machine.state().members();
                   return static_cast<size_t>(std::count_if(members.begin(), members.end(), [](const auto &entry) {
                              return !entry.second.gone();
                          })) == large.size();
               });
    };
    std::vector<Measure> measures;
    measures.push_back({"partition to decision on both sides" + at(nodes), bench.until(decided), "s", 8});
    const auto living = static_cast<double>(
        std::count_if(large.begin(), large.end(), [&](uint32_t slot) { return simulation.active(slot); }));
    measures.push_back(
        {"nodes of the larger side that were lost" + at(nodes), static_cast<double>(large.size()) - living, "", 0});
    return measures;
}

namespace {

// How many members were told to be unreachable that are not among these.
double wrongly_unreachable(Bench &bench, const std::set<uint32_t> &faulty, Nanos time) {
    double wrong = 0;
    bench.count_events([&](const Life &, const ClusterEvent &event) {
        if (event.kind == ClusterEvent::Kind::member_unreachable) {
            wrong += faulty.count(bench.simulation().slot_of(event.member.node.address)) == 0 ? 1 : 0;
        }
    });
    bench.simulation().scheduler.run_for(time);
    bench.count_events(nullptr);
    return wrong;
}

}  // namespace

std::vector<Measure> measure_accuracy(uint64_t seed) {
    std::vector<Measure> measures;
    {
        Bench bench(20, seed);
        bench.start(kSecond);
        bench.until([&] { return bench.all_up(20); });
        bench.simulation().scheduler.run_for(10 * kSecond);
        bench.simulation().pause(7);
        double wrong = wrongly_unreachable(bench, {7}, 6 * kSecond);
        bench.simulation().resume(7);
        wrong += wrongly_unreachable(bench, {7}, 30 * kSecond);
        measures.push_back({"one of 20 stopped for 6 s: others found unreachable", wrong, "", 0});
    }
    for (const bool ingress : {true, false}) {
        Bench bench(200, seed);
        bench.start(kSecond);
        bench.until([&] { return bench.all_up(200); });
        bench.simulation().scheduler.run_for(10 * kSecond);
        const std::set<uint32_t> faulty{50, 150};
        Disturbance loss{.loss = 0.8};
        (ingress ? loss.to : loss.from) = faulty;
        bench.simulation().network.disturb(loss);
        const double wrong = wrongly_unreachable(bench, faulty, 120 * kSecond);
        measures.push_back({std::string("1 % of 200 lose 80 % of what they ") + (ingress ? "get" : "send") +
                                ": others found unreachable",
                            wrong, "", 0});
    }
    return measures;
}

std::vector<Measure> measure_loss(uint32_t nodes, double loss, double hours, uint64_t seed) {
    Bench bench(nodes, seed, loss);
    bench.start(10 * kSecond);
    bench.until([&] { return bench.all_up(nodes); });
    const double wrong = wrongly_unreachable(bench, {}, static_cast<Nanos>(hours * 3600) * kSecond);
    char name[120];
    std::snprintf(name, sizeof name, "false unreachable at %u, %.0f %% loss, %.2f h (%.0f node-hours)", nodes,
                  loss * 100, hours, hours * nodes);
    return {{name, wrong, "", 0}};
}

}  // namespace motet
