// Cell is one local actor: its mailbox, its life, its place in the tree. It is a ref that is dereferenced directly, and
// stays one after the actor has stopped.
//
// Invariants:
//  1. At most one thread runs a cell at a time; everything marked "runner" belongs to that thread.
//  2. inbox_ says who must schedule: kIdle means nobody runs the cell and it is not scheduled; the thread that replaces
//     kIdle schedules it, and the one that has put it there must not touch the cell any more. kNudged means that system
//     messages came while the cell ran. kClosed means that the actor has stopped for good.
//  3. System messages run before the next user message.
//  4. Until it has terminated, a cell is held by its parent's family; so a scheduled cell is alive.
//
// Knows: mailbox, life, supervision. Must never know: nodes, wires, languages.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/actor/context.h"
#include "core/actor/family.h"
#include "core/actor/props.h"
#include "core/actor/watches.h"
#include "core/dispatch/dispatcher.h"
#include "core/message/actor_ref.h"

namespace motet {

class ActorTimers;
class System;

class Cell final : public ActorRef, public Runnable {
  public:
    // Makes an actor; it begins its life when start() is called, after its parent's family has it.
    Cell(System &system, Cell *parent, std::string name, Ptr<const Props> props, Dispatcher &dispatcher,
         int64_t capacity);
    ~Cell() override;
    void start();

    // ActorRef
    Code deliver(Envelope *envelope) override;
    void deliver_system(SystemMessage *message) override;
    std::string path() const override;
    uint64_t incarnation() const override { return incarnation_; }

    System &system() const override { return *system_; }
    Cell *parent() const { return parent_.get(); }
    const std::string &name() const { return name_; }
    const Props &props() const { return *props_; }  // until it has terminated
    const Supervision &supervision() const { return supervision_; }
    Family &children() { return children_; }
    Routing *routing() const { return routing_.get(); }
    bool stopped() const;

    // Death watch by this actor; from any thread.
    void watch(ActorRef &target);
    void unwatch(ActorRef &target);

    ActorTimers &timers();  // runner

    // Runnable: handles messages by the behaviour of the props.
    bool run(int throughput) override;

    // For an actor of a foreign dispatcher, instead of run(): takes up to most messages to be handled elsewhere; the
    // cell stays busy until complete(). Returns none when there is nothing to do; the cell is then idle, scheduled
    // again, or gone.
    std::vector<Envelope *> claim(size_t most);

    // The first `handled` of the claim went well; when code is not OK the next one failed, and the rest goes back.
    void complete(size_t handled, Code code, std::string text);

    // Ends a cell whose threads have ended: no hook runs, what waits becomes dead letters. Its children first.
    void abandon();

    // The claimed envelope with this index; nullptr when there is none.
    const Envelope *claimed(size_t index) const;

  private:
    enum class Life : uint8_t { fresh, running, failed, restarting, stopping, gone, terminated };

    // Mailbox (cell_mailbox.cpp)
    Code push(Envelope *envelope);
    Envelope *pop_user();
    void drain_inbox();
    bool go_idle();
    void wake();
    SystemMessage *take_system();

    // Running (cell.cpp)
    Envelope *next_item();
    bool auto_receive(Envelope *&envelope);
    void handle(Envelope *envelope);
    void finish(Envelope *envelope, Code code, std::string text);
    void tell_asker(const Envelope &question, Code code, const std::string &text);
    void finish_signal(TypeId signal, Code code, const std::string &text);
    void reschedule();

    // Life and supervision (cell_life.cpp)
    void process(SystemMessage &message);
    void begin();
    void fail(Code code, std::string text, bool initial);
    void begin_stop(const TraceContext &cause);
    void begin_restart(Code code, const std::string &text);
    void recreate();
    void resume();
    void child_gone();
    void supervise(Cell &child, Code code, const std::string &text, bool initial);
    void apply(Directive directive, Cell &child, Code code, const std::string &text);
    bool may_restart(Cell &child);
    void signal(TypeId type, Bytes body = {});
    void terminate();
    bool make_behavior(Code &code, std::string &text);

    Ptr<System> system_;
    Ptr<Cell> parent_;
    const std::string name_;
    Ptr<const Props> props_;  // let go when the actor has terminated, though refs to it remain
    const Supervision supervision_;
    Dispatcher &dispatcher_;
    const uint64_t incarnation_;
    const int64_t capacity_;
    const std::unique_ptr<Routing> routing_;  // none but for routers

    std::atomic<Envelope *> inbox_;              // newest first
    std::atomic<SystemMessage *> system_inbox_;  // newest first
    std::atomic<int64_t> accepted_{0};           // messages of users that ever came into inbox_
    std::atomic<int64_t> taken_{0};              // of those, the ones the runner has taken; written by the runner alone

    // runner
    EnvelopeList local_;          // oldest first
    Envelope *signal_ = nullptr;  // comes before any message of a user
    std::unique_ptr<Behavior> behavior_;
    std::vector<Envelope *> claimed_;
    std::unique_ptr<ActorTimers> timers_;
    TraceContext cause_;  // of what made it fail, restart or stop
    Life life_ = Life::fresh;
    int suspensions_ = 0;
    Code restart_code_ = Code::OK;
    std::string restart_text_;

    // runner of the parent
    int restarts_ = 0;
    Nanos window_start_ = 0;

    Family children_;
    Watches watches_;
};

}  // namespace motet
