// Cell is one local actor: its mailbox, its life, its place in the tree. It is a ref that is dereferenced directly, and
// stays one after the actor has stopped.
//
// Invariants:
//  1. At most one thread runs a cell at a time; everything marked "runner" belongs to that thread.
//  2. The mailbox says who must schedule. Who has made it idle must not touch the cell any more.
//  3. System messages run before the next message of a user. A nudge in the mailbox tells of them.
//  4. Until it has terminated, a cell is held by its parent's family; so a scheduled cell is alive.
//
// Idle actors are many: what only some need is made when they need it.
//
// Knows: mailbox, life, supervision. Must never know: nodes, wires, languages.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

#include "core/actor/backlog.h"
#include "core/actor/context.h"
#include "core/actor/family.h"
#include "core/actor/mailbox.h"
#include "core/actor/props.h"
#include "core/actor/watches.h"
#include "core/dispatch/dispatcher.h"
#include "core/message/actor_ref.h"

namespace motet {

class ActorTimers;
class Continuations;
class System;

class Cell final : public ActorRef, public Runnable, public Pooled {
  public:
    // Makes an actor; it begins its life when start() is called, after its parent's family has it.
    Cell(System &system, Cell *parent, ActorName name, Ptr<const Props> props, Dispatcher &dispatcher,
         const MailboxSettings &mailbox);
    ~Cell() override;

    // The actor of this process that a ref is; nullptr when it is none.
    static Cell *from(ActorRef *ref) {
        return ref && typeid(*ref) == typeid(Cell) ? static_cast<Cell *>(ref) : nullptr;  // faster than a dynamic_cast
    }

    void start() { dispatcher_.schedule(this); }

    // ActorRef
    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override;
    std::string path() const override;
    uint64_t incarnation() const override { return incarnation_; }

    System &system() const override { return system_; }
    Cell *parent() const { return parent_.get(); }
    Dispatcher &dispatcher() const { return dispatcher_; }
    std::string name() const { return name_.text(); }
    const ActorName &actor_name() const { return name_; }
    const Props &props() const { return *props_; }  // until it has terminated
    const Family &children() const { return *family_.load(std::memory_order_acquire); }
    Family &family();  // to add to
    Routing *routing() const { return nudge_.is_router ? rare_->routing.get() : nullptr; }
    bool stopped() const { return mailbox_.closed(); }

    // About how many messages wait.
    int64_t waiting() const { return nudge_.has_backlog ? rare_->backlog->waiting() : mailbox_.waiting(); }

    // Whether it neither runs nor is about to; from any thread.
    bool idle() const { return mailbox_.is_idle(); }

    // Death watch by this actor; from any thread.
    void watch(ActorRef &target);
    void unwatch(ActorRef &target);

    ActorTimers &timers();           // runner
    Continuations &continuations();  // runner

    // Takes a tick of the actor's own timers or continuations, from any thread; a full mailbox does not refuse it.
    void deliver_tick(Envelope *tick);

    // By its own handler: keeps a message for later; MAILBOX_FULL when the stash is.
    Code stash(const Envelope &envelope);

    // By its own handler: what was stashed comes before anything else, the oldest first. Returns how many.
    int64_t unstash_all();

    // Runnable: handles messages by the behaviour of the props.
    bool run(int throughput) override;

    // For an actor of a foreign dispatcher, instead of run(): takes up to most messages to be handled elsewhere; the
    // cell stays busy until complete(). Returns none when there is nothing to do; the cell is then idle, scheduled
    // again, or gone.
    std::vector<Envelope *> claim(size_t most);

    // The first `handled` of the claim went well; when code is not OK the next one failed, and the rest goes back.
    void complete(size_t handled, Code code, std::string text);

    // By its own handler: itself, as who passes a message on.
    const Ptr<const Hop> &hop();

    // Ends a cell whose threads have ended: no hook runs, what waits becomes dead letters. Its children first.
    void abandon();

    // The claimed envelope with this index; nullptr when there is none.
    const Envelope *claimed(size_t index) const;

  private:
    friend class Family;

    enum class Life : uint8_t { fresh, running, failed, restarting, stopping, gone, terminated };

    // What comes next. In the mailbox: it is still its front, and stays there while it is handled.
    struct Item {
        Envelope *envelope = nullptr;
        bool in_mailbox = false;
    };

