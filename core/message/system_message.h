// SystemMessage is what the engine's parts tell each other about an actor: life, supervision, death watch. It runs
// before any message of a user and is never dropped by a full mailbox; between nodes it is delivered reliably. Knows:
// its kinds. Must never know: how they are acted upon.
#pragma once

#include <memory>
#include <string>

#include "core/base/block_pool.h"
#include "core/base/patience.h"
#include "core/base/ref_counted.h"
#include "core/base/status.h"
#include "core/trace/context.h"

namespace motet {

class ActorRef;

enum class SystemKind : uint8_t {
    stop,              // to an actor: stop
    failed,            // to a supervisor: subject failed with code and text
    fail,              // to an actor: fail with code and text
    suspend,           // to a child of a failed actor
    resume,            // to a failed actor: go on as if nothing had happened
    restart,           // to a failed actor: go on with a fresh instance
    child_terminated,  // to a supervisor: subject is gone
    watch,             // to an actor: tell subject when you are gone
    unwatch,           // to an actor: no longer
    terminated,        // to a watcher: subject is gone
};

struct SystemMessage {
    SystemKind kind;
    Ptr<ActorRef> subject;  // whom it is about
    Code code = Code::OK;
    std::string text;
    bool existence_confirmed = true;  // terminated: the actor did exist
    bool address_terminated = false;  // terminated: its whole node was lost
    bool initial = false;             // failed: before it could begin
    int64_t delay = 0;                // failed: nanoseconds to wait before a restart
    Ptr<const RefCounted> props;      // failed: what subject was made of
    TraceContext trace = {};
    SystemMessage *next = nullptr;  // belongs to the queue it is in

    // A message that has to be sent: waits for memory.
    static SystemMessage *certain(SystemMessage message) {
        return patiently([&] { return new SystemMessage(std::move(message)); });
    }

    static void *operator new(std::size_t size) { return Pooled::operator new(size); }
    static void operator delete(void *block, std::size_t size) { Pooled::operator delete(block, size); }
};

}  // namespace motet
