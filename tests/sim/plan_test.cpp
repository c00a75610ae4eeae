// Plans: their text, how they are made, run and made shorter; every plan that ever failed; mutants of every checker.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/sim/run.h"
#include "tests/sim/shrink.h"
#include "tests/sim/swarm.h"

namespace motet {
namespace {

TEST(Plan, IsReadBackFromItsText) {
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        const Plan plan = make_plan(seed);
        const Result<Plan> read = Plan::parse(plan.text());
        ASSERT_TRUE(read.ok()) << read.status().message();
        EXPECT_EQ(read.value(), plan) << plan.text();
    }
}

TEST(Plan, SaysWhatIsWrongWithItsText) {
    for (const std::string line :
         {"nodes 0", "nodes", "nodes 3 4", "seed x", "downing keep", "loss a", "at 1s", "at 1s jump", "at 1 crash",
          "at -1s crash", "at 1s crash nodes=7", "at 1s crash nodes=x", "at 1s crash node=1", "at 1s crash nodes",
          "restart maybe", "weather fine"}) {
        const Result<Plan> plan = Plan::parse("nodes 3\n# a comment\n" + line);
        ASSERT_FALSE(plan.ok()) << line;
        EXPECT_EQ(plan.status().code(), Code::BAD_VALUE);
        EXPECT_NE(plan.status().message().find("line 3"), std::string::npos) << plan.status().message();
        EXPECT_NE(plan.status().message().find(line), std::string::npos) << plan.status().message();
    }
}

TEST(Plan, ASeedAlwaysMakesTheSamePlanAndHistory) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        const Plan plan = make_plan(seed);
        EXPECT_EQ(plan, make_plan(seed));
        EXPECT_EQ(run(plan).history, run(plan).history);
    }
    EXPECT_NE(run(make_plan(1)).history, run(make_plan(2)).history);
}

// Plans enough that hardly any pair of fault and status is missing.
TEST(Plan, TheSwarmViolatesNothing) {
    Coverage coverage;
    for (uint64_t seed = 1; seed <= MOTET_SIM_PLANS; ++seed) {
        const Outcome outcome = run(make_plan(seed));
        coverage.add(outcome.coverage);
        ASSERT_TRUE(outcome.violations.empty()) << "scripts/sim --plans 1 --seed " << seed << "\n"
                                                << outcome.violations.front().text();
    }
    if (MOTET_SIM_PLANS >= 1000) {
        EXPECT_GE(coverage.pairs(), Coverage::kPairs * 8 / 10) << coverage.text();
    }
}

TEST(Plan, WhatOnceFailedDoesNotFailAgain) {
    size_t plans = 0;
    for (const auto &entry : std::filesystem::directory_iterator(MOTET_SIM_CORPUS)) {
        std::ifstream stream(entry.path());
        std::stringstream text;
        text << stream.rdbuf();
        const Result<Plan> plan = Plan::parse(text.str());
        ASSERT_TRUE(plan.ok()) << entry.path() << ": " << plan.status().message();
        const Outcome outcome = run(plan.value());
        EXPECT_TRUE(outcome.violations.empty()) << entry.path() << ": " << outcome.violations.front().text();
        ++plans;
    }
    EXPECT_GT(plans, 0u);
}

// Mutants: each breaks one thing, and the checker made for it must say so.

// Four nodes that join, and then what is to happen.
Plan with(std::vector<Fault> faults, Nanos heal = 30 * kSecond) {
    Plan plan;
    plan.nodes = 4;
    plan.heal = heal;
    plan.faults = {{.verb = Verb::start, .nodes = {0, 1, 2, 3}, .duration = kSecond}};
    plan.faults.insert(plan.faults.end(), faults.begin(), faults.end());
    return plan;
}

bool notices(const std::string &invariant, const Plan &plan, const Mutation &mutation) {
    EXPECT_TRUE(run(plan).violations.empty()) << "without the mutation";
    for (const Violation &violation : run(plan, mutation).violations) {
        if (violation.invariant == invariant) {
            return true;
        }
    }
    return false;
}

Mutation tampering(std::function<void(Member &)> change) {
    return {[change](ClusterSimulation &simulation, Invariants &) {
        simulation.tamper = [change](Gossip &gossip) {
            std::for_each(gossip.members.begin(), gossip.members.end(), change);
        };
    }};
}

