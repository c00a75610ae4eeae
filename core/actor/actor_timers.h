// ActorTimers are the timers of one actor instance: by key, each sends the actor a message, once or again and again;
// one more, its receive timeout, sends it a signal when it has been idle for some time.
//
// When a timer is due, a tick goes into the mailbox. Only when the actor takes the tick it is turned into the message,
// and the next run is scheduled; so at most one tick of a timer waits, and one that was cancelled meanwhile comes to
// nothing.
//
// Knows: ticks. Must never know: what the messages mean.
#pragma once

#include <unordered_map>

#include "core/actor/system.h"
#include "core/dispatch/timers.h"

namespace motet {

// When a timer runs.
struct TimerPlan {
    Nanos delay = 0;     // until the first time
    Nanos interval = 0;  // 0: once
    // false: the interval is from the time the actor takes a tick until the next one is due. true: from the time one is
    // due until the next one is; what is missed while the actor is busy or the process stands still is made up for, one
    // tick after the other.
    bool fixed_rate = false;
};

// All of it belongs to the thread that runs the actor.
class ActorTimers {
  public:
    explicit ActorTimers(Cell &owner) : owner_(owner) {}
    ~ActorTimers() { cancel_all(); }

    // Replaces the timer with the same key. The message is sent with trace when it is sent once; a repeated one starts
    // without a trace. Errors: INVALID, NO_MEMORY; then the timer with that key is what it was.
    Status start(int64_t key, const TimerPlan &plan, TypeId type, Bytes payload, const TraceContext &trace);
    void cancel(int64_t key);
    void cancel_all();

    // Whether a message of the timer is still to come.
    bool active(int64_t key) const { return entries_.count(key) != 0; }

    // From now on; 0: none. Errors: INVALID.
    Status set_receive_timeout(Nanos timeout);

    // Turns a tick that has reached the front of the mailbox into its message; nullptr when there is none any more.
    // Takes the tick.
    Envelope *redeem(Envelope *tick);

    // The actor has handled something.
    void handled();

  private:
    struct Entry {
        Timer timer;
        uint64_t generation = 0;
        Nanos interval = 0;
        bool fixed_rate = false;
        Envelope *message = nullptr;
    };

    struct Idle {
        Timer timer;
        uint64_t generation = 0;  // of the tick to come; 0: none is
        Nanos timeout = 0;        // 0: none is set
        Nanos since = 0;
    };

    TimerWork tick(int64_t key, uint64_t generation);
    void drop(Entry &entry);
    Envelope *next_message(int64_t key, uint64_t generation);
    Envelope *idle_signal();
    void await_idle(Nanos delay);

    Cell &owner_;
    uint64_t generations_ = 0;
    std::unordered_map<int64_t, Entry> entries_;
    Idle idle_;
    bool ticked_ = false;  // what the actor handles now comes of one of the entries
};

}  // namespace motet
