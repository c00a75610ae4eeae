// System is the actors of one node and what they stand on: the tree, dispatchers, timers, names of types, events. It
// is put together in system.cpp, makes actors in system_spawn.cpp, and ends in system_close.cpp.
// Knows: local actors. Must never know: sockets, clusters, languages; those are plugged in above it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/actor/actor_types.h"
#include "core/actor/ask_table.h"
#include "core/actor/backlog.h"
#include "core/actor/dead_letters.h"
#include "core/actor/deployment.h"
#include "core/actor/dispatchers.h"
#include "core/actor/event_stream.h"
#include "core/actor/mailboxes.h"
#include "core/actor/properties.h"
#include "core/actor/props.h"
#include "core/actor/remote_provider.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/config/config.h"
#include "core/dispatch/dispatcher.h"
#include "core/dispatch/driver.h"
#include "core/dispatch/timers.h"
#include "core/message/type_table.h"
#include "core/trace/recorder.h"

namespace motet {

class Cell;
class ForeignDispatcher;

// The seams through which a system meets the machine. The defaults are the real thing.
struct Seams {
    const Clock *clock = nullptr;  // nullptr: the operating system's
    // Makes a dispatcher; empty: thread pools.
    Dispatchers::Maker dispatcher;
    std::shared_ptr<Driver> driver;  // lets actors run and timers advance while somebody waits; none: threads do that
    // Sets properties that are deployed; empty: those that this room knows.
    std::function<Status(Props &, const Properties &)> deploy;
    uint64_t uid = 0;  // of this life of the node, and seed of what is random in it; 0: drawn
};

class System : public RefCounted {
  public:
    // Errors: NO_THREAD.
    static Result<Ptr<System>> start(const Config &config, Seams seams = {});
    ~System() override;

    const std::string &name() const { return name_; }
    uint64_t uid() const { return uid_; }
    const Config &config() const { return config_; }
    const Clock &clock() const { return *clock_; }
    Logger &log() { return log_; }
    TypeTable &types() { return types_; }
    Timers &timers() { return timers_; }
    EventStream &events() { return events_; }
    DeadLetters &dead_letters() { return dead_letters_; }
    const Mailboxes &mailboxes() const { return mailboxes_; }
    AskTable &asks() { return asks_; }
    SpanRecorder &recorder() { return recorder_; }

    // The top of the tree; none once the system has shut down.
    Ptr<Cell> root() const;
    Ptr<Cell> user_guardian() const;
    Ptr<Cell> system_guardian() const;

    // Where other nodes reach this one; "motet://name" until remoting is plugged in. Set once, before actors are made.
    const Address &address() const { return remote_ ? remote_->address() : local_address_; }
    bool is_own(const Address &address) const;  // under whatever name
    void plug_in(Ptr<RemoteProvider> remote) { remote_ = std::move(remote); }

    // Creates an actor below parent, as the configuration has it: of the props, in which deployed properties take the
    // place of what the code says. Without a name it gets a generated one. Errors: INVALID (no behaviour), BAD_NAME,
    // NAME_TAKEN, BAD_VALUE (no such dispatcher or mailbox, no such router), STOPPED (the parent stops), CLOSED.
    Result<Ptr<Cell>> spawn(Cell &parent, Ptr<const Props> props, const std::string &name = {}, bool named = true);

    // Creates what exactly these props ask for, on this node whatever they say: a cell, or a router and its routees.
    // Errors: the same.
    Result<Ptr<Cell>> create_here(Cell &parent, Ptr<const Props> props, ActorName name);

    // Creates one cell of exactly these props. Errors: the same.
    Result<Ptr<Cell>> create(Cell &parent, Ptr<const Props> props, ActorName name);

    // The kinds of actors that can be made by name.
    ActorTypes &actor_types() { return actor_types_; }

    // The ref that a path names, on this node or another. Errors: BAD_NAME, BAD_ADDRESS.
    Result<Ref> resolve(std::string_view path);
    Result<Ref> resolve(const ActorPath &path);

