// Whole clusters of membership machines in scenarios whose end is known, each over many seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/sim/invariants.h"

namespace motet {
namespace {

// How many seeds for each scenario and size: MOTET_SIM_SEEDS of the build, or of the environment.
uint64_t seeds() {
    const char *wanted = std::getenv("MOTET_SIM_SEEDS");
    return wanted ? std::strtoull(wanted, nullptr, 10) : MOTET_SIM_SEEDS;
}

struct Trial {
    Trial(uint64_t seed, uint32_t nodes, NetworkSettings network = {}, ClusterSettings settings = {})
        : random(Random::keyed(seed, 7)), simulation(seed, nodes, std::move(settings), network),
          invariants(simulation) {
        simulation.add_checker(invariants);
    }

    void start_all(Nanos within = 2 * kSecond) {
        for (uint32_t slot = 0; slot < simulation.size(); ++slot) {
            simulation.scheduler.after(static_cast<Nanos>(random.below(static_cast<uint64_t>(within))),
                                       [this, slot] { simulation.start(slot); });
        }
        simulation.scheduler.run_for(within);
    }

    // Runs until all that are active agree. Whether they did within the time.
    bool agree_within(Nanos time) {
        return simulation.scheduler.run_until(simulation.scheduler.now().mono + time,
                                              [this] { return simulation.agreed(); });
    }

    std::vector<uint32_t> random_side(uint32_t count) {
        std::vector<uint32_t> slots;
        for (uint32_t slot = 0; slot < simulation.size(); ++slot) {
            slots.push_back(slot);
        }
        for (uint32_t i = 0; i < count; ++i) {
            std::swap(slots[i], slots[i + random.below(slots.size() - i)]);
        }
        slots.resize(count);
        return slots;
    }

    std::vector<uint32_t> others(const std::vector<uint32_t> &side) const {
        std::vector<uint32_t> rest;
        for (uint32_t slot = 0; slot < simulation.size(); ++slot) {
            if (std::find(side.begin(), side.end(), slot) == side.end()) {
                rest.push_back(slot);
            }
        }
        return rest;
    }

    Random random;
    ClusterSimulation simulation;
    Invariants invariants;
};

void expect_sound(const Trial &run) {
    for (const Violation &violation : run.invariants.violations()) {
        ADD_FAILURE() << violation.text();
    }
}

template <typename Scenario> void for_seeds(uint32_t least, uint32_t most, Scenario scenario) {
    for (uint32_t nodes = least; nodes <= most; ++nodes) {
        for (uint64_t seed = 1; seed <= seeds(); ++seed) {
            SCOPED_TRACE("nodes " + std::to_string(nodes) + ", seed " + std::to_string(seed));
            scenario(seed, nodes);
            if (testing::Test::HasFailure()) {
                return;
            }
        }
    }
}

TEST(ClusterSim, AllJoinAndAgree) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        Trial run(seed, nodes);
        run.invariants.never_down({0, 1, 2, 3, 4, 5, 6, 7, 8});
        run.start_all();
        EXPECT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        run.simulation.scheduler.run_for(20 * kSecond);
        EXPECT_TRUE(run.simulation.agreed()) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, NobodyIsLostToLossAndDisorder) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        NetworkSettings network;
        network.loss = 0.05;
        network.duplication = 0.02;
        network.most_delay = 50 * kMillisecond;
        Trial run(seed, nodes, network);
        run.invariants.never_down({0, 1, 2, 3, 4, 5, 6, 7, 8});
        run.start_all();
        EXPECT_TRUE(run.agree_within(15 * kSecond)) << run.simulation.picture();
        run.simulation.scheduler.run_for(60 * kSecond);
        EXPECT_TRUE(run.agree_within(15 * kSecond)) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, WhoCrashesIsRemovedEverywhere) {
    for_seeds(3, 9, [](uint64_t seed, uint32_t nodes) {
        Trial run(seed, nodes);
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        const std::vector<uint32_t> victims =
            run.random_side(1 + static_cast<uint32_t>(run.random.below((nodes - 1) / 2)));
        std::set<uint32_t> healthy;
        for (const uint32_t slot : run.others(victims)) {
            healthy.insert(slot);
        }
        run.invariants.never_down(healthy);
        for (const uint32_t slot : victims) {
            run.simulation.crash(slot);
        }
        EXPECT_TRUE(run.agree_within(25 * kSecond)) << run.simulation.picture();
        for (const uint32_t slot : healthy) {
            EXPECT_TRUE(run.simulation.active(slot));
        }
        expect_sound(run);
    });
}