Mutation with_settings(std::function<void(ClusterSettings &)> change) {
    return {[change](ClusterSimulation &simulation, Invariants &) { change(simulation.settings()); }};
}

Mutation with_limits(std::function<void(Invariants::Limits &)> change) {
    return {[change](ClusterSimulation &, Invariants &invariants) { change(invariants.limits); }};
}

const Fault kCrash{.at = 15 * kSecond, .verb = Verb::crash, .nodes = {2}};

TEST(PlanMutant, ALifeThatGoesBackIsNoticed) {
    EXPECT_TRUE(notices("lives go forward", with({}), {[](ClusterSimulation &simulation, Invariants &) {
                            simulation.scheduler.at(20 * kSecond, [&simulation] {
                                const uint64_t uid = simulation.life(2).machine->self().uid;
                                simulation.crash(2);
                                simulation.start(2, uid);
                            });
                        }}));
}

TEST(PlanMutant, AStatusThatIsSkippedIsNoticed) {
    EXPECT_TRUE(notices("statuses follow the lifecycle", with({}), tampering([](Member &member) {
                            member.status = member.status == MemberStatus::up ? MemberStatus::exiting : member.status;
                        })));
}

TEST(PlanMutant, ARaisedIncarnationIsNoticed) {
    EXPECT_TRUE(notices("only the owner raises an incarnation", with({}),
                        tampering([](Member &member) { member.incarnation += 1; })));
}

TEST(PlanMutant, TwoLivesAtOneAddressAreNoticed) {
    const Fault restart{.at = 15 * kSecond, .verb = Verb::restart, .nodes = {2}, .by = kSecond};
    EXPECT_TRUE(notices("one life for each address", with({restart}),
                        {[](ClusterSimulation &simulation, Invariants &invariants) {
                            invariants.limits.two_lives_until_converged = false;
                            simulation.tamper = [](Gossip &gossip) {
                                std::erase_if(gossip.members, [](const Member &member) { return member.gone(); });
                            };
                        }}));
}

TEST(PlanMutant, AnAgeGivenTwiceIsNoticed) {
    EXPECT_TRUE(notices("up-numbers are unique", with({}),
                        tampering([](Member &member) { member.up_number = std::min(member.up_number, 1u); })));
}

TEST(PlanMutant, AnUnconvergedPromotionIsNoticed) {
    EXPECT_TRUE(notices("a leader acts only when converged", with({}),
                        tampering([](Member &member) { member.status = std::max(member.status, MemberStatus::up); })));
}

TEST(PlanMutant, AWeakFingerprintIsNoticed) {
    EXPECT_TRUE(notices("equal fingerprints mean equal states", with({}),
                        with_limits([](Invariants::Limits &limits) { limits.fingerprint_bits = 2; })));
}

TEST(PlanMutant, AFalseSeenIsNoticed) {
    EXPECT_TRUE(notices("seen is true", with({}), {[](ClusterSimulation &simulation, Invariants &) {
                            simulation.tamper = [](Gossip &gossip) { gossip.seen.assign(gossip.seen.size(), 0xff); };
                        }}));
}

TEST(PlanMutant, APacketAboveTheCapIsNoticed) {
    EXPECT_TRUE(
        notices("packets are small", with({}), with_limits([](Invariants::Limits &limits) { limits.packet = 200; })));
}

TEST(PlanMutant, AReturnThatIsHeldBackForLongIsNoticed) {
    Plan plan =
        with({{.at = 15 * kSecond, .verb = Verb::flap, .nodes = {2}, .by = 8 * kSecond, .duration = 80 * kSecond}},
             100 * kSecond);
    plan.stable_after = 30 * kSecond;
    EXPECT_TRUE(notices("a return is told in time", plan,
                        with_limits([](Invariants::Limits &limits) { limits.hold = kSecond; })));
}

TEST(PlanMutant, AFirstReturnThatIsNotToldIsNoticed) {
    Plan plan = with({{.at = 15 * kSecond, .verb = Verb::split, .nodes = {2}, .duration = 8 * kSecond}}, 40 * kSecond);
    plan.stable_after = 30 * kSecond;
    EXPECT_TRUE(notices("a return is told in time", plan, {[](ClusterSimulation &simulation, Invariants &) {
                            simulation.swallow = [](const ClusterEvent &event) {
                                return event.kind == ClusterEvent::Kind::member_reachable;
                            };
                        }}));
}

