// One scenario on threads, and on the deterministic dispatcher with many seeds; and the same with a fault put in, which
// the check for that fault must notice.
#include <chrono>
#include <cstdlib>
#include <ostream>
#include <thread>

#include <gtest/gtest.h>
#include <motet/testkit.h>

#include "core/base/random.h"
#include "tests/stress/scenario.h"

namespace motet::stress {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

class Threads final : public Stage {
  public:
    motet_error_t *start(const motet_config_t *config, motet_system_t **out) override {
        return motet_system_start(config, out);
    }
    void play(const std::vector<std::function<bool()>> &drivers) override {
        std::vector<std::thread> threads;
        for (const auto &driver : drivers) {
            threads.emplace_back([act = driver]() mutable {
                while (act()) {
                }
            });
        }
        for (std::thread &thread : threads) {
            thread.join();
        }
    }
    bool settle(const std::function<bool()> &condition) override {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }
    void end() override {}
};

class Kit final : public Stage {
  public:
    explicit Kit(uint64_t seed) : kit_(motet_testkit_new(seed)), random_(Random::keyed(seed, 8)) {}
    ~Kit() override { end(); }

    motet_error_t *start(const motet_config_t *config, motet_system_t **out) override {
        return motet_testkit_start(kit_, 1, config, out);
    }
    // The seed decides whether a driver acts, an actor does, or time passes.
    void play(const std::vector<std::function<bool()>> &drivers) override {
        std::vector<std::function<bool()>> left = drivers;
        while (!left.empty()) {
            const uint64_t next = random_.below(40);
            if (next == 0) {
                motet_testkit_advance(kit_, 500'000);
            } else if (next < 10 || motet_testkit_step(kit_) == 0) {
                const size_t which = random_.below(left.size());
                if (!left[which]()) {
                    left.erase(left.begin() + static_cast<std::ptrdiff_t>(which));
                }
            }
        }
    }
    bool settle(const std::function<bool()> &condition) override {
        for (int i = 0; i < 1000 && !condition(); ++i) {
            motet_testkit_advance(kit_, 1'000'000);
        }
        return condition();
    }
    void end() override { motet_testkit_free(std::exchange(kit_, nullptr)); }

  private:
    motet_testkit_t *kit_;
    Random random_;
};

// What is left of it, so that a test can say that it was about something.
struct Sum {
    void add(const Outcome &outcome) {
        sent += outcome.sent;
        restarts += outcome.restarts;
        stashes += outcome.stashes;
        ticks += outcome.ticks;
        asks += outcome.asks;
        for (const auto &[what, count] : outcome.dead) {
            dead[what] += count;
        }
    }
    uint64_t sent = 0, restarts = 0, stashes = 0, ticks = 0, asks = 0;
    std::map<std::string, uint64_t> dead;
};

std::string report(const Outcome &outcome, const std::string &test, uint64_t seed) {
    std::string text = "seed " + std::to_string(seed) + "; again: MOTET_STRESS_SEED=" + std::to_string(seed) +
                       " tests/test_stress --gtest_filter=" + test + "\n";
    for (const std::string &violation : outcome.violations) {
        text += "  " + violation + "\n";
    }
    return text;
}

// The seed of the environment alone, or as many as there are to be.
std::vector<uint64_t> seeds(uint64_t count) {
    if (const char *only = std::getenv("MOTET_STRESS_SEED")) {
        return {std::strtoull(only, nullptr, 10)};
    }
    std::vector<uint64_t> all;
    for (uint64_t seed = 1; seed <= count; ++seed) {
        all.push_back(seed);
    }
    return all;
}

// What has never happened; empty when all of it has, or when there is one seed alone.
std::string missing(const Sum &sum) {
    std::string all;
    if (std::getenv("MOTET_STRESS_SEED")) {
        return all;
    }
    all += sum.restarts == 0 ? "a restart; " : "";
    all += sum.stashes == 0 ? "a stash; " : "";
    all += sum.ticks == 0 ? "a tick; " : "";
    all += sum.asks == 0 ? "an ask; " : "";
    for (const char *what : {"stress.Work STOPPED", "stress.Work MAILBOX_FULL", "stress.Work UNHANDLED",
                             "stress.Urgent STOPPED", "stress.Answer STOPPED"}) {
        all += sum.dead.count(what) == 0 ? std::string("a dead letter ") + what + "; " : "";
    }
    return all;
}

TEST(Stress, Seeds) {
    Sum sum;
    for (uint64_t seed : seeds(MOTET_STRESS_SEEDS)) {
        Kit kit(seed);
        const Outcome outcome = play({.seed = seed, .acts = 40}, kit);
        sum.add(outcome);
        ASSERT_TRUE(outcome.violations.empty()) << report(outcome, "Stress.Seeds", seed);
    }
    EXPECT_EQ(missing(sum), "");
}

// Longer lives, so that there are deep families, and failures on the way up while others are.
TEST(Stress, LongSeeds) {
    for (uint64_t seed : seeds(MOTET_STRESS_SEEDS / 10)) {
        Kit kit(seed);
        const Outcome outcome = play({.seed = seed, .acts = 400}, kit);
        ASSERT_TRUE(outcome.violations.empty()) << report(outcome, "Stress.LongSeeds", seed);
    }
}

TEST(Stress, Threads) {
    Sum sum;
    for (uint64_t seed : seeds(10 * MOTET_STRESS_ROUNDS)) {
        if (seed > MOTET_STRESS_ROUNDS && missing(sum).empty()) {
            break;  // what threads do depends on more than the seed: what was rare may need more of them
        }
        Threads threads;
        const Outcome outcome = play({.seed = seed, .acts = 400}, threads);
        sum.add(outcome);
        ASSERT_TRUE(outcome.violations.empty()) << report(outcome, "Stress.Threads", seed);
    }
    EXPECT_EQ(missing(sum), "");
}

TEST(Stress, ASeedAlwaysGivesTheSame) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Kit first(seed);
        Kit second(seed);
        const Outcome one = play({.seed = seed}, first);
        const Outcome two = play({.seed = seed}, second);
        EXPECT_EQ(one.sent, two.sent);
        EXPECT_EQ(one.handled, two.handled);
        EXPECT_EQ(one.restarts, two.restarts);
        EXPECT_EQ(one.dead, two.dead);
    }
}

