// System is the actors of one node and what they stand on: the tree, dispatchers, timers, names of types, events.
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

#include "core/actor/ask_table.h"
#include "core/actor/dead_letters.h"
#include "core/actor/event_stream.h"
#include "core/actor/props.h"
#include "core/actor/remote_provider.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/config/config.h"
#include "core/dispatch/dispatcher.h"
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
    std::function<Result<std::unique_ptr<Dispatcher>>(const std::string &name, int threads, int throughput)> dispatcher;
    bool own_timer_thread = true;  // false: somebody calls timers().advance()
    uint64_t uid = 0;              // of this life of the node, and seed of what is random in it; 0: drawn
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
    AskTable &asks() { return asks_; }
    SpanRecorder &recorder() { return recorder_; }

    // The top of the tree; none once the system has shut down.
    Ptr<Cell> root() const;
    Ptr<Cell> user_guardian() const;
    Ptr<Cell> system_guardian() const;

    // Where other nodes reach this one; "motet://name" until remoting is plugged in. Set once, before actors are made.
    const Address &address() const { return remote_ ? remote_->address() : local_address_; }
    void plug_in(Ptr<RemoteProvider> remote) { remote_ = std::move(remote); }

    // Creates an actor below parent. Without a name it gets a generated one. Errors: INVALID (no behaviour), BAD_NAME,
    // NAME_TAKEN, BAD_VALUE (no such dispatcher or mailbox), STOPPED (the parent stops), CLOSED.
    Result<Ptr<Cell>> spawn(Cell &parent, Ptr<const Props> props, const std::string &name = {}, bool named = true);

    // The ref that a path names, on this node or another. Errors: BAD_NAME, BAD_ADDRESS.
    Result<Ref> resolve(std::string_view path);
    Result<Ref> resolve(const ActorPath &path);

    // Stops all actors of users, then those of the engine, then the threads. Blocks at most timeout; what is left then
    // is cut off. Idempotent. REQUIRES: not on a thread of this system. Errors: TIMEOUT.
    Status close(Nanos timeout);

    // Stops the actors of users, without blocking.
    void begin_close(const std::string &reason);
    bool closing() const { return closing_.load(); }

    // Runs when the system is asked to close from inside (a failure that reached the root).
    void on_close_request(std::function<void()> request) { close_request_ = std::move(request); }

    Status stop_actors(Nanos timeout);  // the first part of close()
    Status shut_down(Nanos timeout);    // the rest of it

    // Dispatchers of other languages: they are closed with the system. CLOSED.
    Status keep(ForeignDispatcher &dispatcher);
    void forget(const ForeignDispatcher &dispatcher);

    // What the layer above knows this system by.
    void set_handle(void *handle) { handle_.store(handle); }
    void *handle() const { return handle_.load(); }

    // For cells.
    uint64_t next_incarnation();
    void cell_terminated(const Cell &cell);
    Dispatcher &internal_dispatcher() { return *internal_; }
    bool cut_off() const { return cut_off_.load(std::memory_order_relaxed); }

  private:
    System(const Config &config, Seams seams);
    Status start_dispatchers();
    void make_guardians();
    Result<Dispatcher *> dispatcher(const std::string &name);
    Result<int64_t> mailbox_capacity(const Props &props) const;
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
    Ptr<RemoteProvider> remote_;
    std::atomic<uint64_t> incarnations_{0};
    std::atomic<bool> closing_{false};
    std::atomic<bool> cut_off_{false};  // it has ended, but a thread of it has not
    std::atomic<void *> handle_{nullptr};
    std::vector<Ptr<ForeignDispatcher>> foreign_;  // under mutex_
    std::function<void()> close_request_;

    mutable std::mutex mutex_;
    std::condition_variable terminated_;
    std::map<std::string, std::unique_ptr<Dispatcher>> dispatchers_;  // under mutex_ once started
    bool shut_down_ = false;                                          // under mutex_
    std::unique_ptr<TimerThread> timer_thread_;

    Dispatcher *default_ = nullptr;
    Dispatcher *internal_ = nullptr;
    const int64_t mailbox_capacity_;

    Ptr<Cell> root_;  // under mutex_, as the next two
    Ptr<Cell> user_;
    Ptr<Cell> system_guardian_;
};

}  // namespace motet
