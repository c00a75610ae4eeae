// The file of the peers' keys.
#include "core/remote/peer_keys.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace motet;
    const std::string_view text = fuzz::as_text(data, size);
    const Result<PeerKeys> keys = PeerKeys::parse(text);
    fuzz::require(keys.ok() || keys.status().message().starts_with("line "), "a refusal names the line");
    if (keys.ok()) {
        for (const Address &address : {Address::tcp("S", "one", 1), Address::tcp("S", "::1", 2552)}) {
            const std::optional<CurveKey> key = keys.value().key_of(address);
            fuzz::require(!key || (keys.value().know(*key) && keys.value().speaks_for(*key, address)),
                          "whom one expects somewhere may be there");
        }
    }
    return 0;
}
