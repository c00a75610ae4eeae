// LargeReceiver puts messages together that one life of a peer sends in pieces, each in the memory in which it is
// delivered. What is whole waits for what was sent before it on the ordinary lane, for a while.
//
// Bounded: by the messages that may be under way, and by the bytes of those and of what waits.
// Knows: pieces, envelopes that fill. Must never know: connections, who the receivers are.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/message/message.h"
#include "core/message/wire.h"

namespace motet {

class LargeReceiver {
  public:
    struct Settings {
        size_t max_message;
        size_t max_buffered;           // bytes of payload
        Nanos patience = 3 * kSecond;  // with what was sent before
    };

    // A message, and the path here that it is for.
    struct Arrived {
        Envelope *envelope = nullptr;
        std::string target;
    };
    explicit LargeReceiver(const Settings &settings) : settings_(settings) {}
    ~LargeReceiver();
    LargeReceiver(const LargeReceiver &) = delete;
    LargeReceiver &operator=(const LargeReceiver &) = delete;

    // Whether there is room for a message of so many bytes: OK; TOO_LARGE or QUEUE_FULL, where it is beyond the bounds.
    Code admits(size_t size) const;

    // The first piece of a message that was admitted, and where to put it. Ends the message where there is a problem.
    wire::Problem begin(Now now, const wire::Large &large, Arrived message);

    // A further piece. One of a message that was lost is ignored.
    wire::Problem add(Now now, const wire::Piece &piece);

    // What is whole, in order, if what came before it has come: frames of the ordinary lane up to this one.
    std::optional<Arrived> next(Now now, uint64_t ordinary);

    // What is not whole and never will be, as frames of the large lane were lost, or its peer.
    std::vector<Arrived> incomplete();

    // When to look for the next, should nothing come.
    Nanos deadline() const { return whole_.empty() ? INT64_MAX : whole_.front().deadline; }
    size_t buffered() const { return buffered_; }

  private:
    struct Partial {
        Arrived message;
        uint64_t after;
        size_t size;
        size_t filled = 0;
    };
    struct Whole {
        Arrived message;
        uint64_t after;
        Nanos deadline;
    };

    wire::Problem fill(Now now, std::map<uint32_t, Partial>::iterator found, Bytes bytes);

    const Settings settings_;
    std::map<uint32_t, Partial> partial_;  // by number
    std::deque<Whole> whole_;
    size_t buffered_ = 0;
};

}  // namespace motet
