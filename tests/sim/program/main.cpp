// scripts/sim: runs plans of simulated clusters.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/sim/measures.h"
#include "tests/sim/run.h"
#include "tests/sim/shrink.h"
#include "tests/sim/swarm.h"

namespace motet {
namespace {

constexpr const char *kUsage = R"(Runs simulated clusters under faults and checks that nothing forbidden happens.

  scripts/sim [--plans N] [--seed S] [--nodes N | --nodes LEAST-MOST] [--faults MOST] [--time SECONDS] [--jobs N]
              [--coverage]
  scripts/sim --all [--seed S]   runs 2,000 plans of 3 to 9 nodes, 100 of 50, 4 of 1,000 and 1 of 2,400
  scripts/sim --plan FILE...     runs plans that were kept
  scripts/sim --show S           prints the plan that is made from a seed
  scripts/sim --measures [--sizes 10,100,1000,2400] [--hours H]
                                 prints what clusters of these sizes take, each figure beside its goal; hours of a
                                 cluster of 1,000 with 5 % loss are simulated (0.02 unless told otherwise)

A plan is made from each seed, from S on. For the first that fails, the shortest plan that still fails is printed.
Exit code: 0 nothing was violated, 1 something was, 2 the command line or a plan is wrong.
)";

struct Options {
    uint64_t plans = 100;
    uint64_t seed = 1;
    SwarmSettings swarm;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    bool coverage = false;
    bool show = false;
    bool measures = false;
    bool all = false;
    std::vector<uint32_t> sizes = {10, 100, 1000, 2400};
    double hours = 0.02;
    std::vector<std::string> files;
};

[[noreturn]] void refuse(const std::string &what) {
    std::cerr << "sim: " << what << "\n\n" << kUsage;
    std::exit(2);
}

uint64_t number_of(const std::string &option, const std::string &text) {
    char *end = nullptr;
    const uint64_t value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || text[0] == '-') {
        refuse(option + " takes a number, not \"" + text + "\"");
    }
    return value;
}

uint32_t small_number_of(const std::string &option, const std::string &text, uint64_t least, uint64_t most) {
    const uint64_t value = number_of(option, text);
    if (value < least || value > most) {
        refuse(option + " takes a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
               text);
    }
    return static_cast<uint32_t>(value);
}

