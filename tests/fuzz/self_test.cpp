// A reader with a fault that only a mutation of its corpus reaches: the driver must find it.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const bool reached = size >= 2 && data[0] == 'M' && data[1] > 0xf0;
    motet::fuzz::require(!reached, "nothing: this is the fault");
    return 0;
}
