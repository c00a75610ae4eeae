// What every fuzzer shares. Each has one entry in the form that libFuzzer wants, so that clang can link it to that;
// with any other compiler driver.cpp takes its place. Knows: nothing of the decoders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

// Reads size bytes of whatever somebody may send. Ends the process when that does harm.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace motet::fuzz {

inline std::string_view as_text(const uint8_t *data, size_t size) {
    return {reinterpret_cast<const char *>(data), size};
}

// What must hold whatever was read.
inline void require(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

}  // namespace motet::fuzz
