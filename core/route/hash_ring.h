// HashRing gives each key to one of several names, so that few keys change hands when a name comes or goes: each name
// has many places on a circle of hashes, and a key belongs to the place that follows it.
//
// The hashes depend on bytes alone: the same names give the same ring in every process, on every platform.
//
// Knows: hashes. Must never know: actors.
// Source: D. Karger et al., "Consistent Hashing and Random Trees", 1997; of the hash: G. Fowler, L. C. Noll, K.-P. Vo,
// FNV-1a with 64 bits, mixed by the finish of SplitMix64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace motet {

class HashRing {
  public:
    HashRing() = default;
    HashRing(const std::vector<std::string> &names, int places_for_each);

    // The index of the name that a key with this hash belongs to. REQUIRES: there is a name.
    size_t owner(uint64_t hash) const;

    static uint64_t hash(std::string_view bytes);

  private:
    struct Place {
        uint64_t hash;
        uint32_t name;
    };
    std::vector<Place> places_;  // in order
};

}  // namespace motet
