// Bodies of messages that the engine itself reads: failures, dead letters, requests to routers.
#include "core/message/fields.h"
#include "core/message/signals.h"
#include "core/route/hash_key.h"
#include "core/route/protocol.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    using fuzz::require;
    const Bytes body(data, size);
    require(!decode_failure(body).ok(), "a failure is one");
    const Result<DeadLetterBody> letter = decode_dead_letter(body);
    if (letter.ok()) {
        const ByteVector again = encode_dead_letter(letter.value());
        require(decode_dead_letter({again.data(), again.size()}).ok(), "a dead letter that was written can be read");
    }
    if (const auto fields = find_fields(body, {"type", "payload", "key"})) {
        for (const Field &field : *fields) {
            require(field.bytes.empty() || (field.bytes.data() >= fuzz::as_text(data, size).data() &&
                                            field.bytes.data() + field.bytes.size() <= fuzz::as_text(data, size).end()),
                    "a field stands within the bytes");
        }
        hash_of_key((*fields)[2]);
    }
    if (const auto path = decode_routee(body)) {
        require(path->size() <= size, "a routee's path stands within the bytes");
    }
    decode_change(body);
    return 0;
}
