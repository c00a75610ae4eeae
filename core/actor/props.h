// Props describe an actor: how its behaviour is made, who runs it, what happens when it fails.
// Knows: the description. Must never know: running actors.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/ref_counted.h"
#include "core/base/status.h"
#include "core/message/message.h"

namespace motet {

class Cell;
class Context;
class ForeignDispatcher;

// What an actor does with its messages. One instance serves one actor between two restarts.
class Behavior {
  public:
    virtual ~Behavior() = default;

    // OK: handled. UNHANDLED: not known here. Anything else: failed.
    virtual Code receive(Context &context, const Envelope &envelope) = 0;
};

using BehaviorFactory = std::function<Result<std::unique_ptr<Behavior>>(Context &)>;

// Where messages of users to an actor go instead of its own mailbox; core/route implements it.
class Routing {
  public:
    virtual ~Routing() = default;

    // Takes the envelope. Called on the senders' threads.
    virtual Code route(Envelope *envelope, Cell &router) = 0;

    // The actor has stopped: lets go of whom it sent to.
    virtual void close() = 0;
};

enum class Directive { restart, stop, resume, escalate };

// What the supervisor of an actor does when the actor fails.
struct Supervision {
    Directive directive = Directive::restart;
    bool all_for_one = false;  // done to all its siblings too
    int max_retries = -1;      // restarts within the window; below 0: without limit
    Nanos within = 0;          // the window; 0: for ever
};

struct Props final : RefCounted {
    Props();
    ~Props() override;

    // Actors keep the props they were made of; who goes on changing them does so in a copy.
    Ptr<Props> copy() const;

    BehaviorFactory make_behavior;                           // none for an actor of a foreign dispatcher
    std::function<std::unique_ptr<Routing>()> make_routing;  // none: it handles its messages itself
    std::string dispatcher = "default";
    std::string mailbox;           // a configured name; empty: the default
    int64_t mailbox_capacity = 0;  // above 0: instead of what is configured
    Supervision supervision;

    Ptr<ForeignDispatcher> foreign;  // who runs it, instead of `dispatcher`
    uint64_t foreign_number = 0;     // what its messages are labelled with there
};

}  // namespace motet
