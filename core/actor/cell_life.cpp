// The life of a cell: beginning, failing, restarting, stopping, and deciding about children that fail.
#include "core/actor/actor_timers.h"
#include "core/actor/cell.h"
#include "core/actor/system.h"
#include "core/message/signals.h"

namespace motet {

void Cell::start() { deliver_system(new SystemMessage{SystemKind::start, {}}); }

void Cell::process(SystemMessage &message) {
    switch (message.kind) {
    case SystemKind::start:
        begin();
        return;
    case SystemKind::stop:
        begin_stop(message.trace);
        return;
    case SystemKind::suspend:
        ++suspensions_;
        return;
    case SystemKind::resume:
        resume();
        return;
    case SystemKind::restart:
        cause_ = message.trace;
        begin_restart(message.code, message.text);
        return;
    case SystemKind::failed:
        cause_ = message.trace;
        supervise(static_cast<Cell &>(*message.subject), message.code, message.text, message.initial);
        return;
    case SystemKind::child_terminated:
        child_gone();
        return;
    case SystemKind::watch:
        watches_.add_watcher(message.subject);
        return;
    case SystemKind::unwatch:
        watches_.remove_watcher(*message.subject);
        return;
    case SystemKind::terminated:
        // Queued behind what the subject has sent before.
        if (watches_.announce(*message.subject)) {
            Envelope *news = Envelope::make(types::terminated,
                                            encode_terminated(message.existence_confirmed, message.address_terminated),
                                            message.subject.get(), message.trace);
            if (news) {
                accepted_.fetch_add(1, std::memory_order_relaxed);  // a full mailbox does not refuse it
                push(news);
            }
        }
        return;
    }
}

bool Cell::make_behavior(Code &code, std::string &text) {
    behavior_.reset();
    if (!props_->make_behavior) {
        return true;
    }
    Context context(*this, nullptr, cause_);
    Result<std::unique_ptr<Behavior>> made = props_->make_behavior(context);
    if (!made.ok()) {
        code = made.status().code();
        text = made.status().message();
        return false;
    }
    behavior_ = std::move(made.value());
    return true;
}

void Cell::begin() {
    if (life_ != Life::fresh) {
        return;
    }
    life_ = Life::running;
    Code code = Code::OK;
    std::string text;
    if (make_behavior(code, text)) {
        signal(types::pre_start);
    } else {
        fail(code, text, true);
    }
}

void Cell::signal(TypeId type, Bytes body) {
    if (signal_) {
        signal_->destroy();
    }
    signal_ = Envelope::make(type, body, nullptr, cause_);
    if (!signal_) {
        finish_signal(type, Code::OK, "");  // without memory the hook is left out, not the life
    }
}

void Cell::fail(Code code, std::string text, bool initial) {
    if (life_ != Life::running) {
        system_->log().warning(full_path() + " failed while it was stopping or restarting: " + text);
        return;
    }
    life_ = Life::failed;
    for (const Ptr<Cell> &child : children_.all()) {
        child->deliver_system(new SystemMessage{SystemKind::suspend, {}});
    }
    auto *news = new SystemMessage{SystemKind::failed, hold(this), code, std::move(text)};
    news->initial = initial;
    news->trace = cause_;
    if (parent_) {
        parent_->deliver_system(news);
    } else {
        delete news;
        system_->begin_close("a failure was escalated to the root");
    }
}

void Cell::resume() {
    if (life_ == Life::failed) {
        life_ = Life::running;
    } else if (suspensions_ > 0) {
        --suspensions_;
        return;
    } else {
        return;
    }
    for (const Ptr<Cell> &child : children_.all()) {
        child->deliver_system(new SystemMessage{SystemKind::resume, {}});
    }
}

void Cell::begin_stop(const TraceContext &cause) {
    if (life_ == Life::stopping || life_ == Life::gone || life_ == Life::terminated) {
        return;
    }
    cause_ = cause;
    // A foreign actor hears of its end also when it never began: its language has kept something for it since the
    // spawn.
    bool began =
        props_->foreign || (life_ != Life::fresh && behavior_ && !(signal_ && signal_->type() == types::pre_start));
    life_ = began ? Life::stopping : Life::gone;
    if (signal_) {
        std::exchange(signal_, nullptr)->destroy();
    }
    children_.close(true);
    for (const Ptr<Cell> &child : children_.all()) {
        child->deliver_system(new SystemMessage{.kind = SystemKind::stop, .subject = {}, .trace = cause_});
        life_ = Life::stopping;
    }
    child_gone();
}

void Cell::begin_restart(Code code, const std::string &text) {
    if (life_ != Life::failed && life_ != Life::running) {
        return;
    }
    life_ = Life::restarting;
    restart_code_ = code;
    restart_text_ = text;
    children_.close(true);
    signal(types::pre_restart, encode_failure(code, text));
}

// A child is gone, or nothing more is to be done before the children are: goes on with what waits for that.
void Cell::child_gone() {
    if (signal_) {
        return;
    }
    if (life_ == Life::restarting) {
        for (const Ptr<Cell> &child : children_.all()) {
            child->deliver_system(new SystemMessage{SystemKind::stop, {}});
        }
        if (children_.empty()) {
            recreate();
        }
    } else if (life_ == Life::stopping && children_.empty()) {
        signal(types::post_stop);
    }
}

void Cell::recreate() {
    if (timers_) {
        timers_->cancel_all();
    }
    children_.close(false);
    life_ = Life::running;
    suspensions_ = 0;
    Code code = Code::OK;
    std::string text;
    if (make_behavior(code, text)) {
        signal(types::post_restart, encode_failure(restart_code_, restart_text_));
    } else {
        fail(code, text, false);
    }
    restart_text_.clear();
}

void Cell::supervise(Cell &child, Code code, const std::string &text, bool initial) {
    if (children_.find(child.name()).get() != &child) {
        return;  // gone meanwhile
    }
    const Supervision &supervision = child.supervision();
    Directive directive = initial ? Directive::stop : supervision.directive;
    if (directive == Directive::escalate) {
        fail(code, text, false);
        return;
    }
    if (!supervision.all_for_one || directive == Directive::resume) {
        apply(directive, child, code, text);
        return;
    }
    for (const Ptr<Cell> &sibling : children_.all()) {
        apply(directive, *sibling, code, text);
    }
}

void Cell::apply(Directive directive, Cell &child, Code code, const std::string &text) {
    if (directive == Directive::restart && !may_restart(child)) {
        directive = Directive::stop;
    }
    switch (directive) {
    case Directive::restart:
        system_->log().error(child.full_path() + " failed and is restarted: " + text);
        child.deliver_system(
            new SystemMessage{.kind = SystemKind::restart, .subject = {}, .code = code, .text = text, .trace = cause_});
        return;
    case Directive::resume:
        system_->log().warning(child.full_path() + " failed and goes on: " + text);
        child.deliver_system(new SystemMessage{SystemKind::resume, {}});
        return;
    default:
        system_->log().error(child.full_path() + " failed and is stopped: " + text);
        child.deliver_system(
            new SystemMessage{.kind = SystemKind::stop, .subject = {}, .code = code, .text = text, .trace = cause_});
        return;
    }
}

// Counts a restart against the child's limit: max_retries within the window, which opens at the first restart in it.
bool Cell::may_restart(Cell &child) {
    const Supervision &supervision = child.supervision();
    int limit = supervision.max_retries;
    if (limit < 0 && supervision.within == 0) {
        return true;
    }
    if (limit < 0) {
        limit = 1;
    }
    Nanos now = system_->clock().now().mono;
    if (supervision.within > 0 && now - child.window_start_ > supervision.within) {
        child.window_start_ = now;
        child.restarts_ = 0;
    }
    return ++child.restarts_ <= limit;
}

}  // namespace motet