    // What few actors have.
    struct Rare {
        Ptr<System> system;                    // of the root, for all that is below it
        std::unique_ptr<Routing> routing;      // of a router, for its whole life
        std::unique_ptr<Backlog> backlog;      // of an actor whose mailbox is not plain, for its whole life
        std::unique_ptr<Attendant> attendant;  // of the present instance
        std::vector<Envelope *> claimed;
        std::unique_ptr<ActorTimers> timers;
        std::unique_ptr<Continuations> continuations;
        TraceContext cause;          // of what made it fail, restart or stop
        Ptr<const Hop> hop;          // once it has forwarded a message
        Envelope *failed = nullptr;  // what it could not handle, until it has restarted
        Code restart_code = Code::OK;
        std::string restart_text;
        EnvelopeList stash;  // oldest first
        int64_t stashed = 0;
        int failures = 0;  // in a row, for backoff
        Nanos last_failure = 0;
    };

    // Mailbox (cell_mailbox.cpp)
    Code refuse(Envelope *envelope, Mailbox::Pushed why);
    Code deliver_to_backlog(Envelope *envelope);
    void overflow(const Envelope &envelope);
    Envelope *take(QueueNode &front);
    bool set_aside();
    void nudge();
    SystemMessage *take_system();
    void drain();

    // Running (cell.cpp)
    Item next();
    void process_system();
    bool auto_receive(Envelope *&envelope);
    bool handles() const { return state_.life == Life::running && state_.suspensions == 0; }
    bool silenced() const;
    bool handle_front(Envelope &envelope);
    void handle(Envelope *envelope);
    Code invoke(const Envelope &envelope, std::string &text);
    template <typename Handling> Code run_handler(const Envelope &envelope, std::string &text, Handling &&handling);
    void go_on(Envelope *tick);
    void finish(Envelope *envelope, Code code, std::string text);
    void fail_by(Envelope *envelope, Code code, std::string text);
    void forget_instance();
    void tell_asker(const Envelope &question, Code code, const std::string &text);
    void finish_signal(TypeId signal, Code code, const std::string &text);
    void reschedule();

    // Life and supervision (cell_life.cpp)
    std::vector<Ptr<Cell>> all_children() const;
    void process(SystemMessage &message);
    void begin();
    void tell_children(SystemKind kind, const Cell *but = nullptr);
    void fail(Code code, std::string text, bool initial, const Cell *origin = nullptr);
    void begin_stop(const TraceContext &cause);
    void begin_restart(Code code, const std::string &text);
    void recreate();
    void resume();
    void child_gone();
    void supervise(Cell &child, const SystemMessage &failure);
    void apply(Directive directive, const Supervision &supervision, Cell &child, const SystemMessage &failure);
    void order(SystemKind kind, Cell &child, const SystemMessage &failure);
    Nanos backoff();
    void forget_failed();
    bool may_restart(const Supervision &supervision, Cell &child);
    void signal(TypeId type, Bytes body = {});
    void put_signal(Envelope *signal);
    Envelope *take_signal();
    void accept_children(bool accept);
    void terminate();
    void close_inbox();
    void tell_end();
    bool make_behavior(Code &code, std::string &text);
    bool make_own_behavior(Code &code, std::string &text);

    Rare &rare();
    TraceContext cause() const { return rare_ ? rare_->cause : TraceContext(); }
    void set_cause(const TraceContext &cause);
    Watches &watches();

    // What stands in the mailbox when there is news beside it, and what fits behind it.
    struct Nudge : QueueNode {
        std::atomic<bool> sent{false};  // it is in the mailbox
        bool is_router = false;
        bool has_backlog = false;
    };

    // The state of the runner; its own, and so not beside what others write.
    struct State {
        Life life = Life::fresh;
        bool has_signal = false;  // the first of aside_ is a signal, which comes before any message of a user
        uint16_t suspensions = 0;
    };

    // Three lines of the cache: what senders write, what the runner uses, what is seldom needed. The mailbox lies
    // across the border of the first two.
    const Ptr<Cell> parent_;
    const ActorName name_;
    Mailbox mailbox_;

    System &system_;
    std::unique_ptr<Behavior> behavior_;                  // runner
    EnvelopeList aside_;                                  // runner; out of the mailbox, but not handled
    std::atomic<SystemMessage *> system_inbox_{nullptr};  // newest first
    Nudge nudge_;

    State state_;  // runner
    const uint32_t incarnation_;
    std::unique_ptr<Rare> rare_;  // runner
    Ptr<const Props> props_;      // let go when the actor has terminated, though refs to it remain
    Dispatcher &dispatcher_;
    std::atomic<Family *> family_;  // that of none, until it has children
    std::atomic<Watches *> watches_{nullptr};
    Cell *sibling_ = nullptr;  // belongs to the parent's family

    // runner of the parent
    int restarts_ = 0;
    uint32_t window_start_ = 0;  // milliseconds
};

static_assert(sizeof(Cell) <= 192, "an idle actor is small: three lines of the cache");

}  // namespace motet
