// Probe is an actor whose messages a test takes and judges. An expectation waits, on the system's own clock; one that
// fails tells what was expected, how long it waited and what came, and takes nothing.
// Knows: actors, messages. Must never know: how actors are run, or which framework the test is written in.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/actor/cell.h"
#include "core/actor/system.h"
#include "core/testkit/kept_message.h"

namespace motet {

class Probe {
  public:
    using Kept = std::shared_ptr<KeptMessage>;

    // Makes the actor below /user; named: with this name, else a generated one. Errors: those of System::spawn().
    static Result<std::unique_ptr<Probe>> start(System &system, const std::string &name, bool named);

    // Stops the actor. What it still gets becomes dead letters.
    ~Probe();

    Cell &actor() const { return *actor_; }

    // What the actor does with each message besides keeping it; called on whatever thread runs it. None: nothing.
    // Returns when the old one is not being called any more.
    using Pilot = std::function<Code(Context &, const Envelope &)>;
    void set_pilot(Pilot pilot);

    // Expectations. Each is about the next messages, in the order they came; those that fit are taken. Errors:
    // UNEXPECTED.
    Status expect(TypeId type, std::optional<Bytes> payload, Nanos within);  // no payload: any
    Status expect_any_of(std::span<const TypeId> types, Nanos within);
    Status expect_in_order(std::span<const TypeId> types, Nanos within);
    Status expect_all_of(std::span<const TypeId> types, Nanos within);  // in any order
    Status expect_terminated(const ActorRef &actor, Nanos within);
    Status expect_none(Nanos during);

    // What the last expectation took, until the next one.
    const std::vector<Kept> &taken() const { return taken_; }

    // Answers the last message that was taken, or passes it on with its sender. Errors: BAD_STATE (none was taken).
    Code reply(TypeId type, Bytes payload);
    Code forward(ActorRef &target);

  private:
    class Receiver;

    // What the actor and the probe share: the actor may outlive the probe.
    struct Inbox final : RefCounted {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Kept> untaken;  // under mutex
        std::deque<Kept> latest;   // under mutex: taken or not, for sentences
        uint64_t all = 0;          // under mutex: how many ever came
        std::mutex pilot_mutex;
        Pilot pilot;  // under pilot_mutex
    };

    // Whether a message fits, as the index-th of those that are expected.
    using Fits = std::function<bool(size_t index, const Envelope &)>;

    Probe(Ptr<Inbox> inbox, Ptr<Cell> actor) : inbox_(std::move(inbox)), actor_(std::move(actor)) {}
    Status take(size_t count, Nanos within, const std::string &expected, const Fits &fits);
    Status unexpected(std::string sentence) const;  // REQUIRES the inbox's mutex
    std::string names(std::span<const TypeId> types, const char *separator) const;
    System &system() const { return actor_->system(); }

    const Ptr<Inbox> inbox_;
    const Ptr<Cell> actor_;
    std::vector<Kept> taken_;
};

}  // namespace motet