Options options_of(const std::vector<std::string> &words) {
    Options options;
    for (size_t i = 0; i < words.size(); ++i) {
        const std::string &option = words[i];
        const auto value = [&]() -> const std::string & {
            if (i + 1 == words.size()) {
                refuse(option + " takes a value");
            }
            return words[++i];
        };
        if (option == "--plans") {
            options.plans = number_of(option, value());
        } else if (option == "--seed") {
            options.seed = number_of(option, value());
        } else if (option == "--show") {
            options.seed = number_of(option, value());
            options.show = true;
        } else if (option == "--nodes") {
            const std::string &text = value();
            const size_t dash = text.find('-');
            options.swarm.least_nodes = small_number_of(option, text.substr(0, dash), 2, 5000);
            options.swarm.most_nodes = dash == std::string::npos ? options.swarm.least_nodes
                                                                 : small_number_of(option, text.substr(dash + 1),
                                                                                   options.swarm.least_nodes, 5000);
        } else if (option == "--faults") {
            options.swarm.most_faults = small_number_of(option, value(), 1, 1000);
        } else if (option == "--time") {
            options.swarm.chaos = small_number_of(option, value(), 5, 100'000) * kSecond;
        } else if (option == "--jobs") {
            options.jobs = small_number_of(option, value(), 1, 256);
        } else if (option == "--coverage") {
            options.coverage = true;
        } else if (option == "--plan") {
            options.files.push_back(value());
        } else if (option == "--measures") {
            options.measures = true;
        } else if (option == "--all") {
            options.all = true;
        } else if (option == "--sizes") {
            options.sizes.clear();
            std::istringstream sizes(value());
            for (std::string size; std::getline(sizes, size, ',');) {
                options.sizes.push_back(small_number_of(option, size, 3, 5000));
            }
        } else if (option == "--hours") {
            options.hours = std::strtod(value().c_str(), nullptr);
        } else if (option == "--help") {
            std::cout << kUsage;
            std::exit(0);
        } else if (!option.starts_with("--") && !options.files.empty()) {
            options.files.push_back(option);
        } else {
            refuse("there is no option \"" + option + "\"");
        }
    }
    return options;
}

Plan read_plan(const std::string &file) {
    std::ifstream stream(file);
    if (!stream) {
        refuse("cannot read " + file);
    }
    std::stringstream text;
    text << stream.rdbuf();
    Result<Plan> plan = Plan::parse(text.str());
    if (!plan.ok()) {
        refuse(file + ": " + plan.status().message());
    }
    return std::move(plan.value());
}

// What is known of all plans run so far.
struct Tally {
    std::mutex mutex;
    uint64_t plans = 0;
    uint64_t failed = 0;
    uint64_t divided = 0;
    uint64_t packets = 0;
    double node_hours = 0;
    Coverage coverage;
    std::map<std::string, std::pair<std::string, Plan>> failures;  // the first of each invariant

    void add(const std::string &name, const Plan &plan, const Outcome &outcome) {
        const std::lock_guard<std::mutex> lock(mutex);
        ++plans;
        packets += outcome.packets;
        node_hours += outcome.node_hours;
        divided += outcome.clusters > 1 ? 1 : 0;
        coverage.add(outcome.coverage);
        if (!outcome.violations.empty()) {
            ++failed;
            failures.try_emplace(outcome.violations.front().invariant, name, plan);
        }
    }
};

// Runs as many as there are of something, on several threads; each is a world of its own.
void run_all(uint64_t count, unsigned jobs, const std::function<void(uint64_t)> &one) {
    std::atomic<uint64_t> next{0};
    std::vector<std::thread> threads;
    for (unsigned job = 0; job < jobs; ++job) {
        threads.emplace_back([&] {
            for (uint64_t index = next++; index < count; index = next++) {
                one(index);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
}

void print_failure(const std::string &name, const std::string &invariant, const Plan &plan) {
    const Plan shortest = shrink(plan, [&](const Plan &candidate) {
        const Outcome outcome = run(candidate);
        return !outcome.violations.empty() && outcome.violations.front().invariant == invariant;
    });
    std::cout << "\nFAILED " << name << "; the shortest plan that fails alike:\n"
              << shortest.text() << run(shortest).violations.front().text() << "\n";
}

int report(const Options &options, const Tally &tally, double seconds) {
    std::printf("plans %llu, node-hours %.1f, packets %llu, in %.1f s; coverage %zu of %zu pairs of fault and status\n",
                static_cast<unsigned long long>(tally.plans), tally.node_hours,
                static_cast<unsigned long long>(tally.packets), seconds, tally.coverage.pairs(), Coverage::kPairs);
    std::printf("plans that ended with clusters founded apart: %llu\n", static_cast<unsigned long long>(tally.divided));
    if (options.coverage) {
        std::cout << tally.coverage.text();
    }
    std::printf("plans with a violation: %llu\n", static_cast<unsigned long long>(tally.failed));
    std::fflush(stdout);
    for (const auto &[invariant, failure] : tally.failures) {
        print_failure(failure.first, invariant, failure.second);
    }
    return tally.failed == 0 ? 0 : 1;
}

// Exit code 1 when a goal is missed.
int measure(const Options &options) {
    bool met = true;
    const auto print = [&met](const std::vector<Measure> &measures) {
        for (const Measure &one : measures) {
            std::printf("%s\n", one.text().c_str());
            met &= one.met();
        }
        std::fflush(stdout);
    };
    for (const uint32_t nodes : options.sizes) {
        print(measure_cluster(nodes, options.seed));
        if (nodes <= 100) {
            print(measure_partition(nodes, options.seed));
        }
    }
    print(measure_accuracy(options.seed));
    if (options.hours > 0) {
        print(measure_loss(1000, 0.05, options.hours, options.seed));
    }
    return met ? 0 : 1;
}

int main(const std::vector<std::string> &words) {
    const Options options = options_of(words);
    if (options.measures) {
        return measure(options);
    }
    if (options.show) {
        std::cout << make_plan(options.seed, options.swarm).text();
        return 0;
    }
    std::vector<std::pair<std::string, Plan>> plans;
    for (const std::string &file : options.files) {
        plans.emplace_back(file, read_plan(file));
    }
    const auto add = [&plans](uint64_t first, uint64_t count, const SwarmSettings &swarm, const std::string &kind) {
        for (uint64_t seed = first; seed < first + count; ++seed) {
            plans.emplace_back("seed " + std::to_string(seed) + kind, make_plan(seed, swarm));
        }
    };
    if (options.all) {  // the longest first, so that all threads have work to the end
        add(options.seed, 1,
            {.least_nodes = 2400, .most_nodes = 2400, .chaos = 30 * kSecond, .most_faults = 4, .most_late = 10},
            " of 2400 nodes");
        add(options.seed, 4,
            {.least_nodes = 1000, .most_nodes = 1000, .chaos = 40 * kSecond, .most_faults = 6, .most_late = 10},
            " of 1000 nodes");
        add(options.seed, 100, {.least_nodes = 50, .most_nodes = 50}, " of 50 nodes");
        add(options.seed, 2000, {.chaos = 120 * kSecond, .most_faults = 16}, "");
    } else if (plans.empty()) {
        add(options.seed, options.plans, options.swarm, "");
    }
    Tally tally;
    const auto begun = std::chrono::steady_clock::now();
    run_all(plans.size(), options.jobs, [&](uint64_t index) {
        const auto &[name, plan] = plans[index];
        tally.add(name, plan, run(plan));
    });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    return report(options, tally, taken.count());
}

}  // namespace
}  // namespace motet

int main(int argc, char **argv) { return motet::main({argv + 1, argv + argc}); }
