#include "core/actor/future.h"

#include "core/message/signals.h"

namespace motet {

Result<Ptr<Future>> Future::begin(Send send, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                  const TraceContext &trace) {
    auto future = Ptr<Future>::adopt(new Future(target.system(), trace, timeout));
    Result<Ptr<Ask>> sent =
        send(target.system(), target, type, payload, timeout, trace,
             [future](Status status, Envelope *reply) { future->complete(std::move(status), reply); });
    if (!sent.ok()) {
        return std::move(sent.status());
    }
    future->ask_ = std::move(sent.value());
    return future;
}

Result<Ptr<Future>> Future::ask(ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                const TraceContext &trace) {
    return begin(&Ask::send, target, type, payload, timeout, trace);
}

Result<Ptr<Future>> Future::stop(ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                                 const TraceContext &trace) {
    return begin(&Ask::stop, target, type, payload, timeout, trace);
}

Future::~Future() {
    if (reply_) {
        reply_->destroy();
    }
}

void Future::complete(Status status, Envelope *reply) {
    Use use;
    {
        std::lock_guard lock(mutex_);
        if (!cancelled_) {
            status_ = std::move(status);
            reply_ = std::exchange(reply, nullptr);
            done_ = true;
            use = std::exchange(use_, nullptr);
        }
    }
    if (reply) {  // cancelled while it came
        system_->dead_letters().take(reply, Code::STOPPED, *ask_);
        return;
    }
    changed_.notify_all();
    if (use) {
        use(*this);
    }
}

bool Future::done() const {
    std::lock_guard lock(mutex_);
    return done_;
}

Status Future::wait() {
    const auto done = [this] { return done_; };
    std::unique_lock lock(mutex_);
    if (!system_->await(lock, changed_, timeout_, done) && !system_->await(lock, changed_, -1, done)) {
        return {Code::BAD_STATE, "the ask cannot be answered: nobody lets the system run"};
    }
    return outcome();
}

Status Future::wait_for(Nanos timeout) {
    std::unique_lock lock(mutex_);
    if (!system_->await(lock, changed_, timeout, [this] { return done_; })) {
        return {Code::TIMEOUT, "the future was not complete after " + std::to_string(timeout / kMillisecond) + " ms"};
    }
    return outcome();
}

void Future::then(Use use) {
    {
        std::lock_guard lock(mutex_);
        if (!done_) {
            use_ = std::move(use);
            return;
        }
    }
    use(*this);
}

// The outcome as a message.
Envelope *Future::copy_for(const ActorRef *sender) const {
    if (!reply_) {
        return Envelope::make(types::failure, encode_failure(status_.code(), status_.message()), sender, trace_);
    }
    return Envelope::share(reply_->message(), sender ? sender : reply_->sender(), reply_->trace());
}

void Future::pipe(Ref target, Ref sender) {
    then([target = std::move(target), sender = std::move(sender)](Future &future) {
        if (Envelope *message = future.copy_for(sender.get())) {
            target->deliver(message);
        } else {
            target->system().dead_letters().count(Code::NO_MEMORY, 1);
        }
    });
}

void Future::cancel() {
    Use unused;  // freed after the lock is
    {
        std::lock_guard lock(mutex_);
        if (done_) {
            return;
        }
        cancelled_ = true;
        unused = std::exchange(use_, nullptr);
    }
    ask_->cancel();
}

}  // namespace motet
