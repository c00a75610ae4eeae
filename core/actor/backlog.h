// Backlog is the queue of an actor whose mailbox is not the plain one: ordered by more than arrival, or with another
// answer to overflow than refusing the newest message. Plain mailboxes do without its lock.
// Knows: envelopes, an order, a bound. Must never know: who runs the actor.
#pragma once

#include <map>
#include <vector>

#include "core/base/spin_lock.h"
#include "core/base/status.h"
#include "core/message/message.h"

namespace motet {

enum class Overflow { drop_newest, drop_oldest, fail_sender, stop };

// How a mailbox is ordered, how much it holds, and what happens then.
struct MailboxSettings {
    int64_t capacity = 0;  // messages; 0: without bound
    Overflow overflow = Overflow::drop_newest;
    int64_t high_water = 0;                // so many waiting messages are worth an event; 0: none are
    std::map<TypeId, int64_t> priorities;  // of types; the smallest number comes first, what is not named has 0

    bool plain() const { return overflow == Overflow::drop_newest && high_water == 0 && priorities.empty(); }
};

class Backlog {
  public:
    explicit Backlog(MailboxSettings settings);
    ~Backlog();

    const MailboxSettings &settings() const { return settings_; }

    // OK: taken. MAILBOX_FULL, STOPPED: the envelope is still the caller's.
    struct Pushed {
        Code code = Code::OK;
        Envelope *dropped = nullptr;  // the oldest, which had to make room
        bool high_water = false;      // it has just been reached
    };
    Pushed push(Envelope *envelope);

    // Behind all that has come, without counting against the bound; after close() it is dropped.
    void append(Envelope *envelope);

    Envelope *pop();

    // Takes no more. What was left goes behind that list, in order.
    void close(EnvelopeList &left);

    int64_t waiting() const;

  private:
    EnvelopeList &level_of(const Envelope &envelope);
    void put(Envelope *envelope);
    Envelope *pop_from(bool first);

    const MailboxSettings settings_;
    mutable SpinLock lock_;                   // guards all that follows
    std::map<int64_t, EnvelopeList> levels_;  // by priority; all there are
    int64_t waiting_ = 0;
    bool risen_ = false;  // above the high water, and not yet below half of it again
    bool closed_ = false;
};

}  // namespace motet
