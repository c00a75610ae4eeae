#include "core/actor/actor_timers.h"

#include <cstring>

#include "core/actor/cell.h"

namespace motet {

// The payload of a tick, which never leaves the process.
struct Tick {
    int64_t key;
    uint64_t generation;
};

Code ActorTimers::start(int64_t key, Nanos delay, Nanos interval, TypeId type, Bytes payload,
                        const TraceContext &trace) {
    if (delay < 0 || interval < 0) {
        return Code::INVALID;
    }
    Envelope *message = Envelope::make(type, payload, &owner_, interval > 0 ? TraceContext{} : trace);
    if (!message) {
        return Code::NO_MEMORY;
    }
    std::lock_guard lock(mutex_);
    Entry &entry = entries_[key];
    drop(entry);
    entry = {++generations_, 0, interval, message};
    schedule(key, entry, delay);
    return Code::OK;
}

void ActorTimers::schedule(int64_t key, Entry &entry, Nanos delay) {
    Ref owner = hold(&owner_);  // the timers live as long as the cell
    entry.timer = owner_.system().timers().schedule(
        delay, [this, owner, key, generation = entry.generation] { tick(key, generation); });
}

// On the timers' thread: puts a tick into the mailbox, which finds out in its turn whether the timer still exists.
void ActorTimers::tick(int64_t key, uint64_t generation) {
    Tick tick{key, generation};
    Envelope *envelope =
        Envelope::make(types::timer_tick, {reinterpret_cast<const uint8_t *>(&tick), sizeof tick}, nullptr, {});
    if (envelope) {
        owner_.deliver(envelope);
    }
}

Envelope *ActorTimers::redeem(Envelope *tick_envelope) {
    Tick tick{};
    if (tick_envelope->payload().size() == sizeof tick) {
        std::memcpy(&tick, tick_envelope->payload().data(), sizeof tick);
    }
    tick_envelope->destroy();
    std::lock_guard lock(mutex_);
    auto found = entries_.find(tick.key);
    if (found == entries_.end() || found->second.generation != tick.generation) {
        return nullptr;
    }
    Entry &entry = found->second;
    if (entry.interval > 0) {
        schedule(tick.key, entry, entry.interval);
        return Envelope::share(entry.message->message(), &owner_, {});
    }
    Envelope *message = entry.message;
    entries_.erase(found);
    return message;
}

void ActorTimers::drop(Entry &entry) {
    if (entry.message) {
        owner_.system().timers().cancel(entry.timer);
        std::exchange(entry.message, nullptr)->destroy();
    }
}

void ActorTimers::cancel(int64_t key) {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(key);
    if (found != entries_.end()) {
        drop(found->second);
        entries_.erase(found);
    }
}

void ActorTimers::cancel_all() {
    std::lock_guard lock(mutex_);
    for (auto &[key, entry] : entries_) {
        drop(entry);
    }
    entries_.clear();
}

}  // namespace motet
