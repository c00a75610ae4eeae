#include "core/actor/event_stream.h"

#include <algorithm>
#include <limits>

#include "core/actor/cell.h"

namespace motet {

static constexpr struct {
    std::string_view name;
    TypeRange events;
} kTopics[] = {{"dead-letters", {types::dead_letter, types::dead_letter}},
               {"remoting", {types::remoting_error, types::remoting_shut_down}},
               {"cluster", {types::cluster_state, types::cluster_shutting_down}},
               {"mailboxes", {types::mailbox_high_water, types::mailbox_high_water}}};

Result<TypeRange> EventStream::named(const TypeTable &types, std::string_view name) {
    const std::optional<TypeId> type = types.find(name);
    if (type && *type >= types::first_user && !is_engines(name)) {
        return TypeRange{*type, *type};
    }
    for (const auto &[topic, events] : kTopics) {
        if (topic == name) {
            return events;
        }
        if (type && events.first <= *type && *type <= events.last) {
            return TypeRange{*type, *type};
        }
    }
    return Status(Code::INVALID,
                  "event \"" + std::string(name.substr(0, TypeTable::kMaxNameSize)) +
                      "\": there are the topics dead-letters, remoting, cluster and mailboxes, the types of "
                      "their messages, and types of the program's own once the system knows them");
}

void EventStream::subscribe(TypeRange events, const ActorRef &subscriber) {
    Greeter greeter;
    {
        std::lock_guard lock(mutex_);
        auto found = greeters_.lower_bound(events.first);
        if (found != greeters_.end() && found->first <= events.last) {
            greeter = found->second;
        }
    }
    if (greeter) {
        greeter(hold(&subscriber), events);
    } else {
        admit(events, subscriber);
    }
}

void EventStream::admit(TypeRange events, const ActorRef &subscriber) {
    {
        std::lock_guard lock(mutex_);
        std::set<TypeId> &subscribed = subscribed_[&subscriber];
        for (TypeId type = events.first; type <= events.last; ++type) {
            if (subscribed.insert(type).second) {
                subscribers_[type].push_back(hold(&subscriber));
                ++count_;
            }
        }
    }
    const auto *cell = dynamic_cast<const Cell *>(&subscriber);
    if (cell && cell->stopped()) {
        forget(subscriber);  // it may have ended, and been forgotten, before it was admitted
    }
}

void EventStream::unsubscribe(TypeRange events, const ActorRef &subscriber) {
    std::vector<Ref> ended;  // freed after the lock is
    std::lock_guard lock(mutex_);
    auto found = subscribed_.find(&subscriber);
    if (found == subscribed_.end()) {
        return;
    }
    for (TypeId type :
         std::vector<TypeId>(found->second.lower_bound(events.first), found->second.upper_bound(events.last))) {
        std::vector<Ref> &list = subscribers_[type];
        auto at = std::find_if(list.begin(), list.end(), [&](const Ref &known) { return known.get() == &subscriber; });
        ended.push_back(std::move(*at));
        list.erase(at);
        if (list.empty()) {
            subscribers_.erase(type);
        }
        found->second.erase(type);
        --count_;
    }
    if (found->second.empty()) {
        subscribed_.erase(found);
    }
}

void EventStream::forget(const ActorRef &subscriber) {
    if (count_.load(std::memory_order_seq_cst) > 0) {
        unsubscribe({0, std::numeric_limits<TypeId>::max()}, subscriber);
    }
}

bool EventStream::has_subscribers(TypeId type) const {
    if (count_.load(std::memory_order_relaxed) == 0) {
        return false;
    }
    std::lock_guard lock(mutex_);
    return subscribers_.contains(type);
}

int64_t EventStream::publish(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    std::vector<Ref> subscribers;
    if (count_.load(std::memory_order_relaxed) > 0) {
        std::lock_guard lock(mutex_);
        if (auto found = subscribers_.find(type); found != subscribers_.end()) {
            subscribers = found->second;
        }
    }
    if (subscribers.empty()) {
        return 0;
    }
    Message *message = Message::make(type, payload);
    if (!message) {
        return static_cast<int64_t>(Code::NO_MEMORY);
    }
    int64_t taken = 0;
    for (const Ref &subscriber : subscribers) {
        if (Envelope *envelope = Envelope::share(*message, sender, trace)) {
            taken += subscriber->deliver(envelope) == Code::OK ? 1 : 0;
        }
    }
    message->release();
    return taken;
}

void EventStream::greet(TypeId type, Greeter greeter) {
    std::lock_guard lock(mutex_);
    if (greeter) {
        greeters_[type] = std::move(greeter);
    } else {
        greeters_.erase(type);
    }
}

}  // namespace motet
