// The border of a cell: what comes in by its mailbox and its system inbox, and what becomes of it at the end.
#include "core/actor/actor_timers.h"
#include "core/actor/cell.h"
#include "core/actor/continuations.h"
#include "core/actor/system.h"

namespace motet {

static SystemMessage *const kSystemClosed = reinterpret_cast<SystemMessage *>(1);

// The bound of the mailbox itself; a backlog has its own.
static uint32_t bound_of(const MailboxSettings &settings) {
    bool bounded = settings.plain() && settings.capacity > 0 && settings.capacity < Mailbox::kNoBound;
    return bounded ? static_cast<uint32_t>(settings.capacity) : Mailbox::kNoBound;
}

Cell::Cell(System &system, Cell *parent, ActorName name, Ptr<const Props> props, Dispatcher &dispatcher,
           const MailboxSettings &mailbox)
    : parent_(parent), name_(std::move(name)), mailbox_(bound_of(mailbox)), system_(system),
      incarnation_(system.next_incarnation()), props_(std::move(props)), dispatcher_(dispatcher),
      family_(&Family::none(false)) {
    if (props_->make_routing) {
        nudge_.is_router = true;
        rare_ = std::make_unique<Rare>();
        rare_->routing = props_->make_routing();
    }
    if (!mailbox.plain()) {
        nudge_.has_backlog = true;
        rare_ = rare_ ? std::move(rare_) : std::make_unique<Rare>();
        rare_->backlog = std::make_unique<Backlog>(mailbox);
    }
    if (!parent) {
        rare().system = Ptr<System>(&system);
    }
}

Cell::~Cell() {
    // Of a cell that was never started, or whose system ended before it could stop.
    drain();
    while (Envelope *left = aside_.pop_front()) {
        left->destroy();
    }
    SystemMessage *message = system_inbox_.load();
    while (message && message != kSystemClosed) {
        delete std::exchange(message, message->next);
    }
    if (Family *family = family_.load(); family != &Family::none(false) && family != &Family::none(true)) {
        delete family;
    }
    if (Watches *watches = watches_.load(); watches != &Watches::none()) {
        delete watches;
    }
}

Code Cell::deliver(Envelope *envelope) {
    if (nudge_.is_router && rare_->routing->routes(envelope->type())) [[unlikely]] {
        return rare_->routing->route(envelope, *this);
    }
    if (nudge_.has_backlog) [[unlikely]] {
        return deliver_to_backlog(envelope);
    }
    switch (Mailbox::Pushed pushed = mailbox_.push(*envelope)) {
    case Mailbox::Pushed::woken:
        dispatcher_.schedule(this);
        return Code::OK;
    case Mailbox::Pushed::queued:
        return Code::OK;
    default:
        return refuse(envelope, pushed);
    }
}

void Cell::deliver_tick(Envelope *tick) {
    if (nudge_.has_backlog) [[unlikely]] {
        rare_->backlog->append(tick);
        nudge();
        return;
    }
    switch (mailbox_.push<false>(*tick)) {
    case Mailbox::Pushed::woken:
        dispatcher_.schedule(this);
        return;
    case Mailbox::Pushed::queued:
        return;
    default:
        tick->destroy();
    }
}

Code Cell::refuse(Envelope *envelope, Mailbox::Pushed why) {
    Code cause = why == Mailbox::Pushed::closed ? Code::STOPPED : Code::MAILBOX_FULL;
    return system_.dead_letters().take(envelope, cause, *this);
}

Code Cell::deliver_to_backlog(Envelope *envelope) {
    Backlog::Pushed pushed = rare_->backlog->push(envelope);
    if (pushed.code != Code::OK) {
        if (pushed.code == Code::MAILBOX_FULL) {
            (void)if_memory_allows([&] { overflow(*envelope); });  // else the next message that finds no room tries
        }
        return system_.dead_letters().take(envelope, pushed.code, *this);
    }
    nudge();
    if (pushed.dropped) {
        system_.dead_letters().take(pushed.dropped, Code::MAILBOX_FULL, *this);
    }
    if (pushed.high_water) {
        const MailboxSettings &settings = rare_->backlog->settings();
        (void)if_memory_allows([&] {
            system_.events().publish(types::mailbox_high_water,
                                     encode_high_water(path(), settings.high_water, settings.capacity));
        });
    }
    return Code::OK;
}

// What follows, by the policy of the mailbox, from a message that found no room.
void Cell::overflow(const Envelope &envelope) {
    Overflow policy = rare_->backlog->settings().overflow;
    if (policy == Overflow::stop) {
        deliver_system(new SystemMessage{.kind = SystemKind::stop, .subject = {}, .trace = envelope.trace()});
    } else if (policy == Overflow::fail_sender) {
        if (auto *sender = Cell::from(const_cast<ActorRef *>(envelope.sender()))) {
            sender->deliver_system(new SystemMessage{.kind = SystemKind::fail,
                                                     .subject = {},
                                                     .code = Code::MAILBOX_FULL,
                                                     .text = "the mailbox of " + path() + " refused its message",
                                                     .trace = envelope.trace()});
        }
    }
}

void Cell::deliver_system(SystemMessage *message) {
    SystemMessage *head = system_inbox_.load();
    do {
        if (head == kSystemClosed) {
            if (message->kind == SystemKind::watch) {
                message->subject->deliver_system(SystemMessage::certain(
                    {.kind = SystemKind::terminated, .subject = hold(this), .trace = message->trace}));
            }
            delete message;
            return;
        }
        message->next = head;
    } while (!system_inbox_.compare_exchange_weak(head, message));
    nudge();
}

// After something was put beside the mailbox: makes sure that the runner will look. A nudge that is still on its way
// will do.
void Cell::nudge() {
    if (!nudge_.sent.exchange(true) && mailbox_.push<false>(nudge_) == Mailbox::Pushed::woken) {
        dispatcher_.schedule(this);
    }
}

// Removes the front of the mailbox; nullptr when it was the nudge.
Envelope *Cell::take(QueueNode &front) {
    mailbox_.remove(front);
    if (&front == &nudge_) {
        nudge_.sent.exchange(false);  // whoever has something new nudges again
        return nullptr;
    }
    return static_cast<Envelope *>(&front);
}

// Takes what is in the mailbox out of it, to be handled when the actor can again. True: the nudge was among it.
bool Cell::set_aside() {
    bool nudged = false;
    while (QueueNode *front = mailbox_.front()) {
        if (Envelope *envelope = take(*front)) {
            aside_.push_back(envelope);
        } else {
            nudged = true;
        }
    }
    return nudged;
}

static SystemMessage *oldest_first(SystemMessage *newest) {
    SystemMessage *oldest = nullptr;
    while (newest) {
        SystemMessage *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

SystemMessage *Cell::take_system() {
    return system_inbox_.load() ? oldest_first(system_inbox_.exchange(nullptr)) : nullptr;
}

Code Cell::stash(const Envelope &envelope) {
    int64_t capacity = props_->stash_capacity > 0 ? props_->stash_capacity : system_.stash_capacity();
    if (rare().stashed >= capacity) {
        return Code::MAILBOX_FULL;
    }
    Envelope *copy = envelope.copy();
    if (!copy) {
        return Code::NO_MEMORY;
    }
    rare_->stash.push_back(copy);
    ++rare_->stashed;
    return Code::OK;
}

int64_t Cell::unstash_all() {
    if (!rare_ || rare_->stashed == 0) {
        return 0;
    }
    while (Envelope *envelope = aside_.pop_front()) {
        rare_->stash.push_back(envelope);
    }
    while (Envelope *envelope = rare_->stash.pop_front()) {
        aside_.push_back(envelope);
    }
    return std::exchange(rare_->stashed, 0);
}

// Takes together all that the cell holds and has not handled.
void Cell::drain() {
    if (state_.has_signal) {
        take_signal()->destroy();
    }
    (void)unstash_all();
    (void)set_aside();
    if (nudge_.has_backlog) {
        rare_->backlog->close(aside_);
    }
    if (rare_) {
        forget_failed();
        for (Envelope *claimed : std::exchange(rare_->claimed, {})) {
            aside_.push_back(claimed);
        }
    }
}

void Cell::abandon() {
    for (const Ptr<Cell> &child : children().all()) {
        child->abandon();
    }
    if (state_.life != Life::terminated) {
        mailbox_.seize();
        terminate();
    }
}

void Cell::terminate() {
    Ptr<Cell> self(this);  // the family's hold ends below
    state_.life = Life::terminated;
    forget_instance();
    if (rare_) {
        rare_->timers.reset();
        rare_->continuations.reset();
    }
    if (nudge_.is_router) {
        patiently([&] { rare_->routing->close(*this); });
    }
    accept_children(false);
    do {
        drain();
    } while (!mailbox_.close());
    while (Envelope *left = aside_.pop_front()) {
        if (is_owed(left->type())) {
            left->destroy();
        } else {
            system_.dead_letters().take(left, Code::STOPPED, *this);
        }
    }
    system_.events().forget(*this);
    tell_end();
    system_.cell_terminated(*this);
    props_ = nullptr;  // what they hold may hold refs to this cell
}

// Closes the system inbox: from then on whoever watches is told at once. So all that an end means is true before: the
// mailbox is closed, the name is free.
void Cell::close_inbox() {
    SystemMessage *message = oldest_first(system_inbox_.exchange(kSystemClosed));
    while (message) {
        SystemMessage *next = message->next;
        if (message->kind == SystemKind::watch) {
            patiently([&] { watches().add_watcher(message->subject); });
        } else if (message->kind == SystemKind::unwatch) {
            patiently([&] { watches().remove_watcher(*message->subject); });
        }
        delete message;
        message = next;
    }
}

// Tells whom it watched, who watched it, and its parent if that waits for it.
void Cell::tell_end() {
    const bool awaited = parent_ && parent_->family().remove(*this);
    close_inbox();
    Watches *watches = nullptr;
    watches_.compare_exchange_strong(watches, &Watches::none(), std::memory_order_acq_rel);
    if (watches) {
        for (Watches::Target &target : watches->close()) {
            target.ref->deliver_system(SystemMessage::certain({SystemKind::unwatch, hold(this)}));
        }
    }
    if (watches) {
        for (Ref &watcher : watches->take_watchers()) {
            watcher->deliver_system(
                SystemMessage::certain({.kind = SystemKind::terminated, .subject = hold(this), .trace = cause()}));
        }
    }
    if (awaited) {
        parent_->deliver_system(SystemMessage::certain({SystemKind::child_terminated, hold(this)}));
    }
}

}  // namespace motet
