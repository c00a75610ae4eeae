// LargeSender is what waits to go to one peer on the large lane: messages that are cut into pieces only when they are
// sent, so that they take no memory twice. Up to eight are under way at a time, a piece of each in turn; messages to
// one actor go one after the other.
//
// Once a large message has gone to an actor, all later ones go this way too, so that none overtakes another.
// Knows: the wire grammar, bytes that wait. Must never know: connections, whether the peer can be reached.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/remote/outbound_lane.h"

namespace motet {

class LargeSender {
  public:
    struct Settings {
        size_t large;        // payloads above this go this way
        size_t max_message;  // larger ones are refused
        size_t max_queued;   // bytes of payload that wait, and of those that are under way
        size_t max_frame;    // of bytes after the header
    };

    // own: the text of this node's address, which the paths of its actors begin with.
    LargeSender(const Settings &settings, std::string own) : settings_(settings), own_(std::move(own)) {}
    ~LargeSender();
    LargeSender(const LargeSender &) = delete;
    LargeSender &operator=(const LargeSender &) = delete;

    // Any thread.

    // Where a sender remembers whether its target gets large messages. Belongs to that target and this object.
    using TargetCache = std::atomic<uint64_t>;

    // Whether a message to the actor with this path, without incarnation, is for this lane.
    bool wants(std::string_view path, size_t payload, TargetCache &cache) const {
        if (payload > settings_.large) {
            return true;
        }
        const uint64_t version = version_.load(std::memory_order_acquire);
        const uint64_t cached = cache.load(std::memory_order_relaxed);
        return version != 0 && (cached >> 1 == version ? (cached & 1) != 0 : look_up(path, cache));
    }

    // Takes the envelope when the result is OK, else leaves it: TOO_LARGE, QUEUE_FULL. message: as for OutboundLane;
    // what it and path point at belongs to target or to the envelope, but for its hops.
    Code append(const Ref &target, std::string_view path, const OutboundMessage &message, Envelope *envelope);
    const Settings &settings() const { return settings_; }
    size_t queued() const { return queued_.load(std::memory_order_relaxed); }

    // One thread.

    // The next piece as a frame; false when nothing waits. after: the frame of the ordinary lane that holds the last of
    // what was sent before. Nothing more is taken until sent() or drop().
    bool take(uint64_t after, OutboundLane::Frame &frame);
    void sent();

    // How many messages were ever appended; whether all up to that one have been sent, or dropped.
    uint64_t appended() const;
    bool finished(uint64_t appended) const;

    // Ends everything that waits, and forgets who gets large messages.
    void drop(const std::function<void(Envelope *, const ActorRef &target)> &each);

  private:
    struct Item {
        Ref target;
        std::string_view path;
        Envelope *envelope;
        OutboundMessage message;
        std::string hops;
        uint64_t count;       // of append()
        uint32_t number = 0;  // on the wire; 0: has not begun
        size_t sent = 0;
    };

    bool look_up(std::string_view path, TargetCache &cache) const;
    void begin_more();
    bool may_begin(const Item &item) const;
    void write(Item &item, uint64_t after, ByteBuffer &out);
    wire::Envelope describe(const Item &item, uint8_t *trace, std::string &sender) const;

    static constexpr size_t kMaxLargeTargets = 65'536;  // remembered by name; when there are more, all are

    const Settings settings_;
    const std::string own_;

    mutable std::mutex mutex_;
    std::deque<Item> waiting_;                 // under mutex_
    std::unordered_set<std::string> targets_;  // under mutex_: who gets large messages
    uint64_t appended_ = 0;                    // under mutex_
    std::atomic<uint64_t> version_{0};         // of targets_; changed under mutex_
    std::atomic<size_t> queued_{0};            // changed under mutex_

    // One thread.
    std::vector<Item> open_;  // under way
    size_t open_bytes_ = 0;
    size_t turn_ = 0;
    uint32_t last_number_ = 0;
};

}  // namespace motet
