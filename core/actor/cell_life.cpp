// The life of a cell: beginning, failing, restarting, stopping, and deciding about children that fail.
#include "core/actor/actor_timers.h"
#include "core/actor/cell.h"
#include "core/actor/continuations.h"
#include "core/actor/system.h"
#include "core/base/random.h"
#include "core/message/signals.h"

namespace motet {

namespace {

// What a child is told later; it lasts as long as its timer.
struct LateOrder final : RefCounted {
    LateOrder(Cell &to, SystemMessage *what) : child(&to), message(what) {}

    static void give(RefCounted &object, int64_t, uint64_t) {
        auto &order = static_cast<LateOrder &>(object);
        order.child->deliver_system(order.message.release());
    }

    const Ptr<Cell> child;
    std::unique_ptr<SystemMessage> message;
    Timer timer;
};

}  // namespace

std::vector<Ptr<Cell>> Cell::all_children() const {
    return patiently([&] { return children().all(); });
}

void Cell::process(SystemMessage &message) {
    switch (message.kind) {
    case SystemKind::stop:
        begin_stop(message.trace);
        return;
    case SystemKind::fail:
        set_cause(message.trace);
        fail(message.code, std::move(message.text), false);
        return;
    case SystemKind::suspend:
        ++state_.suspensions;
        tell_children(SystemKind::suspend);
        return;
    case SystemKind::resume:
        resume();
        return;
    case SystemKind::restart:
        set_cause(message.trace);
        begin_restart(message.code, message.text);
        return;
    case SystemKind::failed:
        set_cause(message.trace);
        supervise(static_cast<Cell &>(*message.subject), message);
        return;
    case SystemKind::child_terminated:
        child_gone();
        return;
    case SystemKind::watch:
        patiently([&] { watches().add_watcher(message.subject); });
        return;
    case SystemKind::unwatch:
        patiently([&] { watches().remove_watcher(*message.subject); });
        return;
    case SystemKind::terminated:
        // Queued behind what the subject has sent before.
        if (patiently([&] { return watches().announce(*message.subject); })) {
            Envelope *news = patiently([&] {
                return Envelope::certain(types::terminated,
                                         encode_terminated(message.existence_confirmed, message.address_terminated),
                                         message.subject.get(), message.trace);
            });
            if (nudge_.has_backlog) {
                rare_->backlog->append(news);
            } else {
                (void)mailbox_.push<false>(*news);  // a full mailbox does not refuse it
            }
        }
        return;
    }
}

// Ends all that is of this instance alone.
void Cell::forget_instance() {
    if (rare_ && rare_->timers) {
        rare_->timers->cancel_all();
    }
    if (rare_ && rare_->continuations) {
        rare_->continuations->cancel_all();  // they go on with the behaviour
    }
    if (rare_) {
        rare_->attendant.reset();
    }
    behavior_.reset();
}

bool Cell::make_behavior(Code &code, std::string &text) {
    forget_instance();
    if (props_->make_behavior && !make_own_behavior(code, text)) {
        return false;
    }
    if (props_->make_attendant) {
        rare().attendant = patiently([&] { return props_->make_attendant(*this); });
    }
    return true;
}

bool Cell::make_own_behavior(Code &code, std::string &text) {
    TraceContext cause = this->cause();
    Context context(*this, nullptr, cause, text);
    Result<std::unique_ptr<Behavior>> made = Status(Code::NO_MEMORY, "");
    (void)if_memory_allows([&] { made = props_->make_behavior(context); });
    if (!made.ok()) {
        code = made.status().code();
        text = made.status().message();
        return false;
    }
    behavior_ = std::move(made.value());
    return true;
}

// What another language must know of an actor that the engine makes there; nothing for any other.
static ByteVector pre_start_body(const Props &props) {
    if (!props.run_elsewhere() || (props.type.empty() && props.foreign_props == 0)) {
        return {};
    }
    return patiently([&] {
        return props.foreign_props != 0
                   ? encode_pre_start(props.foreign_props)
                   : encode_pre_start(props.type, props.arguments ? Bytes(*props.arguments) : Bytes());
    });
}

void Cell::begin() {
    state_.life = Life::running;
    Code code = Code::OK;
    std::string text;
    if (make_behavior(code, text)) {
        signal(types::pre_start, pre_start_body(*props_));
    } else {
        fail(code, text, true);
    }
}

void Cell::signal(TypeId type, Bytes body) {
    if (state_.has_signal) {
        take_signal()->destroy();
    }
    put_signal(patiently([&] { return Envelope::certain(type, body, nullptr, cause()); }));
}

void Cell::put_signal(Envelope *signal) {
    aside_.push_front(signal);
    state_.has_signal = true;
}

Envelope *Cell::take_signal() {
    state_.has_signal = false;
    return aside_.pop_front();
}

void Cell::tell_children(SystemKind kind, const Cell *but) {
    for (const Ptr<Cell> &child : all_children()) {
        if (child.get() != but) {
            child->deliver_system(SystemMessage::certain({kind, {}}));
        }
    }
}

// origin: the child whose failure this is; it has suspended itself.
void Cell::fail(Code code, std::string text, bool initial, const Cell *origin) {
    if (state_.life == Life::fresh) {
        begin();  // a child of it has failed before it had its first turn
    }
    if (state_.life != Life::running) {
        system_.log().write(LogLevel::warning,
                            [&] { return full_path() + " failed while it was stopping or restarting: " + text; });
        return;
    }
    state_.life = Life::failed;
    tell_children(SystemKind::suspend, origin);
    auto *news = SystemMessage::certain({SystemKind::failed, hold(this), code, std::move(text)});
    news->initial = initial;
    news->delay = backoff();
    news->props = props_;
    news->trace = cause();
    if (parent_) {
        parent_->deliver_system(news);
    } else {
        delete news;
        patiently([&] { system_.begin_close("a failure was escalated to the root"); });
    }
}

// How long it has to wait before it is restarted, having failed once more.
Nanos Cell::backoff() {
    const Backoff &backoff = props_->supervision.backoff;
    if (backoff.least == 0) {
        return 0;
    }
    Nanos now = system_.clock().now().mono;
    bool quiet = rare().failures > 0 && now - rare_->last_failure > backoff.quiet_time();
    int failures = quiet ? 0 : rare_->failures;
    rare_->failures = failures + 1;
    rare_->last_failure = now;
    return backoff.delay(failures, Random::keyed(incarnation_, static_cast<uint64_t>(now)).unit());
}

void Cell::forget_failed() {
    if (rare_ && rare_->failed) {
        std::exchange(rare_->failed, nullptr)->destroy();
    }
}

// Takes back one suspension, its own by a failure first, and that of its children.
void Cell::resume() {
    if (state_.life == Life::failed) {
        state_.life = Life::running;
        forget_failed();
    } else if (state_.suspensions > 0) {
        --state_.suspensions;
    } else {
        return;
    }
    tell_children(SystemKind::resume);
}

void Cell::begin_stop(const TraceContext &cause) {
    if (state_.life == Life::stopping || state_.life == Life::gone || state_.life == Life::terminated) {
        return;
    }
    set_cause(cause);
    // A foreign actor hears of its end also when it never began: its language has kept something for it since the
    // spawn.
    bool began = props_->run_elsewhere() || (state_.life != Life::fresh && behavior_ &&
                                             !(state_.has_signal && aside_.front()->type() == types::pre_start));
    state_.life = began ? Life::stopping : Life::gone;
    if (!began) {
        forget_instance();  // so that it hears nothing of its end, should that wait for children
    }
    if (state_.has_signal) {
        take_signal()->destroy();
    }
    accept_children(false);
    for (const Ptr<Cell> &child : all_children()) {
        child->deliver_system(SystemMessage::certain({.kind = SystemKind::stop, .subject = {}, .trace = cause}));
        state_.life = Life::stopping;
    }
    child_gone();
}

void Cell::begin_restart(Code code, const std::string &text) {
    const bool fresh =
        state_.life == Life::running && state_.has_signal;  // its instance has yet to hear that it is one
    if ((state_.life != Life::failed && state_.life != Life::running) || fresh) {
        return;
    }
    state_.life = Life::restarting;
    rare().restart_code = code;
    patiently([&] { rare().restart_text = text; });
    accept_children(false);
    const Envelope *failed = rare().failed;
    const char *type = failed ? system_.types().name(failed->type()) : nullptr;
    signal(types::pre_restart, patiently([&] {
               return encode_pre_restart(code, text, type ? type : "", failed ? failed->payload() : Bytes{});
           }));
    forget_failed();
}

// A child is gone, or nothing more is to be done before the children are: goes on with what waits for that.
void Cell::child_gone() {
    if (state_.has_signal) {
        return;
    }
    if (state_.life == Life::restarting) {
        tell_children(SystemKind::stop);
        if (children().empty()) {
            recreate();
        }
    } else if (state_.life == Life::stopping && children().empty()) {
        signal(types::post_stop);
    }
}

void Cell::recreate() {
    (void)unstash_all();
    accept_children(true);
    state_.life = Life::running;
    state_.suspensions = 0;
    Code code = Code::OK;
    std::string text;
    if (make_behavior(code, text)) {
        signal(types::post_restart,
               patiently([&] { return encode_failure(rare().restart_code, rare().restart_text); }));
    } else {
        fail(code, text, false);
    }
    rare().restart_text.clear();
}

// Accepts no children any more (it stops), or again (it has restarted).
void Cell::accept_children(bool accept) {
    Family *family = &Family::none(accept);
    if (!family_.compare_exchange_strong(family, &Family::none(!accept)) && family != &Family::none(!accept)) {
        family->close(!accept);
    }
}

void Cell::supervise(Cell &child, const SystemMessage &failure) {
    if (!children().contains(child)) {
        system_.log().write(LogLevel::warning,
                            [&] { return child.full_path() + " failed, and has stopped meanwhile: " + failure.text; });
        return;
    }
    const Supervision &supervision = static_cast<const Props &>(*failure.props).supervision;
    if (supervision.elsewhere) {
        supervision.elsewhere(child, failure);
        return;
    }
    Directive directive = failure.initial ? Directive::stop : supervision.decide(failure.code);
    if (directive == Directive::escalate) {
        if (state_.life == Life::failed) {  // whose children were suspended, the origin among them, for another failure
            child.deliver_system(SystemMessage::certain({SystemKind::resume, {}}));
        }
        fail(failure.code, patiently([&] { return failure.text; }), false, &child);
        return;
    }
    if (!supervision.all_for_one || directive == Directive::resume) {
        apply(directive, supervision, child, failure);
        return;
    }
    for (const Ptr<Cell> &sibling : all_children()) {
        apply(directive, supervision, *sibling, failure);
    }
}

void Cell::apply(Directive directive, const Supervision &supervision, Cell &child, const SystemMessage &failure) {
    if (directive == Directive::restart && !may_restart(supervision, child)) {
        directive = Directive::stop;
    }
    const bool restart = directive == Directive::restart;
    const bool resume = directive == Directive::resume;
    system_.log().write(resume ? LogLevel::warning : LogLevel::error, [&] {
        std::string outcome = restart ? "is restarted" : resume ? "goes on" : "is stopped";
        if (restart && failure.delay > 0) {
            outcome += " in " + std::to_string(failure.delay / kMillisecond) + " ms";
        }
        return child.full_path() + " failed and " + outcome + ": " + failure.text;
    });
    order(restart ? SystemKind::restart : resume ? SystemKind::resume : SystemKind::stop, child, failure);
}

// Tells a child what was decided; a restart when its time has come.
void Cell::order(SystemKind kind, Cell &child, const SystemMessage &failure) {
    auto *message = patiently([&] {
        return new SystemMessage{
            .kind = kind, .subject = {}, .code = failure.code, .text = failure.text, .trace = cause()};
    });
    if (kind == SystemKind::restart && failure.delay > 0) {
        auto later = patiently([&] { return make_counted<LateOrder>(child, message); });
        system_.timers().schedule(later->timer, failure.delay, {LateOrder::give, later});
    } else {
        child.deliver_system(message);
    }
}

// Counts a restart against the child's limit: max_retries within the window, which opens at the first restart in it.
bool Cell::may_restart(const Supervision &supervision, Cell &child) {
    int limit = supervision.max_retries;
    if (limit < 0 && supervision.within == 0) {
        return true;
    }
    if (limit < 0) {
        limit = 1;
    }
    auto now = static_cast<uint32_t>(system_.clock().now().mono / kMillisecond);
    if (supervision.within > 0 && now - child.window_start_ > supervision.within / kMillisecond) {
        child.window_start_ = now;
        child.restarts_ = 0;
    }
    return ++child.restarts_ <= limit;
}

}  // namespace motet
