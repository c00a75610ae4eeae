#include "core/actor/ask.h"

#include "core/actor/path.h"
#include "core/message/signals.h"

namespace motet {

uint64_t AskTable::next_number() {
    std::lock_guard lock(mutex_);
    return ++last_;
}

Status AskTable::add(uint64_t number, const ActorRef &ask) {
    std::lock_guard lock(mutex_);
    if (closed_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    asks_.emplace(number, hold(&ask));
    return {};
}

void AskTable::remove(uint64_t number) {
    Ref removed;  // freed after the lock is
    std::lock_guard lock(mutex_);
    auto found = asks_.find(number);
    if (found != asks_.end()) {
        removed = std::move(found->second);
        asks_.erase(found);
    }
}

Ref AskTable::find(uint64_t number) const {
    std::lock_guard lock(mutex_);
    auto found = asks_.find(number);
    return found == asks_.end() ? Ref() : found->second;
}

std::vector<Ref> AskTable::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    std::vector<Ref> waiting;
    for (auto &[number, ask] : asks_) {
        waiting.push_back(std::move(ask));
    }
    asks_.clear();
    return waiting;
}

std::string AskTable::name(uint64_t number) { return generated_name(number); }

Result<Ptr<Ask>> Ask::send(System &system, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                           const TraceContext &trace, AskDone done) {
    if (timeout <= 0) {
        return Status(Code::INVALID, "the timeout of an ask must be above 0, not " + std::to_string(timeout) + " ns");
    }
    auto ask = Ptr<Ask>::adopt(new Ask(system, system.asks().next_number(), std::move(done)));
    Envelope *envelope = Envelope::make(type, payload, ask.get(), trace);
    if (!envelope) {
        return Status(Code::NO_MEMORY, "memory for a message of " + std::to_string(payload.size()) + " bytes");
    }
    if (Status added = system.asks().add(ask->number_, *ask); !added.ok()) {
        envelope->destroy();
        return added;
    }
    {
        std::lock_guard lock(ask->mutex_);
        ask->timer_ = system.timers().schedule(timeout, [ask, path = target.path(), type, timeout] {
            const char *name = ask->system_->types().name(type);
            ask->end(Status(Code::TIMEOUT, "ask of " + std::string(name ? name : "unknown") + " to " + path +
                                               ": no answer within " + std::to_string(timeout / kMillisecond) + " ms"),
                     nullptr);
        });
    }
    Code sent = target.deliver(envelope);
    if (sent != Code::OK) {
        ask->end(Status(sent, "ask to " + target.path() + ": " + code_text(sent)), nullptr);
    }
    return ask;
}

AskDone Ask::take_done() {
    TimerId timer;
    AskDone done;
    {
        std::lock_guard lock(mutex_);
        done = std::exchange(done_, nullptr);
        timer = std::exchange(timer_, 0);
    }
    if (done) {
        if (timer != 0) {
            system_->timers().cancel(timer);
        }
        system_->asks().remove(number_);
    }
    return done;
}

void Ask::end(Status status, Envelope *envelope) {
    AskDone done = take_done();
    if (done) {
        done(std::move(status), envelope);
    } else if (envelope) {
        system_->dead_letters().take(envelope, Code::STOPPED, *this);
    }
}

void Ask::cancel() { take_done(); }

Code Ask::deliver(Envelope *envelope) {
    AskDone done = take_done();
    if (!done) {
        return system_->dead_letters().take(envelope, Code::STOPPED, *this);
    }
    if (envelope->type() == types::failure) {
        Status failure = decode_failure(envelope->payload());
        envelope->destroy();
        done(std::move(failure), nullptr);
    } else {
        done({}, envelope);
    }
    return Code::OK;
}

void Ask::deliver_system(SystemMessage *message) {
    if (message->kind == SystemKind::stop) {  // the system closes
        end(Status(Code::CLOSED, "the system was closed before an answer came"), nullptr);
    } else if (message->kind == SystemKind::watch) {
        message->subject->deliver_system(new SystemMessage{SystemKind::terminated, hold(this)});
    }
    delete message;
}

std::string Ask::path() const { return system_->address().text() + "/temp/" + AskTable::name(number_); }

}  // namespace motet
