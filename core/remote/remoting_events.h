// The events of remoting, as actors that subscribe to "remoting" get them.
// Knows: their payload. Must never know: when they happen.
#pragma once

#include <string>

#include "core/message/signals.h"

namespace motet {

struct RemotingEvent {
    std::string local;
    std::string remote;  // empty: it is about no peer
    uint64_t uid = 0;    // of the peer's life; 0: not known
    bool inbound = false;
    std::string cause;
};

// {local, remote, uid, inbound, cause}
ByteVector encode_remoting_event(const RemotingEvent &event);

}  // namespace motet
