// The packets of membership.
#include "core/cluster/codec.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    using fuzz::require;
    const Result<Packet> packet = decode({data, size});
    if (!packet.ok()) {
        require(!packet.status().message().empty(), "a refusal says why");
        return 0;
    }
    const PacketBytes written = encode(packet.value());
    const Result<Packet> again = decode(written);
    require(again.ok(), "a packet that was written can be read");
    require(encode(again.value()) == written, "a packet comes back as it was");
    return 0;
}
