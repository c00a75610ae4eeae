// Ask is the temporary ref that waits for one answer.
// Knows: the asker's function, its deadline. Must never know: what the answer means.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "core/actor/system.h"
#include "core/dispatch/timers.h"
#include "core/message/actor_ref.h"

namespace motet {

// How an ask ended: with an envelope, which the callee takes, or with a status that says why not.
using AskDone = std::function<void(Status, Envelope *)>;

class Ask final : public ActorRef {
  public:
    // Sends a message with a new ask as sender. done is called exactly once, on whatever thread brings the news, unless
    // cancel() comes first. Errors (then done is not called): INVALID, CLOSED.
    static Result<Ptr<Ask>> send(System &system, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                 const TraceContext &trace, AskDone done);

    // The answer is not wanted any more: a later one is a dead letter.
    void cancel();

    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override;
    System &system() const override { return *system_; }
    std::string path() const override;
    uint64_t incarnation() const override { return number_; }

  private:
    friend class AskTable;
    Ask(System &system, uint64_t number, AskDone done) : system_(&system), number_(number), done_(std::move(done)) {}
    void end(Status status, Envelope *envelope);
    AskDone take_done();

    Ptr<System> system_;
    const uint64_t number_;
    std::mutex mutex_;
    AskDone done_;       // under mutex_; empty once it has ended
    TimerId timer_ = 0;  // under mutex_
};

}  // namespace motet
