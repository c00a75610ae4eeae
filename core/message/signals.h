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

// {type, arguments} or {props}: of pre-start, to an actor of another language that was made by the name of its type, or
// of the props of a router with that number.
ByteVector encode_pre_start(std::string_view type, Bytes arguments);
ByteVector encode_pre_start(uint64_t props);

// {code, error}: of post-restart and failure.
ByteVector encode_failure(Code code, std::string_view text);

// {code, error, type, message}: of pre-restart; the last two tell the message that could not be handled, and are empty
// where there was none.
ByteVector encode_pre_restart(Code code, std::string_view text, std::string_view type, Bytes message);

// Reads such a body; INTERNAL for one that is not well formed.
Status decode_failure(Bytes body);

// {existence_confirmed, address_terminated}: of terminated.
ByteVector encode_terminated(bool existence_confirmed, bool address_terminated);

// {timeout_ns}: of receive-timeout.
ByteVector encode_receive_timeout(int64_t timeout);

// {cause, type, target, sender, size, limit, trace, hops, passed_on}: of a dead letter.
struct DeadLetterBody {
    Code cause;
    std::string type;
    std::string target;
    std::string sender;
    uint64_t size;
    TraceContext trace;
    Hops hops = {};
    uint64_t limit = 0;  // TOO_LARGE: how large it might have been; 0: not known
};
ByteVector encode_dead_letter(const DeadLetterBody &body);

// Reads such a body. MALFORMED.
Result<DeadLetterBody> decode_dead_letter(Bytes body);

// {actor, waiting, capacity}: of mailbox-high-water.
ByteVector encode_high_water(std::string_view actor, int64_t waiting, int64_t capacity);

}  // namespace motet
