#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>

namespace motet::fuzz {

namespace {

// Lengths and numbers at which readers go wrong.
constexpr std::array<uint64_t, 12> kEdges = {0,      1,       0x7f,       0x80,       0xff,       0x7fff,
                                             0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX};

ptrdiff_t offset(size_t at) { return static_cast<ptrdiff_t>(at); }

}  // namespace

Input Mutator::next() {
    Input input = corpus_[random_.below(corpus_.size())];
    for (uint64_t changes = 1 + random_.below(6); changes > 0; --changes) {
        change(input);
    }
    input.resize(std::min(input.size(), kMaxSize));
    return input;
}

void Mutator::change(Input &input) {
    const size_t at = random_.below(input.size() + 1);
    if (at == input.size()) {
        take_piece(input, at);
        return;
    }
    switch (random_.below(8)) {
    case 0:
        input[at] = static_cast<uint8_t>(random_.next());
        break;
    case 1:
        input[at] ^= static_cast<uint8_t>(1 << random_.below(8));
        break;
    case 2:
        input.insert(input.begin() + offset(at), static_cast<uint8_t>(random_.next()));
        break;
    case 3:
        input.erase(input.begin() + offset(at),
                    input.begin() + offset(at + std::min(input.size() - at, size_t{1} + random_.below(16))));
        break;
    case 4:
        input.resize(at);
        break;
    case 5:
        put_number(input, at);
        break;
    default:
        take_piece(input, at);
    }
}

// A number of 1, 2, 4 or 8 bytes in either order, near an edge.
void Mutator::put_number(Input &input, size_t at) {
    const uint64_t number = kEdges[random_.below(kEdges.size())] + random_.below(3) - 1;
    const size_t width = size_t{1} << random_.below(4);
    const bool big_endian = random_.below(2) == 0;
    for (size_t i = 0; i < width && at + i < input.size(); ++i) {
        input[at + i] = static_cast<uint8_t>(number >> (8 * (big_endian ? width - 1 - i : i)));
    }
}

// A piece of another input, over what stands there or before it.
void Mutator::take_piece(Input &input, size_t at) {
    const Input &other = corpus_[random_.below(corpus_.size())];
    if (other.empty()) {
        return;
    }
    const size_t from = random_.below(other.size());
    const size_t size = 1 + random_.below(std::min(other.size() - from, size_t{256}));
    const auto piece = other.begin() + offset(from);
    if (random_.below(2) == 0) {
        input.erase(input.begin() + offset(at), input.begin() + offset(std::min(input.size(), at + size)));
    }
    input.insert(input.begin() + offset(at), piece, piece + offset(size));
}

}  // namespace motet::fuzz
