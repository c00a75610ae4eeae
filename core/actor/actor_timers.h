// ActorTimers are the timers of one actor instance, by key: they send the actor a message, once or again and again.
// Knows: ticks. Must never know: what the messages mean.
#pragma once

#include <mutex>
#include <unordered_map>

#include "core/actor/system.h"
#include "core/dispatch/timers.h"

namespace motet {

class ActorTimers {
  public:
    explicit ActorTimers(Cell &owner) : owner_(owner) {}
    ~ActorTimers() { cancel_all(); }

    // Replaces the timer with the same key. interval 0: once. The message is sent with trace when it is sent once; a
    // repeated one starts without a trace.
    Code start(int64_t key, Nanos delay, Nanos interval, TypeId type, Bytes payload, const TraceContext &trace);
    // From any thread.
    void cancel(int64_t key);
    void cancel_all();

    // Turns a tick that has reached the front of the mailbox into its message; nullptr when the timer is gone. Takes
    // the tick.
    Envelope *redeem(Envelope *tick);

  private:
    struct Entry {
        uint64_t generation = 0;
        TimerId timer = 0;
        Nanos interval = 0;
        Envelope *message = nullptr;
    };

    void schedule(int64_t key, Entry &entry, Nanos delay);  // REQUIRES mutex_
    void tick(int64_t key, uint64_t generation);
    void drop(Entry &entry);

    Cell &owner_;
    std::mutex mutex_;
    std::unordered_map<int64_t, Entry> entries_;  // under mutex_
    uint64_t generations_ = 0;                    // under mutex_
};

}  // namespace motet
