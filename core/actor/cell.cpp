// Running a cell: what comes next, handing it to the behaviour, and what follows from the outcome.
#include "core/actor/cell.h"

#include "core/actor/actor_timers.h"
#include "core/actor/path.h"
#include "core/actor/process_span.h"
#include "core/actor/system.h"
#include "core/message/signals.h"

namespace motet {

// What the actor has to handle next; nullptr: nothing now. Processes system messages on the way.
Envelope *Cell::next_item() {
    for (;;) {
        while (SystemMessage *message = take_system()) {
            while (message) {
                SystemMessage *next = message->next;
                process(*message);
                delete message;
                message = next;
            }
        }
        if (signal_) {
            return std::exchange(signal_, nullptr);
        }
        if (life_ != Life::running || suspensions_ > 0) {
            return nullptr;
        }
        Envelope *envelope = pop_user();
        if (!envelope || !is_signal(envelope->type()) || !auto_receive(envelope)) {
            return envelope;
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
        system_->dead_letters().take(envelope, Code::INVALID, *this);
        return true;
    case types::terminated:
        if (envelope->sender() && watches_.remove_target(*envelope->sender())) {
            return false;
        }
        break;  // unwatched meanwhile
    case types::timer_tick:
        envelope = timers().redeem(envelope);
        return envelope == nullptr;
    case types::poison_pill:
        begin_stop(envelope->trace());
        break;
    case types::kill:
        cause_ = envelope->trace();
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
        Envelope *envelope = next_item();
        if (!envelope) {
            if (life_ == Life::gone) {
                terminate();  // the last thing that touches this cell
                return false;
            }
            if (go_idle()) {
                return false;
            }
            continue;
        }
        handle(envelope);
    }
    return true;
}

void Cell::handle(Envelope *envelope) {
    // Its foreign dispatcher is closed, or the system ended while it was in a handler: no handler runs any more.
    if (!behavior_ || system_->cut_off()) [[unlikely]] {
        if (is_signal(envelope->type())) {
            finish(envelope, Code::OK, {});
        } else {
            system_->dead_letters().take(envelope, Code::STOPPED, *this);
        }
        return;
    }
    ProcessSpan span(*system_, *envelope, *this);
    Context context(*this, envelope, span.context());
    CurrentTrace current(context.trace());
    Code code = behavior_->receive(context, *envelope);
    span.end(code, context.failure());
    if (code == Code::OK && !is_signal(envelope->type())) [[likely]] {
        envelope->destroy();
        return;
    }
    finish(envelope, code, std::move(context.failure()));
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
            text = "the end of " + envelope->sender()->full_path() + ", which it watched, was not handled";
        } else if (!is_signal(type)) {
            system_->dead_letters().take(envelope, Code::UNHANDLED, *this);
            return;
        } else {
            code = Code::OK;
        }
    }
    if (code != Code::OK) {
        cause_ = envelope->trace();
        text = text.empty() ? code_text(code) : std::move(text);
        tell_asker(*envelope, code, text);
        fail(code, std::move(text), false);
    }
    envelope->destroy();
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
            fail(code, text.empty() ? code_text(code) : text, true);
        }
        return;
    case types::pre_restart:
        if (code != Code::OK) {
            system_->log().warning(full_path() + ": pre-restart failed: " + text);
        }
        child_gone();  // goes on when there are no children
        return;
    case types::post_restart:
        if (code != Code::OK) {
            fail(code, text.empty() ? code_text(code) : text, false);
        }
        return;
    case types::post_stop:
        if (code != Code::OK) {
            system_->log().warning(full_path() + ": post-stop failed: " + text);
        }
        life_ = Life::gone;
        return;
    default:
        return;
    }
}

std::vector<Envelope *> Cell::claim(size_t most) {
    while (claimed_.size() < most) {
        Envelope *envelope = next_item();
        if (!envelope) {
            break;
        }
        claimed_.push_back(envelope);
        if (envelope->type() <= types::post_restart || system_->recorder().records(envelope->trace())) {
            break;  // what comes next depends on how this ends, or its span does
        }
    }
    if (claimed_.empty()) {
        reschedule();
        return {};
    }
    return claimed_;
}

const Envelope *Cell::claimed(size_t index) const { return index < claimed_.size() ? claimed_[index] : nullptr; }

void Cell::complete(size_t handled, Code code, std::string text) {
    std::vector<Envelope *> claim = std::move(claimed_);
    claimed_.clear();
    size_t ended = std::min(handled + (code == Code::OK ? 0 : 1), claim.size());
    for (size_t i = claim.size(); i > ended; --i) {
        if (Envelope *left = claim[i - 1]; left->type() <= types::post_restart) {
            signal_ = left;
        } else {
            local_.push_front(left);
            taken_.store(taken_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        }
    }
    for (size_t i = 0; i < ended; ++i) {
        finish(claim[i], i < handled ? Code::OK : code, i < handled ? "" : std::move(text));
    }
    reschedule();
}

// Ends a turn outside run(): the cell terminates, becomes idle, or is scheduled for its next turn.
void Cell::reschedule() {
    if (life_ == Life::gone) {
        terminate();
    } else if (!go_idle()) {
        dispatcher_.schedule(this);
    }
}

ActorTimers &Cell::timers() {
    if (!timers_) {
        timers_ = std::make_unique<ActorTimers>(*this);
    }
    return *timers_;
}

void Cell::watch(ActorRef &target) {
    if (&target == this || !watches_.add_target(target)) {
        return;
    }
    target.deliver_system(
        new SystemMessage{.kind = SystemKind::watch, .subject = hold(this), .trace = CurrentTrace::get()});
}

void Cell::unwatch(ActorRef &target) {
    if (watches_.remove_target(target)) {
        target.deliver_system(
            new SystemMessage{.kind = SystemKind::unwatch, .subject = hold(this), .trace = CurrentTrace::get()});
    }
}

std::string Cell::path() const {
    if (!parent_) {
        return system_->address().text();
    }
    return parent_->path() + "/" + name_;
}

}  // namespace motet