    // Stops all actors of users, then those of the engine, then the threads. Blocks at most timeout; what is left then
    // is cut off. Idempotent. REQUIRES: not on a thread of this system. Errors: TIMEOUT.
    Status close(Nanos timeout);

    // Waits, holding lock, until a condition holds that changes when changed is notified; at most timeout, which is one
    // of the driver's clock where there is a driver. Negative: for ever, with a driver as long as no time has to pass.
    // Whether it holds.
    bool await(std::unique_lock<std::mutex> &lock, std::condition_variable &changed, Nanos timeout,
               const std::function<bool()> &condition) const;

    // Whether the caller is run by the engine, so that waiting would be waiting for itself.
    bool on_own_thread() const;

    // Has work done where it may wait for the system. Errors: NO_THREAD.
    Status run_elsewhere(const std::string &name, std::function<void()> work);

    // Has whoever started the system close it, because of something inside: a failure that reached the root.
    void begin_close(const std::string &reason);
    void on_close_request(std::function<void()> request) { close_request_ = std::move(request); }

    // The parts of close(). The first does not block: it calls back when the actors of users have stopped.
    void begin_stop(std::function<void()> stopped);
    Status stop_actors(Nanos timeout);
    Status shut_down(Nanos timeout);

    // Dispatchers of other languages: they are closed with the system. CLOSED.
    Status keep(ForeignDispatcher &dispatcher);
    void forget(const ForeignDispatcher &dispatcher);

    // What the layer above knows this system by.
    void set_handle(void *handle) { handle_.store(handle); }
    void *handle() const { return handle_.load(); }

    // How long a dispatcher has made no progress though it has work; see Dispatchers.
    Result<Nanos> progress_age(const std::string &dispatcher) {
        return dispatchers_.progress_age(dispatcher, clock_->now().mono);
    }

    // For cells.
    int64_t stash_capacity() const { return stash_capacity_; }
    uint64_t next_incarnation();
    void cell_terminated(const Cell &cell);
    Dispatcher &internal_dispatcher() { return *internal_; }
    bool cut_off() const { return cut_off_.load(std::memory_order_relaxed); }

  private:
    System(const Config &config, Seams seams);
    Status begin();
    void let_go(const Props &props, Dispatcher &runs, const Cell *cell);
    Status start_dispatchers();
    void make_guardians();
    Status read_deployments();
    Status deploy(Props &props, const Deployment &deployment) const;
    Result<Ptr<const Props>> deployed(const Cell &parent, const std::string &name, Ptr<const Props> props) const;
    bool wait_terminated(const Cell &cell, Nanos deadline);

    const Config config_;
    const Seams seams_;
    SystemClock system_clock_;
    const Clock *clock_;
    const std::string name_;
    const uint64_t uid_;
    Logger log_;
    const Address local_address_;
    TypeTable types_;
    Timers timers_;
    EventStream events_;
    DeadLetters dead_letters_;
    AskTable asks_;
    SpanRecorder recorder_;
    ActorTypes actor_types_;
    Ptr<RemoteProvider> remote_;
    std::atomic<uint64_t> incarnations_{0};
    std::atomic<bool> closing_{false};
    std::atomic<bool> cut_off_{false};  // it has ended, but a thread of it has not
    std::atomic<void *> handle_{nullptr};
    std::vector<Ptr<ForeignDispatcher>> foreign_;  // under mutex_
    std::function<void()> close_request_;
    std::function<void()> users_stopped_;  // under mutex_

    mutable std::mutex mutex_;
    std::condition_variable terminated_;
    bool shut_down_ = false;  // under mutex_
    std::unique_ptr<TimerThread> timer_thread_;

    Dispatchers dispatchers_;
    Mailboxes mailboxes_;
    Deployments deployments_;
    Dispatcher *default_ = nullptr;
    Dispatcher *internal_ = nullptr;
    const int64_t stash_capacity_;

    Ptr<Cell> root_;  // under mutex_, as the next two
    Ptr<Cell> user_;
    Ptr<Cell> system_guardian_;
};

}  // namespace motet
