// Random is a small seeded generator of numbers; every use in a protocol is given one, none is hidden.
// Knows: its state. Must never know: what the numbers decide. Not for keys or nonces.
// Source: SplitMix64, G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.
#pragma once

#include <cstdint>

namespace motet {

class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        return mix(state_);
    }

    // A number below bound, which must be above 0. The bias is below bound / 2^64.
    uint64_t below(uint64_t bound) {
        return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
    }

    // A number in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    // A generator of its own for a purpose, so that draws for one purpose never shift those for another.
    static Random keyed(uint64_t seed, uint64_t purpose) {
        return Random(mix(seed ^ mix(purpose + 0x9e3779b97f4a7c15u)));
    }

    static uint64_t mix(uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

  private:
    uint64_t state_;
};

// A number that no other call anywhere is likely to get: for the uid of a node's life. From the operating system.
uint64_t random_uid();

}  // namespace motet
