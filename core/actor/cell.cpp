// Running a cell: what comes next, handing it to the behaviour, and what follows from the outcome.
#include "core/actor/cell.h"

#include "core/actor/actor_timers.h"
#include "core/actor/continuations.h"
#include "core/actor/path.h"
#include "core/actor/process_span.h"
#include "core/actor/system.h"
#include "core/message/signals.h"

namespace motet {

void Cell::process_system() {
    while (SystemMessage *message = take_system()) {
        while (message) {
            SystemMessage *next = message->next;
            process(*message);
            delete message;
            message = next;
        }
    }
}

// What the actor has to handle next, if anything. Begins its life and processes system messages on the way.
Cell::Item Cell::next() {
    for (;;) {
        if (system_inbox_.load(std::memory_order_relaxed)) [[unlikely]] {
            process_system();
        }
        if (!handles()) [[unlikely]] {
            if (state_.life == Life::fresh) {
                begin();
                continue;
            }
            if (set_aside()) {
                continue;
            }
        }
        if (state_.has_signal) [[unlikely]] {
            return {take_signal()};
        }
        if (!handles()) [[unlikely]] {
            return {};
        }
        Envelope *envelope = aside_.pop_front();
        if (envelope) [[unlikely]] {
            mailbox_.count_taken(*envelope);
        } else {
            QueueNode *front = mailbox_.front();
            if (front == &nudge_) [[unlikely]] {
                (void)take(*front);
                continue;
            }
            if (front) [[likely]] {
                envelope = static_cast<Envelope *>(front);
                mailbox_.count_taken(*envelope);
                if (!is_signal(envelope->type())) [[likely]] {
                    return {envelope, true};
                }
                mailbox_.remove(*envelope);
            } else {
                envelope = nudge_.has_backlog ? rare_->backlog->pop() : nullptr;
                if (!envelope) {
                    return {};
                }
            }
        }
        if (!is_signal(envelope->type()) || !auto_receive(envelope)) {
            return {envelope};
        }
    }
}

// Handles what every actor understands by itself. True: it is done with. A tick becomes the message it stands for.
bool Cell::auto_receive(Envelope *&envelope) {
    switch (envelope->type()) {
    case types::pre_start:
    case types::post_stop:
    case types::pre_restart:
    case types::post_restart:  // only the engine itself may send these, and not through the mailbox
        system_.dead_letters().take(envelope, Code::INVALID, *this);
        return true;
    case types::terminated:
        if (envelope->sender() && patiently([&] { return watches().hear(*envelope->sender()); })) {
            return false;
        }
        break;  // unwatched meanwhile
    case types::timer_tick:
        envelope = timers().redeem(envelope);
        return envelope == nullptr;
    case types::continuation:
        return false;
    case types::poison_pill:
        begin_stop(envelope->trace());
        break;
    case types::kill:
        set_cause(envelope->trace());
        fail(Code::FAILED, "killed", true);
        break;
    case types::identify:
        if (envelope->sender()) {
            if (Envelope *identity =
                    Envelope::make(types::actor_identity, envelope->payload(), this, envelope->trace())) {
                hold(envelope->sender())->deliver(identity);
            }
        }
        break;
    default:
        return false;
    }
    envelope->destroy();
    return true;
}

bool Cell::run(int throughput) {
    for (int n = 0; n < throughput; ++n) {
        Item item = next();
        if (item.in_mailbox) [[likely]] {
            if (handle_front(*item.envelope)) {
                return false;
            }
        } else if (item.envelope) {
            handle(item.envelope);
        } else if (state_.life == Life::gone) {
            terminate();  // the last thing that touches this cell
            return false;
        } else if (mailbox_.idle()) {
            return false;
        }
    }
    return true;
}

// Handles the front of the mailbox. True: the cell has become idle by that, and is no longer the caller's.
bool Cell::handle_front(Envelope &envelope) {
    if (silenced()) [[unlikely]] {
        mailbox_.remove(envelope);
        handle(&envelope);
        return false;
    }
    std::string text;
    Code code = invoke(envelope, text);
    if (code != Code::OK || !aside_.empty()) [[unlikely]] {
        mailbox_.remove(envelope);
        finish(&envelope, code, std::move(text));
        return false;
    }
    bool idle = mailbox_.remove_and_idle(envelope);
    envelope.destroy();
    return idle;
}

void Cell::handle(Envelope *envelope) {
    if (envelope->type() == types::continuation) {
        go_on(envelope);
        return;
    }
    if (silenced() && !is_signal(envelope->type())) [[unlikely]] {
        system_.dead_letters().take(envelope, Code::STOPPED, *this);
        return;
    }
    std::string text;
    Code code = silenced() ? Code::OK : invoke(*envelope, text);
    finish(envelope, code, std::move(text));
}

// Whether no handler runs any more: its foreign dispatcher is closed, or the system ended while it was in a handler.
bool Cell::silenced() const { return !behavior_ || system_.cut_off(); }

Code Cell::invoke(const Envelope &envelope, std::string &text) {
    if (rare_ && rare_->attendant) [[unlikely]] {
        rare_->attendant->begins(envelope);
    }
    Code code = run_handler(envelope, text, [&](Context &context) { return behavior_->receive(context, envelope); });
    if (rare_ && rare_->attendant) [[unlikely]] {
        rare_->attendant->ended(envelope, code);
    }
    return code;
}

template <typename Handling>
inline Code Cell::run_handler(const Envelope &envelope, std::string &text, Handling &&handling) {
    ProcessSpan span(system_, envelope, *this);
    Context context(*this, &envelope, span.context(), text);
    CurrentTrace current(context.trace());
    Code code = Code::NO_MEMORY;
    (void)if_memory_allows([&] { code = handling(context); });
    if (rare_ && rare_->timers) [[unlikely]] {
        rare_->timers->handled();
    }
    span.end(code, text);
    return code;
}

// Goes on with what waited for a future, as part of the handling of the message that began it.
void Cell::go_on(Envelope *tick) {
    std::unique_ptr<Continuations::Entry> entry = continuations().take(tick);
    if (!entry) {
        return;
    }
    std::string text;
    Code code = Code::OK;
    if (!silenced()) {
        code = run_handler(*entry->message, text,
                           [&](Context &context) { return entry->continuation->run(context, *entry->future); });
    }
    Envelope *message = std::exchange(entry->message, nullptr);
    entry.reset();
    if (code == Code::UNHANDLED && !is_signal(message->type())) {
        system_.dead_letters().take(message, code, *this);
    } else if (code != Code::OK && code != Code::UNHANDLED) {
        fail_by(message, code, std::move(text));
    } else {
        message->destroy();
    }
}

// Acts on the outcome of handling an envelope, and ends the envelope.
void Cell::finish(Envelope *envelope, Code code, std::string text) {
    TypeId type = envelope->type();
    if (type <= types::post_restart && type > 0) {
        finish_signal(type, code == Code::UNHANDLED ? Code::OK : code, text);
        envelope->destroy();
        return;
    }
    if (code == Code::UNHANDLED) {
        if (type == types::terminated) {
            code = Code::FAILED;
            text = patiently([&] {
                return "the end of " + envelope->sender()->full_path() + ", which it watched, was not handled";
            });
        } else if (!is_signal(type)) {
            system_.dead_letters().take(envelope, Code::UNHANDLED, *this);
            return;
        } else {
            code = Code::OK;
        }
    }
    if (code != Code::OK) {
        fail_by(envelope, code, std::move(text));
        return;
    }
    envelope->destroy();
}

// The handling of a message has failed: keeps it for whoever wants to know which it was.
void Cell::fail_by(Envelope *envelope, Code code, std::string text) {
    set_cause(envelope->trace());
    if (text.empty()) {
        patiently([&] { text = code_text(code); });
    }
    (void)if_memory_allows([&] { tell_asker(*envelope, code, text); });  // else he waits for the timeout
    forget_failed();
    rare().failed = envelope;
    fail(code, std::move(text), false);
}

// Who asked, here or on another node, learns at once why there will be no answer, and does not wait for the timeout.
void Cell::tell_asker(const Envelope &question, Code code, const std::string &text) {
    Ref asker = hold(question.sender());
    Result<ActorPath> path = asker ? ActorPath::parse(asker->path()) : Result<ActorPath>(ActorPath());
    if (path.ok() && path.value().temporary()) {
        Envelope *answer = Envelope::make(types::failure, encode_failure(code, text), this, question.trace());
        if (answer) {
            asker->deliver(answer);
        }
    }
}

void Cell::finish_signal(TypeId signal, Code code, const std::string &text) {
    switch (signal) {
    case types::pre_start:
        if (code != Code::OK) {
            fail(code, patiently([&] { return text.empty() ? code_text(code) : text; }), true);
        }
        return;
    case types::pre_restart:
        if (code != Code::OK) {
            system_.log().write(LogLevel::warning, [&] { return full_path() + ": pre-restart failed: " + text; });
        }
        child_gone();  // goes on when there are no children
        return;
    case types::post_restart:
        if (code != Code::OK) {
            fail(code, patiently([&] { return text.empty() ? code_text(code) : text; }), false);
        }
        return;
    case types::post_stop:
        if (code != Code::OK) {
            system_.log().write(LogLevel::warning, [&] { return full_path() + ": post-stop failed: " + text; });
        }
        state_.life = Life::gone;
        return;
    default:
        return;
    }
}

std::vector<Envelope *> Cell::claim(size_t most) {
    std::vector<Envelope *> &claimed = rare().claimed;
    patiently([&] { claimed.reserve(most); });
    while (claimed.size() < most) {
        Item item = next();
        if (!item.envelope) {
            break;
        }
        if (item.in_mailbox) {
            mailbox_.remove(*item.envelope);
        }
        claimed.push_back(item.envelope);
        if (rare_->attendant) {
            rare_->attendant->begins(*item.envelope);
        }
        TypeId type = item.envelope->type();
        if (type <= types::post_restart || system_.recorder().records(item.envelope->trace())) {
            break;  // what comes next depends on how this ends, or its span does
        }
    }
    if (claimed.empty()) {
        reschedule();
        return {};
    }
    return claimed;
}

const Envelope *Cell::claimed(size_t index) const {
    return rare_ && index < rare_->claimed.size() ? rare_->claimed[index] : nullptr;
}

void Cell::complete(size_t handled, Code code, std::string text) {
    std::vector<Envelope *> claim = std::exchange(rare().claimed, {});
    size_t ended = std::min(handled + (code == Code::OK ? 0 : 1), claim.size());
    Envelope *signal = nullptr;
    for (size_t i = claim.size(); i > ended; --i) {
        if (Envelope *left = claim[i - 1]; left->type() <= types::post_restart) {
            signal = left;
        } else {
            aside_.push_front(left);
            mailbox_.count_returned(*left);
        }
    }
    if (signal) {
        put_signal(signal);
    }
    for (size_t i = 0; i < ended; ++i) {
        const Code outcome = i < handled ? Code::OK : code;
        if (rare_->attendant) {
            rare_->attendant->ended(*claim[i], outcome);
        }
        finish(claim[i], outcome, i < handled ? "" : std::move(text));
    }
    reschedule();
}

// Ends a turn outside run(): the cell terminates, becomes idle, or is scheduled for its next turn.
void Cell::reschedule() {
    if (state_.life == Life::gone) {
        terminate();
        return;
    }
    bool waits = !aside_.empty() || (nudge_.has_backlog && rare_->backlog->waiting() > 0);
    bool nothing = !state_.has_signal && !(waits && handles()) && !mailbox_.front();
    if (!nothing || !mailbox_.idle()) {
        dispatcher_.schedule(this);
    }
}

Cell::Rare &Cell::rare() {
    if (!rare_) {
        rare_ = patiently([] { return std::make_unique<Rare>(); });
    }
    return *rare_;
}

void Cell::set_cause(const TraceContext &cause) {
    if (rare_ || !cause.none()) {
        rare().cause = cause;
    }
}

const Ptr<const Hop> &Cell::hop() {
    if (!rare().hop) {
        rare_->hop = make_counted<Hop>(path());
    }
    return rare_->hop;
}

ActorTimers &Cell::timers() {
    if (!rare().timers) {
        rare_->timers = std::make_unique<ActorTimers>(*this);
    }
    return *rare_->timers;
}

Continuations &Cell::continuations() {
    if (!rare().continuations) {
        rare_->continuations = std::make_unique<Continuations>(*this);
    }
    return *rare_->continuations;
}

// Made by whoever needs it first, on any thread.
Watches &Cell::watches() {
    Watches *watches = watches_.load(std::memory_order_acquire);
    if (!watches) {
        auto made = std::make_unique<Watches>();
        if (watches_.compare_exchange_strong(watches, made.get(), std::memory_order_acq_rel)) {
            watches = made.release();
        }
    }
    return *watches;
}

Family &Cell::family() {
    Family *family = family_.load(std::memory_order_acquire);
    if (family == &Family::none(false)) {
        auto made = std::make_unique<Family>();
        if (family_.compare_exchange_strong(family, made.get(), std::memory_order_acq_rel)) {
            family = made.release();
        }
    }
    return *family;
}

void Cell::watch(ActorRef &target) {
    if (&target != this) {
        watches().watch(target, std::make_unique<SystemMessage>(SystemMessage{
                                    .kind = SystemKind::watch, .subject = hold(this), .trace = CurrentTrace::get()}));
    }
}

void Cell::unwatch(ActorRef &target) {
    watches().unwatch(target, std::make_unique<SystemMessage>(SystemMessage{
                                  .kind = SystemKind::unwatch, .subject = hold(this), .trace = CurrentTrace::get()}));
}

std::string Cell::path() const {
    if (!parent_) {
        return system_.address().text();
    }
    return parent_->path() + "/" + name();
}

}  // namespace motet
