#include "core/actor/ask.h"

#include "core/actor/name.h"
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
    waiting.reserve(asks_.size());
    for (auto &[number, ask] : asks_) {
        waiting.push_back(std::move(ask));
    }
    asks_.clear();
    return waiting;
}

std::string AskTable::name(uint64_t number) { return generated_name(number); }

Ask::Ask(System &system, Kind kind, ActorRef &target, TypeId type, Nanos timeout, AskDone done)
    : system_(&system), number_(system.asks().next_number()), kind_(kind), target_(&target), type_(type),
      timeout_(timeout), done_(std::move(done)) {}

Result<Ptr<Ask>> Ask::send(System &system, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                           const TraceContext &trace, AskDone done) {
    auto ask = Ptr<Ask>::adopt(new Ask(system, Kind::question, target, type, timeout, std::move(done)));
    Envelope *question = Envelope::make(type, payload, ask.get(), trace);
    return begin(std::move(ask), question);
}

Result<Ptr<Ask>> Ask::send(System &system, ActorRef &target, Message &message, Nanos timeout, const TraceContext &trace,
                           AskDone done) {
    auto ask = Ptr<Ask>::adopt(new Ask(system, Kind::question, target, message.type(), timeout, std::move(done)));
    Envelope *question = Envelope::share(message, ask.get(), trace);
    return begin(std::move(ask), question);
}

Result<Ptr<Ask>> Ask::stop(System &system, ActorRef &target, TypeId type, Bytes payload, Nanos timeout,
                           const TraceContext &trace, AskDone done) {
    Result<ActorPath> path = ActorPath::parse(target.path());
    if (path.ok() && !path.value().exact()) {
        return Status(Code::INVALID, "path " + target.path() + " may mean several actors: name one to be stopped");
    }
    auto ask = Ptr<Ask>::adopt(new Ask(system, Kind::stop, target, type, timeout, std::move(done)));
    return begin(std::move(ask), Envelope::make(type, payload, nullptr, trace));
}

// Sends the question; nullptr: there was no memory for it.
Result<Ptr<Ask>> Ask::begin(Ptr<Ask> ask, Envelope *question) {
    if (!question) {
        return Status(Code::NO_MEMORY, "memory for an ask of " + ask->target_->path());
    }
    std::unique_ptr<Envelope, void (*)(Envelope *)> held(question, [](Envelope *left) { left->destroy(); });
    Status refused;
    if (ask->timeout_ <= 0 || ask->timeout_ > kMaxDelay) {
        refused = Status(Code::INVALID, "the timeout of an ask is above 0 and at most " + std::to_string(kMaxDelay) +
                                            " ns (146 years), not " + std::to_string(ask->timeout_) + " ns");
    } else {
        refused = ask->system_->asks().add(ask->number_, *ask);
    }
    if (!refused.ok()) {
        return refused;
    }
    Ref target = ask->target_;
    {
        std::lock_guard lock(ask->mutex_);
        auto expire = [](RefCounted &object, int64_t, uint64_t) { static_cast<Ask &>(object).expire(); };
        ask->system_->timers().schedule(ask->timer_, ask->timeout_, {expire, ask});
    }
    if (ask->kind_ == Kind::stop) {
        ask->watch(SystemKind::watch, question->trace());
        if (ask->ended()) {  // it has stopped already
            return ask;
        }
    }
    Code sent = target->deliver(held.release());
    if (sent != Code::OK) {
        std::string text;
        (void)if_memory_allows([&] { text = "ask to " + target->path() + ": " + code_text(sent); });
        ask->end(Status(sent, std::move(text)), nullptr);
    }
    return ask;
}

bool Ask::ended() {
    std::lock_guard lock(mutex_);
    return !done_;
}

AskDone Ask::take_done() {
    AskDone done;
    {
        std::lock_guard lock(mutex_);
        done = std::exchange(done_, nullptr);
        system_->timers().cancel(timer_);
    }
    if (done) {
        system_->asks().remove(number_);
    }
    return done;
}

// Begins or ends the watch of who is to stop.
void Ask::watch(SystemKind change, const TraceContext &trace) {
    target_->deliver_system(SystemMessage::certain({.kind = change, .subject = hold(this), .trace = trace}));
}

void Ask::expire() {
    std::string text;
    (void)if_memory_allows([&] {
        const char *name = system_->types().name(type_);
        const std::string message = name ? name : "unknown";
        const std::string time = std::to_string(timeout_ / kMillisecond) + " ms";
        text = kind_ == Kind::stop ? target_->path() + " had not stopped " + time + " after it was sent " + message
                                   : "ask of " + message + " to " + target_->path() + ": no answer within " + time;
    });
    end(Status(Code::TIMEOUT, std::move(text)), nullptr);
}

void Ask::end(Status status, Envelope *envelope) {
    AskDone done = take_done();
    if (done) {
        if (kind_ == Kind::stop && !envelope) {
            watch(SystemKind::unwatch);
        }
        done(std::move(status), envelope);
    } else if (envelope && kind_ == Kind::stop) {
        envelope->destroy();  // the end of an actor is no message
    } else if (envelope) {
        system_->dead_letters().take(envelope, Code::STOPPED, *this);
    }
}

void Ask::cancel() {
    if (take_done() && kind_ == Kind::stop) {
        watch(SystemKind::unwatch);
    }
}

Code Ask::deliver(Envelope *envelope) {
    AskDone done = kind_ == Kind::question ? take_done() : nullptr;
    if (!done) {
        return system_->dead_letters().take(envelope, Code::STOPPED, *this);
    }
    if (envelope->type() == types::failure) {
        Status failure = patiently([&] { return decode_failure(envelope->payload()); });
        envelope->destroy();
        done(std::move(failure), nullptr);
    } else {
        done({}, envelope);
    }
    return Code::OK;
}

void Ask::deliver_system(SystemMessage *message) {
    if (message->kind == SystemKind::stop) {  // the system closes
        end(patiently([] { return Status(Code::CLOSED, "the system was closed before an answer came"); }), nullptr);
    } else if (message->kind == SystemKind::terminated && kind_ == Kind::stop) {
        Envelope *news = patiently([&] {
            return Envelope::certain(types::stopped,
                                     encode_terminated(message->existence_confirmed, message->address_terminated),
                                     message->subject.get(), message->trace);
        });
        end(Status(), news);
    } else if (message->kind == SystemKind::watch) {
        message->subject->deliver_system(SystemMessage::certain({SystemKind::terminated, hold(this)}));
    }
    delete message;
}

std::string Ask::path() const { return system_->address().text() + "/temp/" + AskTable::name(number_); }

}  // namespace motet
