// HELLO, WELCOME and REJECT: what a stranger says first.
#include "core/message/handshake.h"
#include "tests/fuzz/fuzz.h"

namespace motet {
namespace {

using fuzz::require;

// Writes what was read and reads that: it must still be well formed.
template <typename Read, typename Write> void come_back(Read read, Write write, Bytes body) {
    wire::FrameHeader header;
    header.from = 1;
    const auto first = read(header, body);
    if (!first.ok()) {
        require(!first.status().message().empty(), "a refusal says why");
        return;
    }
    const ByteBuffer frame = write(first.value());
    Bytes again;
    require(wire::read_frame(frame.view(), header, again) == nullptr, "a handshake that was written is a frame");
    require(read(header, again).ok(), "a handshake that was written can be read");
}

}  // namespace
}  // namespace motet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet::wire;
    const motet::Bytes body(data, std::min(size, kMaxHandshake));
    motet::come_back(
        read_hello, [](const Hello &hello) { return write_hello(hello, Lane::control); }, body);
    motet::come_back(
        read_welcome, [](const Welcome &welcome) { return write_welcome(welcome, Lane::control, 2); }, body);
    motet::come_back(
        read_reject, [](const Reject &reject) { return write_reject(reject, Lane::control, 2); }, body);
    return 0;
}
