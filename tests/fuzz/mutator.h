// Mutator damages bytes as networks, other versions and attackers do. The same seed gives the same damage.
// Knows: bytes. Must never know: what they mean.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/random.h"

namespace motet::fuzz {

using Input = std::vector<uint8_t>;

class Mutator {
  public:
    static constexpr size_t kMaxSize = 64 * 1024;

    // corpus: what is damaged, and what pieces are taken from; must not be empty, and lives longer than this.
    Mutator(const std::vector<Input> &corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

    // One of the corpus with one to six changes.
    Input next();

  private:
    void change(Input &input);
    void put_number(Input &input, size_t at);
    void take_piece(Input &input, size_t at);

    const std::vector<Input> &corpus_;
    Random random_;
};

}  // namespace motet::fuzz
