// Props describe an actor: how its behaviour is made, who runs it, what happens when it fails.
// Knows: the description. Must never know: running actors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/actor/name.h"
#include "core/base/block_pool.h"
#include "core/base/clock.h"
#include "core/base/ref_counted.h"
#include "core/base/status.h"
#include "core/message/address.h"
#include "core/message/message.h"

namespace motet {

class Cell;
class Context;
class ForeignDispatcher;
struct Props;
struct SystemMessage;

// What an actor does with its messages. One instance serves one actor between two restarts.
class Behavior : public Pooled {
  public:
    virtual ~Behavior() = default;

    // OK: handled. UNHANDLED: not known here. Anything else: failed.
    virtual Code receive(Context &context, const Envelope &envelope) = 0;
};

using BehaviorFactory = std::function<Result<std::unique_ptr<Behavior>>(Context &)>;

// Who follows what one instance of an actor does, wherever its handlers run. core/route implements it.
class Attendant : public Pooled {
  public:
    virtual ~Attendant() = default;

    // The instance is about to handle a message.
    virtual void begins(const Envelope &envelope) = 0;

    // It has handled it, with this outcome, which supervision has yet to look at.
    virtual void ended(const Envelope &envelope, Code code) = 0;
};

// Where messages to an actor go instead of its own mailbox; core/route implements it. Called on the senders' threads.
class Routing {
  public:
    virtual ~Routing() = default;

    // Whether messages of this type go there.
    virtual bool routes(TypeId type) const = 0;

    // Takes the envelope.
    virtual Code route(Envelope *envelope, Cell &router) = 0;

    // The actor has stopped: lets go of whom it sent to.
    virtual void close(Cell &router) = 0;
};

enum class Directive { restart, stop, resume, escalate };

// How long an actor that has failed waits before it is restarted: least, doubled with each failure up to most, and
// random times that more at most. Messages wait in its mailbox meanwhile.
struct Backoff {
    Nanos least = 0;  // 0: it is restarted at once
    Nanos most = 0;
    double random = 0;
    Nanos reset_after = 0;  // without failure the count begins anew; 0: (least + most) / 2

    Nanos delay(int failures, double chance) const;
    Nanos quiet_time() const { return reset_after > 0 ? reset_after : (least + most) / 2; }
};

// What the supervisor of an actor does when the actor fails.
struct Supervision {
    Directive directive = Directive::restart;
    std::map<Code, Directive> by_code;  // what is decided otherwise for failures with these codes
    bool all_for_one = false;           // done to all its siblings too
    int max_retries = -1;               // restarts within the window; below 0: without limit
    Nanos within = 0;                   // the window; 0: for ever
    Backoff backoff;
    std::function<void(Cell &child, const SystemMessage &failure)> elsewhere;  // decides instead, and orders it

    Directive decide(Code code) const {
        auto found = by_code.find(code);
        return found == by_code.end() ? directive : found->second;
    }
};

// How an actor comes to be that is more than one cell: a router with its routees. core/route implements it.
class Spawner {
  public:
    virtual ~Spawner() = default;

    // Creates the actor below parent, of props that have this spawner. Errors: those of System::spawn().
    virtual Result<Ptr<Cell>> spawn(Cell &parent, const Props &props, ActorName name) const = 0;
};

struct Props final : RefCounted {
    Props();
    ~Props() override;

    // Actors keep the props they were made of; who goes on changing them does so in a copy.
    Ptr<Props> copy() const;

    BehaviorFactory make_behavior;                                     // none for an actor of a foreign dispatcher
    std::function<std::unique_ptr<Attendant>(Cell &)> make_attendant;  // none: nobody follows it
    std::function<std::unique_ptr<Routing>()> make_routing;            // none: it handles its messages itself
    std::shared_ptr<const Spawner> spawner;                            // none: it is one cell
    std::string dispatcher = "default";
    std::string mailbox;           // a configured name; empty: the default
    int64_t mailbox_capacity = 0;  // above 0: instead of what is configured
    Supervision supervision;
    int64_t stash_capacity = 0;  // above 0: instead of what is configured

    std::string type;                                       // what it is called, where it is made by name
    std::shared_ptr<const std::vector<uint8_t>> arguments;  // what it is made with, MessagePack; none: nothing
    std::optional<Address> node;                            // where it is created; none: here

    Ptr<ForeignDispatcher> foreign;  // who runs it, instead of `dispatcher`; or whose props a router was made of
    uint64_t foreign_number = 0;     // what its messages are labelled with there; 0: given to each actor
    uint64_t foreign_props = 0;      // of a routee: the number of the props that it is made of; 0: made by its type

    // Whether another language runs its handlers.
    bool run_elsewhere() const { return foreign && !make_behavior; }

    // Whether another language makes any number of actors of these, by the name of their type or as routees.
    bool made_elsewhere() const { return foreign && foreign_number == 0; }
};

}  // namespace motet
