// The mailbox of a cell: a lock-free stack that many threads push to and the runner takes whole, and the runner's own
// list in order of arrival.
// Source of the idea: the LIFO inbox of the C++ Actor Framework, D. Charousset et al., 2013.
#include "core/actor/actor_timers.h"
#include "core/actor/cell.h"
#include "core/actor/system.h"

namespace motet {

namespace {
Envelope *const kIdle = reinterpret_cast<Envelope *>(1);
Envelope *const kClosed = reinterpret_cast<Envelope *>(2);
Envelope *const kNudged = reinterpret_cast<Envelope *>(3);

// Whether what stands in an inbox is an envelope, and not a mark.
bool is_envelope(const Envelope *head) { return reinterpret_cast<uintptr_t>(head) > 3; }

// The same envelopes, the oldest first.
Envelope *reversed(Envelope *newest) {
    Envelope *oldest = nullptr;
    while (is_envelope(newest)) {
        Envelope *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}
SystemMessage *const kSystemClosed = reinterpret_cast<SystemMessage *>(1);
}  // namespace

Cell::Cell(System &system, Cell *parent, std::string name, Ptr<const Props> props, Dispatcher &dispatcher,
           int64_t capacity)
    : system_(&system), parent_(parent), name_(std::move(name)), props_(std::move(props)),
      supervision_(props_->supervision), dispatcher_(dispatcher), incarnation_(system.next_incarnation()),
      capacity_(capacity), routing_(props_->make_routing ? props_->make_routing() : nullptr), inbox_(kIdle),
      system_inbox_(nullptr) {}

Cell::~Cell() {
    // A cell that was never started, or whose system ended before it could stop.
    for (Envelope *claimed : claimed_) {
        claimed->destroy();
    }
    if (signal_) {
        signal_->destroy();
    }
    while (Envelope *left = local_.pop_front()) {
        left->destroy();
    }
    Envelope *left = inbox_.load();
    while (is_envelope(left)) {
        std::exchange(left, left->next)->destroy();
    }
    SystemMessage *message = system_inbox_.load();
    while (message && message != kSystemClosed) {
        delete std::exchange(message, message->next);
    }
}

Code Cell::deliver(Envelope *envelope) {
    if (routing_ && !is_signal(envelope->type())) [[unlikely]] {
        return routing_->route(envelope, *this);
    }
    if (accepted_.fetch_add(1, std::memory_order_relaxed) - taken_.load(std::memory_order_relaxed) >= capacity_) {
        accepted_.fetch_sub(1, std::memory_order_relaxed);
        return system_->dead_letters().take(envelope, stopped() ? Code::STOPPED : Code::MAILBOX_FULL, *this);
    }
    return push(envelope);
}

Code Cell::push(Envelope *envelope) {
    Envelope *head = inbox_.load(std::memory_order_relaxed);
    do {
        if (head == kClosed) {
            return system_->dead_letters().take(envelope, Code::STOPPED, *this);
        }
        envelope->next = is_envelope(head) ? head : nullptr;
    } while (!inbox_.compare_exchange_weak(head, envelope));
    if (head == kIdle) {
        dispatcher_.schedule(this);
    }
    return Code::OK;
}

void Cell::deliver_system(SystemMessage *message) {
    SystemMessage *head = system_inbox_.load();
    do {
        if (head == kSystemClosed) {
            if (message->kind == SystemKind::watch) {
                message->subject->deliver_system(
                    new SystemMessage{.kind = SystemKind::terminated, .subject = hold(this), .trace = message->trace});
            }
            delete message;
            return;
        }
        message->next = head;
    } while (!system_inbox_.compare_exchange_weak(head, message));
    wake();
}

// After a system message was pushed: makes an idle cell run, and keeps a running one from becoming idle before it has
// looked again. An inbox with envelopes does that by itself.
void Cell::wake() {
    Envelope *head = inbox_.load();
    while (head == kIdle || head == nullptr) {
        if (inbox_.compare_exchange_weak(head, head == kIdle ? nullptr : kNudged)) {
            if (head == kIdle) {
                dispatcher_.schedule(this);
            }
            return;
        }
    }
}

bool Cell::stopped() const { return inbox_.load(std::memory_order_acquire) == kClosed; }

// The oldest system messages first.
SystemMessage *Cell::take_system() {
    if (!system_inbox_.load()) {
        return nullptr;
    }
    SystemMessage *newest = system_inbox_.exchange(nullptr, std::memory_order_acq_rel);
    SystemMessage *oldest = nullptr;
    while (newest) {
        SystemMessage *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

void Cell::drain_inbox() {
    if (!inbox_.load(std::memory_order_relaxed)) {
        return;
    }
    Envelope *oldest = reversed(inbox_.exchange(nullptr));
    while (oldest) {
        local_.push_back(std::exchange(oldest, oldest->next));
    }
}

Envelope *Cell::pop_user() {
    if (local_.empty()) {
        drain_inbox();
    }
    Envelope *first = local_.pop_front();
    if (first) {
        taken_.store(taken_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    return first;
}

// Becomes idle, unless there is work. True: the cell is no longer the caller's, and may be gone.
bool Cell::go_idle() {
    bool waiting = suspensions_ > 0 || life_ != Life::running;  // then messages wait in the runner's list
    if (!waiting && !local_.empty()) {
        return false;
    }
    if (waiting && inbox_.load(std::memory_order_relaxed)) {
        drain_inbox();
        return false;
    }
    Envelope *empty = nullptr;
    return inbox_.compare_exchange_strong(empty, kIdle);
}

void Cell::abandon() {
    for (const Ptr<Cell> &child : children_.all()) {
        child->abandon();
    }
    if (life_ != Life::terminated) {
        terminate();
    }
}

void Cell::terminate() {
    Ptr<Cell> self(this);  // the family's hold ends below
    life_ = Life::terminated;
    timers_.reset();
    behavior_.reset();
    if (routing_) {
        routing_->close();
    }
    children_.close(true);
    Envelope *oldest = reversed(inbox_.exchange(kClosed));
    while (oldest) {
        local_.push_back(std::exchange(oldest, oldest->next));
    }
    for (Envelope *claimed : std::exchange(claimed_, {})) {
        local_.push_back(claimed);
    }
    while (Envelope *left = local_.pop_front()) {
        if (left->type() == types::terminated || left->type() == types::timer_tick) {
            left->destroy();
        } else {
            system_->dead_letters().take(left, Code::STOPPED, *this);
        }
    }
    SystemMessage *message = system_inbox_.exchange(kSystemClosed, std::memory_order_acq_rel);
    while (message) {
        SystemMessage *next = message->next;
        if (message->kind == SystemKind::watch) {
            watches_.add_watcher(std::move(message->subject));
        } else if (message->kind == SystemKind::unwatch) {
            watches_.remove_watcher(*message->subject);
        }
        delete message;
        message = next;
    }
    system_->events().forget(*this);
    for (Ref &target : watches_.take_targets()) {
        target->deliver_system(new SystemMessage{SystemKind::unwatch, self});
    }
    if (parent_) {
        parent_->children().remove(name_, *this);
    }
    for (Ref &watcher : watches_.take_watchers()) {
        watcher->deliver_system(new SystemMessage{.kind = SystemKind::terminated, .subject = self, .trace = cause_});
    }
    if (parent_) {
        parent_->deliver_system(new SystemMessage{SystemKind::child_terminated, self});
    }
    system_->cell_terminated(*this);
    props_ = nullptr;  // what they hold may hold refs to this cell
}

}  // namespace motet
