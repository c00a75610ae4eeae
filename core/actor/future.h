// Future is the outcome of an ask for whoever holds it: looked at, waited for, or used by somebody when it is there.
// Knows: the ask. Must never know: what the answer means, who goes on with it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "core/actor/ask.h"

namespace motet {

class Future final : public RefCounted {
  public:
    // Uses the outcome; called on whatever thread brings the news.
    using Use = std::function<void(Future &)>;

    // Ask::send() and Ask::stop(), with their errors.
    static Result<Ptr<Future>> ask(ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                   const TraceContext &trace);
    static Result<Ptr<Future>> stop(ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                    const TraceContext &trace);

    ~Future() override;

    bool done() const;

    // Both once it is done: how it ended, and the answer, nullptr when there is none.
    const Status &status() const { return status_; }
    const Envelope *reply() const { return reply_; }

    // Waits as long as the ask's own timeout lasts; gives how it ended. Errors: those, and BAD_STATE.
    Status wait();

    // Waits for at most so long. TIMEOUT: it is not done by then.
    Status wait_for(Nanos timeout);

    // Has the outcome used when it is there, at once if it is. At most once.
    void then(Use use);

    // Has the outcome sent to somebody: the answer as it is, or a failure. sender: in place of the answer's own.
    void pipe(Ref target, Ref sender);

    // Nobody wants the outcome any more: an answer that comes later is a dead letter. What is done stays.
    void cancel();

  private:
    Future(System &system, const TraceContext &trace, Nanos timeout)
        : system_(&system), trace_(trace), timeout_(timeout) {}
    using Send = Result<Ptr<Ask>> (*)(System &, ActorRef &, TypeId, Bytes, Nanos, const TraceContext &, AskDone);
    static Result<Ptr<Future>> begin(Send send, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                     const TraceContext &trace);
    void complete(Status status, Envelope *reply);
    Status outcome() const { return status_.ok() ? Status() : Status(status_.code(), status_.message()); }
    Envelope *copy_for(const ActorRef *sender) const;

    const Ptr<System> system_;
    const TraceContext trace_;
    const Nanos timeout_;
    Ptr<Ask> ask_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;       // under mutex_; what follows it does not change any more once it is set
    bool cancelled_ = false;  // under mutex_
    Status status_;
    Envelope *reply_ = nullptr;
    Use use_;  // under mutex_
};

}  // namespace motet
