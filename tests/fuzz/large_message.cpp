// Messages in pieces, as one life of a peer sends them: the records of a large lane, one after the other. Any other
// record stands for frames that were lost.
#include "core/remote/large_receiver.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    using fuzz::require;
    constexpr size_t kMost = 10'000;
    constexpr size_t kBuffered = 25'000;
    constexpr Now kNow{1, 1};
    LargeReceiver receiver({kMost, kBuffered});
    const auto end = [](const LargeReceiver::Arrived &message) { message.envelope->destroy(); };
    wire::RecordReader reader({data, size});
    for (wire::Record record; reader.next(record);) {
        wire::Large large;
        wire::Piece piece;
        if (record.kind == static_cast<uint8_t>(wire::RecordKind::piece)) {
            if (wire::read_piece(record.body, piece) == nullptr) {
                (void)receiver.add(kNow, piece);
            }
        } else if (record.kind != static_cast<uint8_t>(wire::RecordKind::large)) {
            for (const LargeReceiver::Arrived &message : receiver.incomplete()) {
                end(message);
            }
        } else if (wire::read_large(record.body, large) == nullptr && receiver.admits(large.size) == Code::OK) {
            (void)receiver.begin(kNow, large, {Envelope::make_unfilled(64, large.size, nullptr, {}), "/user/a"});
        }
        require(receiver.buffered() <= kBuffered, "what is not whole, or waits, is bounded");
        while (const std::optional<LargeReceiver::Arrived> message = receiver.next(kNow, 50)) {
            require(message->envelope->payload().size() <= kMost, "a message is bounded");
            end(*message);
        }
    }
    return 0;
}
