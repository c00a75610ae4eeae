// Ask is the temporary ref that waits for one answer, or for the end of an actor that was told to stop.
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

    // The same with a message that others may hold too.
    static Result<Ptr<Ask>> send(System &system, ActorRef &target, Message &message, Nanos timeout,
                                 const TraceContext &trace, AskDone done);

    // Watches the target and, unless it has stopped already, sends it a message that makes it stop, from nobody. The
    // answer is the news of its end, of type stopped. Errors: also INVALID for a target that means several actors.
    static Result<Ptr<Ask>> stop(System &system, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
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
    enum class Kind : uint8_t { question, stop };
    Ask(System &system, Kind kind, ActorRef &target, TypeId type, Nanos timeout, AskDone done);
    static Result<Ptr<Ask>> begin(Ptr<Ask> ask, Envelope *question);
    void end(Status status, Envelope *envelope);
    void watch(SystemKind change, const TraceContext &trace = {});
    void expire();
    bool ended();
    AskDone take_done();

    Ptr<System> system_;
    const uint64_t number_;
    const Kind kind_;
    const Ref target_;
    const TypeId type_;
    const Nanos timeout_;
    std::mutex mutex_;
    AskDone done_;  // under mutex_; empty once it has ended
    Timer timer_;   // under mutex_
};

}  // namespace motet
