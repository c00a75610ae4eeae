// Measures what a cluster takes: time, packets and bytes, in simulated time with the default settings. Each figure is
// printed beside its goal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace motet {

struct Measure {
    std::string name;
    double value = 0;
    std::string unit;
    double most = 0;  // the goal

    bool met() const { return value <= most; }
    std::string text() const;
};

// Of one cluster of so many nodes: from nothing, one more node, one that leaves, a crash, ten crashes, idleness.
std::vector<Measure> measure_cluster(uint32_t nodes, uint64_t seed);

// From a partition to the decision on both sides, and how many sides go on.
std::vector<Measure> measure_partition(uint32_t nodes, uint64_t seed);

// What healthy nodes suffer by faults of others: one of 20 is stopped for 6 s; one in a hundred loses 80 % of its
// packets.
std::vector<Measure> measure_accuracy(uint64_t seed);

// Unreachable members of a healthy cluster with this loss, within so many simulated hours.
std::vector<Measure> measure_loss(uint32_t nodes, double loss, double hours, uint64_t seed);

}  // namespace motet
