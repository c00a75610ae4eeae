// Signals: the MessagePack bodies of the messages that the engine itself sends to users.
// Knows: the keys documented in motet/message.h. Must never know: when a signal is sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/message/message.h"

namespace motet {

using ByteVector = std::vector<uint8_t>;

// {code, error}: of pre-restart, post-restart and failure.
ByteVector encode_failure(Code code, std::string_view text);

// Reads such a body; INTERNAL for one that is not well formed.
Status decode_failure(Bytes body);

// {existence_confirmed, address_terminated}: of terminated.
ByteVector encode_terminated(bool existence_confirmed, bool address_terminated);

// {cause, type, target, sender, size, trace}: of a dead letter.
struct DeadLetterBody {
    Code cause;
    std::string type;
    std::string target;
    std::string sender;
    uint64_t size;
    TraceContext trace;
};
ByteVector encode_dead_letter(const DeadLetterBody &body);

}  // namespace motet
