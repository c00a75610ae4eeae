// Whole clusters of membership machines under faults, each scenario over many seeds.
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
    for (const std::string &violation : run.invariants.violations()) {
        ADD_FAILURE() << violation;
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

// Anything at any time: safety is all that is asked for, and that the survivors agree once the faults are over.
TEST(ClusterSim, AnythingMayHappen) {
    for_seeds(3, 9, [](uint64_t seed, uint32_t nodes) {
        NetworkSettings network;
        network.loss = seed % 3 == 0 ? 0.05 : 0;
        network.most_delay = seed % 2 == 0 ? 20 * kMillisecond : 2 * kMillisecond;
        Trial run(seed, nodes, network);
        ClusterSimulation &simulation = run.simulation;
        run.start_all(5 * kSecond);
        for (int fault = 0; fault < 8; ++fault) {
            const auto slot = static_cast<uint32_t>(run.random.below(nodes));
            const auto other = static_cast<uint32_t>(run.random.below(nodes));
            switch (run.random.below(7)) {
            case 0:
                simulation.crash(slot);
                break;
            case 1:
                if (slot != 0 && !simulation.alive(slot)) {
                    simulation.start(slot);
                }
                break;
            case 2:
                simulation.pause(slot);
                break;
            case 3:
                simulation.resume(slot);
                break;
            case 4: {
                const std::vector<uint32_t> side =
                    run.random_side(1 + static_cast<uint32_t>(run.random.below(nodes - 1)));
                simulation.network.split(side, run.others(side));
                break;
            }
            case 5:
                simulation.network.cut(slot, other);
                break;
            case 6:
                simulation.network.mend_all();
                break;
            }
            simulation.scheduler.run_for(static_cast<Nanos>(run.random.below(15'000)) * kMillisecond);
        }
        simulation.network.mend_all();
        for (uint32_t slot = 0; slot < nodes; ++slot) {
            simulation.resume(slot);
        }
        // Who has never found a cluster may still be looking for one: only members must agree.
        const auto settled = [&] {
            for (uint32_t slot = 0; slot < nodes; ++slot) {
                if (simulation.active(slot) && simulation.life(slot).machine->state().members().empty()) {
                    simulation.crash(slot);
                }
            }
            return simulation.agreed();
        };
        simulation.scheduler.run_for(40 * kSecond);
        bool any = false;
        settled();
        for (uint32_t slot = 0; slot < nodes; ++slot) {
            any |= simulation.active(slot);
        }
        EXPECT_TRUE(!any || run.agree_within(20 * kSecond)) << simulation.picture();
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

// Mutants: each breaks one thing, and the checker made for it must say so.

bool violated(const Trial &run, const std::string &name) {
    for (const std::string &violation : run.invariants.violations()) {
        if (violation.rfind(name, 0) == 0) {
            return true;
        }
    }
    return false;
}

bool violated_by(const std::string &name, std::function<void(Gossip &)> mutation) {
    Trial run(1, 4);
    run.simulation.tamper = std::move(mutation);
    run.start_all();
    return run.simulation.scheduler.run_until(10 * kSecond, [&] { return violated(run, name); });
}

TEST(ClusterSimMutant, ARaisedIncarnationIsNoticed) {
    EXPECT_TRUE(violated_by("only the owner raises an incarnation", [](Gossip &gossip) {
        for (Member &member : gossip.members) {
            member.incarnation += 1;
        }
    }));
}

TEST(ClusterSimMutant, AFalseSeenIsNoticed) {
    EXPECT_TRUE(violated_by("seen is true", [](Gossip &gossip) { gossip.seen.assign(gossip.seen.size(), 0xff); }));
}

TEST(ClusterSimMutant, AnUnconvergedPromotionIsNoticed) {
    EXPECT_TRUE(violated_by("a leader acts only when converged", [](Gossip &gossip) {
        for (Member &member : gossip.members) {
            member.status = std::max(member.status, MemberStatus::up);
        }
    }));
}

TEST(ClusterSimMutant, AnAgeGivenTwiceIsNoticed) {
    EXPECT_TRUE(violated_by("up-numbers are unique", [](Gossip &gossip) {
        for (Member &member : gossip.members) {
            member.up_number = std::min(member.up_number, 1u);
        }
    }));
}

TEST(ClusterSimMutant, SidesThatDecideDifferentlyAreNoticed) {
    ClusterSettings settings;
    settings.downing.strategy = DowningStrategy::keep_oldest;
    settings.downing.down_if_alone = false;
    Trial run(1, 3, {}, settings);
    run.simulation.settings().seeds = {run.simulation.address(0)};
    run.simulation.start(0);  // the oldest
    run.simulation.settings().downing.strategy = DowningStrategy::keep_majority;
    run.simulation.start(1);
    run.simulation.start(2);
    ASSERT_TRUE(run.agree_within(10 * kSecond));
    run.simulation.network.split({0}, {1, 2});
    run.simulation.scheduler.run_for(25 * kSecond);
    EXPECT_TRUE(violated(run, "never two surviving sides"));
}

}  // namespace
}  // namespace motet
