// Continuations are what an actor instance goes on with when futures are complete: inside its own handling, one at a
// time, as part of the handling of the message that began them.
//
// When a future is complete, a tick goes into the mailbox, which a full one does not refuse. When the actor takes the
// tick it goes on; a tick whose continuation has ended with its instance comes to nothing.
//
// Knows: futures, ticks. Must never know: what is gone on with.
#pragma once

#include <map>
#include <memory>

#include "core/actor/future.h"

namespace motet {

class Cell;
class Context;

// Its end frees whatever it holds, whether it has run or not.
class Continuation {
  public:
    virtual ~Continuation() = default;

    // As Behavior::receive(), for the message of the handling that began it.
    virtual Code run(Context &context, const Future &future) = 0;
};

// All of it belongs to the thread that runs the actor.
class Continuations {
  public:
    static constexpr size_t kMost = 100'000;  // that wait at a time

    struct Entry {
        Ptr<Future> future;
        Envelope *message = nullptr;  // of the handling that began it
        std::unique_ptr<Continuation> continuation;

        ~Entry();
    };

    explicit Continuations(Cell &owner) : owner_(owner) {}
    ~Continuations() { cancel_all(); }

    // Goes on when the future is complete. Takes the continuation when all is well. BAD_STATE: no message is handled;
    // QUEUE_FULL: too many wait; NO_MEMORY.
    Code add(const Ptr<Future> &future, const Context &context, std::unique_ptr<Continuation> &continuation);

    // What to go on with for a tick that has reached the front of the mailbox; none when it has ended. Takes the tick.
    std::unique_ptr<Entry> take(Envelope *tick);

    // Ends all without going on. An answer that nobody has seen is a dead letter.
    void cancel_all();

  private:
    Cell &owner_;
    uint64_t last_ = 0;
    std::map<uint64_t, std::unique_ptr<Entry>> entries_;
};

}  // namespace motet
