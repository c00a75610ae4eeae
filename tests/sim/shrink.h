// Makes a plan that fails shorter, as long as it still violates the same invariant.
#pragma once

#include <cstdint>
#include <functional>

#include "tests/sim/plan.h"

namespace motet {

// still_fails: runs a plan. most_runs: how many at most.
Plan shrink(Plan plan, const std::function<bool(const Plan &)> &still_fails, size_t most_runs = 400);

}  // namespace motet