struct Fault {
    Mutant mutant;
    const char *check;  // the only one that notices
};

void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.check; }

class Mutants : public testing::TestWithParam<Fault> {};

TEST_P(Mutants, AreNoticed) {
    int noticed = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Kit kit(seed);
        const Outcome outcome = play({.seed = seed, .mutant = GetParam().mutant}, kit);
        for (const std::string &violation : outcome.violations) {
            EXPECT_TRUE(violation.starts_with(GetParam().check)) << violation;
        }
        noticed += !outcome.violations.empty();
    }
    EXPECT_GT(noticed, 0);
}

INSTANTIATE_TEST_SUITE_P(All, Mutants,
                         testing::Values(Fault{Mutant::order, "order"}, Fault{Mutant::one, "one"},
                                         Fault{Mutant::stash, "stash"}, Fault{Mutant::late, "life"},
                                         Fault{Mutant::left_handler, "life"}, Fault{Mutant::timer, "timer"},
                                         Fault{Mutant::terminated_twice, "terminated"},
                                         Fault{Mutant::terminated_living, "terminated"},
                                         Fault{Mutant::terminated_never, "terminated"}, Fault{Mutant::lost, "sum"},
                                         Fault{Mutant::lost_at_restart, "sum"}, Fault{Mutant::twice, "sum"},
                                         Fault{Mutant::ask, "ask"}, Fault{Mutant::leak, "leak"}));

}  // namespace
}  // namespace motet::stress
