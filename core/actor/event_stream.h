// EventStream tells subscribed actors of this node what happens in it: events, which are messages of the types they
// subscribe to. The engine publishes its own, users publish theirs.
// Knows: types, subscribers. Must never know: what an event means.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/message/actor_ref.h"
#include "core/message/type_table.h"

namespace motet {

// Neighbouring types, as one subscription takes them.
struct TypeRange {
    TypeId first;
    TypeId last;
};

class EventStream {
  public:
    // The events with a name: one of the topics "dead-letters", "remoting", "cluster" and "mailboxes", which stand for
    // all of the engine's events about that; or the name of a type of users that has a number, or of an event of the
    // engine. INVALID.
    static Result<TypeRange> named(const TypeTable &types, std::string_view name);

    // Subscribing twice is subscribing once.
    void subscribe(TypeRange events, const ActorRef &subscriber);
    void unsubscribe(TypeRange events, const ActorRef &subscriber);

    // Ends all subscriptions of an actor that is gone. Takes no lock while nobody subscribes.
    void forget(const ActorRef &subscriber);

    bool has_subscribers(TypeId type) const;

    // Tells all subscribers. Returns how many have taken it, or NO_MEMORY.
    int64_t publish(TypeId type, Bytes payload, const ActorRef *sender = nullptr, const TraceContext &trace = {});

    // Hands the subscriptions to an event over to a room: it sends the subscriber the state that the events build on,
    // and then admits it.
    using Greeter = std::function<void(const Ref &subscriber, TypeRange events)>;
    void greet(TypeId type, Greeter greeter);
    void admit(TypeRange events, const ActorRef &subscriber);

  private:
    mutable std::mutex mutex_;
    std::map<TypeId, std::vector<Ref>> subscribers_;                     // under mutex_
    std::unordered_map<const ActorRef *, std::set<TypeId>> subscribed_;  // under mutex_: the same, by subscriber
    std::map<TypeId, Greeter> greeters_;                                 // under mutex_
    std::atomic<size_t> count_{0};                                       // of subscriptions; written under mutex_
};

}  // namespace motet
