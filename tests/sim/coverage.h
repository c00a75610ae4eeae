// Coverage counts what happened to whom: each fault, by how far the node that it happened to had come as a member.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tests/sim/cluster_simulation.h"
#include "tests/sim/plan.h"

namespace motet {

class Coverage {
  public:
    static constexpr size_t kStages = 8;
    static constexpr size_t kPairs = kStages * kVerbs;

    void count(const ClusterSimulation &simulation, Verb verb, uint32_t node);
    void add(const Coverage &other);

    size_t pairs() const;
    // A table, a line for each verb.
    std::string text() const;

  private:
    std::array<std::array<uint64_t, kStages>, kVerbs> counts_{};
};

}  // namespace motet
