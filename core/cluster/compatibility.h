// Compatibility: values that must be the same on all members of a cluster, compared when a node wants to join.
// Knows: keys and values. Must never know: how they travel, what follows from a difference.
#pragma once

#include <map>
#include <string>

#include "core/config/config.h"

namespace motet {

constexpr size_t kMaxRequirements = 64;
constexpr size_t kMaxRequirementKey = 128;
constexpr size_t kMaxRequirementValue = 256;
constexpr size_t kMaxRequirementBytes = 3000;  // of all, so that a request to join fits into one packet

struct Requirement {
    std::string value;
    bool enforced = true;  // else a difference is only logged

    friend bool operator==(const Requirement &a, const Requirement &b) = default;
};

struct Requirements {
    std::map<std::string, Requirement> by_key;
    bool enforced = true;  // whether this node keeps away when something differs that is enforced on both sides

    // Those of a configuration: the engine's own keys, keys and values of the user's. Errors: BAD_VALUE.
    static Result<Requirements> from(const Config &config);

    friend bool operator==(const Requirements &a, const Requirements &b) = default;
};

// What differs, in words; empty: nothing.
struct Difference {
    std::string fatal;   // for who wants to join
    std::string logged;  // everything, this included
};
Difference difference(const Requirements &joiner, const Requirements &member);

}  // namespace motet
