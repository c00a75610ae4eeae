// What users and routers tell each other: messages that manage a router, and wrappers around messages for its routees.
// Knows: the bodies documented in motet/router.h. Must never know: what a router does with them.
#pragma once

#include <optional>
#include <string>

#include "core/message/signals.h"
#include "core/route/routees.h"

namespace motet {

// {routees}: of Routees.
ByteVector encode_routees(const std::vector<Routee> &routees);

// {routee}: the path in AddRoutee and RemoveRoutee. Nothing when the body is not well formed.
std::optional<std::string> decode_routee(Bytes body);

// {change}: of AdjustPoolSize.
std::optional<int64_t> decode_change(Bytes body);

// {type, payload}, and a key in a ConsistentHashableEnvelope: makes the message in a wrapper, with the wrapper's sender
// and trace, and the hash of the key. OK, MALFORMED or NO_MEMORY.
struct Unwrapped {
    Envelope *envelope = nullptr;
    std::optional<uint64_t> key;
};
Code unwrap(const Envelope &wrapper, System &system, Unwrapped &inner);

}  // namespace motet
