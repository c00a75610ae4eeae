// EventStream tells subscribed actors what happens in the system, by topic.
// Knows: subscribers. Must never know: what an event means.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "core/message/actor_ref.h"

namespace motet {

enum class Topic { dead_letters, remoting, cluster };
constexpr size_t kTopics = 3;

// "dead-letters", "remoting", "cluster".
std::optional<Topic> topic_named(std::string_view name);

class EventStream {
  public:
    // Subscribing twice is subscribing once.
    void subscribe(Topic topic, const ActorRef &subscriber);
    void unsubscribe(Topic topic, const ActorRef &subscriber);

    // Ends all subscriptions of an actor that is gone. Takes no lock while nobody subscribes.
    void forget(const ActorRef &subscriber);

    bool has_subscribers(Topic topic) const;
    void publish(Topic topic, TypeId type, Bytes payload, const ActorRef *sender = nullptr,
                 const TraceContext &trace = {});

    // Hands the subscriptions to a topic to a room: it sends the subscriber the state that the events build on, and
    // then admits it.
    using Greeter = std::function<void(const Ref &subscriber)>;
    void greet(Topic topic, Greeter greeter);
    void admit(Topic topic, const ActorRef &subscriber);

  private:
    mutable std::mutex mutex_;
    std::array<std::vector<Ref>, kTopics> subscribers_;  // under mutex_
    std::array<Greeter, kTopics> greeters_;              // under mutex_
    std::atomic<size_t> count_{0};                       // written under mutex_
};

}  // namespace motet
