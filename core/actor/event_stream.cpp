#include "core/actor/event_stream.h"

#include <algorithm>

namespace motet {

std::optional<Topic> topic_named(std::string_view name) {
    static constexpr std::string_view kNames[kTopics] = {"dead-letters", "remoting", "cluster"};
    for (size_t i = 0; i < kTopics; ++i) {
        if (name == kNames[i]) {
            return static_cast<Topic>(i);
        }
    }
    return std::nullopt;
}

void EventStream::subscribe(Topic topic, const ActorRef &subscriber) {
    Greeter greeter;
    {
        std::lock_guard lock(mutex_);
        greeter = greeters_[static_cast<size_t>(topic)];
    }
    if (greeter) {
        greeter(hold(&subscriber));
    } else {
        admit(topic, subscriber);
    }
}

void EventStream::admit(Topic topic, const ActorRef &subscriber) {
    std::lock_guard lock(mutex_);
    auto &list = subscribers_[static_cast<size_t>(topic)];
    auto same = [&](const Ref &known) { return ActorRef::same(*known, subscriber); };
    if (std::none_of(list.begin(), list.end(), same)) {
        list.push_back(hold(&subscriber));
        count_.fetch_add(1, std::memory_order_relaxed);
    }
}

void EventStream::unsubscribe(Topic topic, const ActorRef &subscriber) {
    std::lock_guard lock(mutex_);
    count_ -= std::erase_if(subscribers_[static_cast<size_t>(topic)],
                            [&](const Ref &known) { return ActorRef::same(*known, subscriber); });
}

void EventStream::forget(const ActorRef &subscriber) {
    if (count_.load(std::memory_order_relaxed) == 0) {
        return;
    }
    std::lock_guard lock(mutex_);
    for (auto &list : subscribers_) {
        count_ -= std::erase_if(list, [&](const Ref &known) { return known.get() == &subscriber; });
    }
}

bool EventStream::has_subscribers(Topic topic) const {
    std::lock_guard lock(mutex_);
    return !subscribers_[static_cast<size_t>(topic)].empty();
}

void EventStream::publish(Topic topic, TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    std::vector<Ref> subscribers;
    {
        std::lock_guard lock(mutex_);
        subscribers = subscribers_[static_cast<size_t>(topic)];
    }
    if (subscribers.empty()) {
        return;
    }
    Message *message = Message::make(type, payload);
    if (!message) {
        return;
    }
    for (const Ref &subscriber : subscribers) {
        if (Envelope *envelope = Envelope::share(*message, sender, trace)) {
            subscriber->deliver(envelope);
        }
    }
    message->release();
}

void EventStream::greet(Topic topic, Greeter greeter) {
    std::lock_guard lock(mutex_);
    greeters_[static_cast<size_t>(topic)] = std::move(greeter);
}

}  // namespace motet