TEST(PlanMutant, TooFewAccusersAreNoticed) {
    EXPECT_TRUE(notices("unreachable is corroborated", with({kCrash}),
                        with_limits([](Invariants::Limits &limits) { limits.accusers = 4; })));
}

TEST(PlanMutant, AnAccusationAfterAStopIsNoticed) {
    const Fault pause{.at = 15 * kSecond, .verb = Verb::pause, .nodes = {2}, .duration = 7 * kSecond};
    Plan plan = with({pause});
    plan.stable_after = 10 * kSecond;
    EXPECT_TRUE(notices("who was stopped accuses nobody", plan,
                        with_settings([](ClusterSettings &settings) { settings.pause_guard = 1000 * kSecond; })));
}

TEST(PlanMutant, AFalseDownIsNoticed) {
    Plan plan = with({}, 60 * kSecond);
    plan.loss = 0.05;
    EXPECT_TRUE(notices("nobody healthy is declared down", plan, with_settings([](ClusterSettings &settings) {
                            settings.monitor.phi.acceptable_pause = 0;
                            settings.monitor.phi.threshold = 0.5;
                            settings.downing.stable_after = 1;
                        })));
}

TEST(PlanMutant, ALostEventIsNoticed) {
    EXPECT_TRUE(notices("events rebuild the state", with({}), {[](ClusterSimulation &simulation, Invariants &) {
                            simulation.swallow = [](const ClusterEvent &event) {
                                return event.kind == ClusterEvent::Kind::member_up;
                            };
                        }}));
}

TEST(PlanMutant, SidesThatDecideDifferentlyAreNoticed) {
    Plan plan = with({{.at = 20 * kSecond, .verb = Verb::split, .nodes = {0}, .duration = 30 * kSecond}}, 50 * kSecond);
    plan.downing = DowningStrategy::keep_oldest;
    plan.faults.front() = {.verb = Verb::start, .nodes = {0}};
    plan.faults.push_back({.at = 2 * kSecond, .verb = Verb::start, .nodes = {1, 2, 3}});
    EXPECT_TRUE(notices("never two surviving sides", plan, {[](ClusterSimulation &simulation, Invariants &) {
                            DowningSettings &downing = simulation.settings().downing;
                            downing.down_if_alone = false;
                            simulation.scheduler.at(kSecond,
                                                    [&downing] { downing.strategy = DowningStrategy::keep_majority; });
                        }}));
}

TEST(PlanMutant, WhoNeverAgreesIsNoticed) {
    EXPECT_TRUE(notices("in the end all agree", with({kCrash}), with_settings([](ClusterSettings &settings) {
                            settings.downing.strategy = DowningStrategy::manual;
                        })));
}

TEST(PlanMutant, EndlessTalkIsNoticed) {
    EXPECT_TRUE(notices("who agrees is quiet", with({}), with_settings([](ClusterSettings &settings) {
                            settings.idle_interval = settings.gossip_interval = settings.leader_interval =
                                10 * kMillisecond;
                        })));
}

TEST(Shrink, FindsTheOneFaultThatMatters) {
    Plan plan = make_plan(3, {.least_nodes = 9, .most_nodes = 9, .most_faults = 30});
    plan.faults.push_back(
        {.at = 23456 * kMillisecond, .verb = Verb::pause, .nodes = {1, 4, 8}, .duration = 7 * kSecond});
    const Plan shortest = shrink(plan, [](const Plan &candidate) {
        return std::any_of(candidate.faults.begin(), candidate.faults.end(), [](const Fault &fault) {
            return fault.verb == Verb::pause && fault.duration >= 3 * kSecond &&
                   std::count(fault.nodes.begin(), fault.nodes.end(), 4u) != 0;
        });
    });
    ASSERT_EQ(shortest.faults.size(), 1u) << shortest.text();
    EXPECT_EQ(shortest.faults[0].nodes, std::vector<uint32_t>{4});
    EXPECT_EQ(shortest.faults[0].at, 0);
    EXPECT_LT(shortest.faults[0].duration, 7 * kSecond);
    EXPECT_EQ(shortest.nodes, 5u);
}

}  // namespace
}  // namespace motet
