// Ledger: what must be true of any run of actors, checked while it happens and added up at the end.
//
//  order        what one sender has sent to one actor is handled in that order
//  one          no actor handles two messages at a time
//  stash        what was stashed comes back before anything else, in the order in which it was stashed
//  life         nothing is handled before pre-start, after post-stop, or by a handler that was left
//  timer        a message of a timer comes only to the instance that has started it
//  terminated   at most once for each watch, never for a living actor, and not never
//  sum          what was sent was handled or is a dead letter; so a restart keeps the mailbox and a stop drains it
//  ask          every ask ends, once
//  leak         nothing of it is left in memory
//
// Knows: the messages of the scenario. Must never know: who runs the actors.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include <motet/motet.h>

namespace motet::stress {

// What is deliberately done wrong in a run, so that the check that it is for must notice.
enum class Mutant {
    none,
    order,
    one,
    stash,
    late,
    left_handler,
    timer,
    terminated_twice,
    terminated_living,
    terminated_never,
    lost,
    lost_at_restart,
    twice,
    ask,
    leak
};

// The payload of a message that is counted.
struct Work {
    uint32_t from = 0;    // number of who sent it
    uint32_t to = 0;      // number of the actor it was sent to
    uint32_t number = 0;  // among those from him to it, from 1
    uint16_t action = 0;
    uint8_t hops = 0;  // how often it may still cause others
    uint8_t to_pool = 0;
    uint32_t argument = 0;
};

struct Actor;

// Who sends; used by one thread at a time.
struct Sender {
    uint32_t number = 0;
    std::map<uint32_t, uint32_t> last;  // by receiver

    Work next(const Actor &to);
};

class Ledger;

// One living actor: a cell. All of it belongs to whoever runs it, but for what is marked.
struct Body {
    Body(Ledger &owner, Actor &of, uint32_t number) : ledger(owner), actor(of) { sender.number = number; }

    Ledger &ledger;
    Actor &actor;
    Sender sender;
    std::atomic<bool> running{false};
    std::atomic<bool> ended{false};  // its last instance is gone
    int instances = 0;
    int32_t last_signal = 0;
    int depth = 0;                                                     // of handlers on top of the first
    std::map<std::tuple<uint32_t, uint32_t, int32_t>, uint32_t> seen;  // sender, addressee, priority: the last number
    std::deque<Work> stashed;
    std::deque<Work> returned;
    std::mutex mutex;
    std::map<const motet_ref_t *, Actor *> watched;  // under mutex

    // The parts of handling one message.
    void enter();
    void leave() { running.store(false); }
    void begins();  // an instance is made
    void ends();    // and gone
    void fails_to_begin() { ended.store(true); }
    void signal(int32_t type);
    void arrives(const Work &work, int32_t priority);
    void stash(const Work &work) { stashed.push_back(work); }
    void unstash();
    void handled();
    void acts(int handler_depth);

    void watch(const motet_ref_t *target, Actor &who);
    void unwatch(const motet_ref_t *target);
    void terminated(const motet_ref_t *target, bool stopped);
};

// What was spawned: an actor, or a router with its routees.
struct Actor {
    Actor(Ledger &owner, uint32_t its_number, const char *its_kind, bool is_pool)
        : ledger(owner), number(its_number), kind(its_kind), pool(is_pool) {}

    Body &body(const motet_ref_t *self);
    bool lives();      // a body of it does
    bool has_ended();  // it has lived, and does not any more
    std::string name() const { return std::to_string(number) + " (" + kind + ")"; }
    std::string missing();  // who has ended and was watched, but was not announced

    Ledger &ledger;
    const uint32_t number;
    const char *const kind;
    const bool pool;
    std::atomic<bool> observed{false};  // the observer watches it
    std::atomic<int> announced{0};      // so often the observer was told of its end

  private:
    std::mutex mutex_;
    std::vector<std::pair<const motet_ref_t *, std::unique_ptr<Body>>> bodies_;  // under mutex_
};

class Ledger {
  public:
    explicit Ledger(Mutant mutant) : mutant_(mutant) {}

    Actor &add(const char *kind, bool pool);
    uint32_t new_number() { return numbers_.fetch_add(1) + 1; }

    // Whether the mutant is to strike; it does so once.
    bool strikes(Mutant mutant);

    void violated(const std::string &check, const std::string &what);
    std::vector<std::string> violations();

    // Whoever has ended must have been announced to all who watch it. Empty: so it is.
    std::string not_yet_announced();

    // The sums, when all has ended. dead: the dead letters of each type.
    void close(const std::map<std::string, uint64_t> &dead);

    std::atomic<uint64_t> sent{0};
    std::atomic<uint64_t> handled{0};
    std::atomic<uint64_t> answers{0};
    std::atomic<uint64_t> answers_taken{0};
    std::atomic<uint64_t> asks{0};
    std::atomic<uint64_t> asks_ended{0};
    std::atomic<uint64_t> props_made{0};
    std::atomic<uint64_t> props_released{0};
    std::atomic<uint64_t> restarts{0};
    std::atomic<uint64_t> stashes{0};
    std::atomic<uint64_t> ends{0};
    std::atomic<uint64_t> ticks{0};

  private:
    const Mutant mutant_;
    std::atomic<bool> struck_{false};
    std::atomic<uint32_t> numbers_{0};
    std::mutex mutex_;
    std::deque<Actor> actors_;             // under mutex_
    std::vector<std::string> violations_;  // under mutex_
};

}  // namespace motet::stress
