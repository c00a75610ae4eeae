// Runs a plan: first the faults, while the invariants are checked at every transition; then the heal, after which all
// that is alive must agree before the deadline, and be quiet.
#pragma once

#include <functional>
#include <vector>

#include "tests/sim/coverage.h"
#include "tests/sim/invariants.h"
#include "tests/sim/plan.h"

namespace motet {

struct Outcome {
    std::vector<Violation> violations;
    Coverage coverage;
    double node_hours = 0;  // that simulated processes ran
    uint64_t packets = 0;
    uint64_t history = 0;  // a hash of all that happened
    size_t clusters = 0;   // that are there at the end: more than one when some were founded apart from each other
};

// What makes a run one of a mutant: something is made wrong on purpose.
struct Mutation {
    std::function<void(ClusterSimulation &, Invariants &)> apply;
};

Outcome run(const Plan &plan, const Mutation &mutation = {});

}  // namespace motet