TEST(ClusterSim, ANewLifeAtTheSameAddressReplacesTheOld) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        Trial run(seed, nodes);
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        // Not the first seed: alone at start it would have to guess whether there is a cluster it cannot reach.
        const uint32_t victim = 1 + static_cast<uint32_t>(run.random.below(nodes - 1));
        run.simulation.crash(victim);
        run.simulation.scheduler.run_for(static_cast<Nanos>(100 + run.random.below(20'000)) * kMillisecond);
        const bool lone_survivor_ended = !run.simulation.active(0);
        run.simulation.start(victim);
        if (!lone_survivor_ended) {
            EXPECT_TRUE(run.agree_within(15 * kSecond)) << run.simulation.picture();
            EXPECT_TRUE(run.simulation.active(victim));
        }
        expect_sound(run);
    });
}

TEST(ClusterSim, WhoLeavesIsRemovedInGoodOrder) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        Trial run(seed, nodes);
        run.invariants.never_down({0, 1, 2, 3, 4, 5, 6, 7, 8});
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        for (const uint32_t slot : run.random_side(1 + static_cast<uint32_t>(run.random.below(nodes - 1)))) {
            run.simulation.leave(slot);
        }
        EXPECT_TRUE(run.agree_within(15 * kSecond)) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, OneSideOfASplitSurvives) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        Trial run(seed, nodes);
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        std::vector<uint32_t> side = run.random_side(1 + static_cast<uint32_t>(run.random.below(nodes - 1)));
        std::vector<uint32_t> other = run.others(side);
        const bool has_lowest = std::find(side.begin(), side.end(), 0u) != side.end();
        const bool wins = side.size() > other.size() || (side.size() == other.size() && has_lowest);
        const std::vector<uint32_t> &winners = wins ? side : other;
        run.invariants.never_down({winners.begin(), winners.end()});
        run.simulation.network.split(side, other);
        run.simulation.scheduler.run_for(25 * kSecond);
        for (uint32_t slot = 0; slot < nodes; ++slot) {
            const bool winner = std::find(winners.begin(), winners.end(), slot) != winners.end();
            EXPECT_EQ(run.simulation.active(slot), winner) << run.simulation.picture();
        }
        run.simulation.network.mend_all();
        EXPECT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, AShortSplitHealsWithoutLoss) {
    for_seeds(2, 9, [](uint64_t seed, uint32_t nodes) {
        ClusterSettings settings;
        settings.downing.stable_after = 10 * kSecond;
        Trial run(seed, nodes, {}, settings);
        run.invariants.never_down({0, 1, 2, 3, 4, 5, 6, 7, 8});
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        const std::vector<uint32_t> side = run.random_side(1 + static_cast<uint32_t>(run.random.below(nodes - 1)));
        run.simulation.network.split(side, run.others(side));
        run.simulation.scheduler.run_for(static_cast<Nanos>(1 + run.random.below(10)) * kSecond);
        run.simulation.network.mend_all();
        EXPECT_TRUE(run.agree_within(15 * kSecond)) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, WhoIsStoppedForAWhileAccusesNobody) {
    for_seeds(3, 9, [](uint64_t seed, uint32_t nodes) {
        ClusterSettings settings;
        settings.downing.stable_after = 10 * kSecond;
        Trial run(seed, nodes, {}, settings);
        run.invariants.never_down({0, 1, 2, 3, 4, 5, 6, 7, 8});
        run.start_all();
        ASSERT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        const uint32_t victim = static_cast<uint32_t>(run.random.below(nodes));
        run.simulation.pause(victim);
        run.simulation.scheduler.run_for(static_cast<Nanos>(1 + run.random.below(9)) * kSecond);
        run.simulation.resume(victim);
        run.simulation.scheduler.run_for(3 * kSecond);
        EXPECT_TRUE(run.agree_within(10 * kSecond)) << run.simulation.picture();
        expect_sound(run);
    });
}

TEST(ClusterSim, TheSameSeedGivesTheSameHistory) {
    const auto history = [](uint64_t seed) {
        NetworkSettings network;
        network.loss = 0.1;
        Trial run(seed, 5, network);
        run.start_all();
        run.simulation.scheduler.run_for(10 * kSecond);
        run.simulation.crash(2);
        run.simulation.scheduler.run_for(20 * kSecond);
        return run.simulation.history;
    };
    EXPECT_EQ(history(1), history(1));
    EXPECT_EQ(history(2), history(2));
    EXPECT_NE(history(1), history(2));
}

}  // namespace
}  // namespace motet
