#include "core/actor/actor_timers.h"

#include <cstring>

#include "core/actor/cell.h"
#include "core/message/signals.h"

namespace motet {

namespace {

// The payload of a tick, which never leaves the process. No two generations of an actor's timers are the same.
struct Tick {
    int64_t key;
    uint64_t generation;
};

Status out_of_range(const std::string &what, Nanos least, Nanos duration) {
    return Status(Code::INVALID, what + " is from " + std::to_string(least) + " to " + std::to_string(kMaxDelay) +
                                     " ns (146 years), not " + std::to_string(duration) + " ns");
}

Status check(int64_t key, const TimerPlan &plan) {
    const Nanos least = plan.fixed_rate ? 1 : 0;
    if (plan.delay < 0 || plan.delay > kMaxDelay) {
        return out_of_range("the delay of timer " + std::to_string(key), 0, plan.delay);
    }
    if (plan.interval < least || plan.interval > kMaxDelay) {
        return out_of_range("the interval of timer " + std::to_string(key), least, plan.interval);
    }
    return {};
}

// On the timers' thread. When there is no memory for a tick its timer ends here.
void deliver_tick(RefCounted &object, int64_t key, uint64_t generation) {
    auto &owner = static_cast<Cell &>(object);
    const Tick tick{key, generation};
    Envelope *envelope =
        Envelope::make(types::timer_tick, {reinterpret_cast<const uint8_t *>(&tick), sizeof tick}, nullptr, {});
    if (envelope) {
        owner.deliver_tick(envelope);
    }
}

}  // namespace

TimerWork ActorTimers::tick(int64_t key, uint64_t generation) {
    return {deliver_tick, Ptr<Cell>(&owner_), key, generation};  // the cell lives as long as its timers
}

Status ActorTimers::start(int64_t key, const TimerPlan &plan, TypeId type, Bytes payload, const TraceContext &trace) {
    if (Status valid = check(key, plan); !valid.ok()) {
        return valid;
    }
    auto [place, fresh] = entries_.try_emplace(key);
    Envelope *message = Envelope::make(type, payload, &owner_, plan.interval > 0 ? TraceContext{} : trace);
    if (!message) {
        if (fresh) {
            entries_.erase(place);
        }
        return Status(Code::NO_MEMORY, "memory for a message of " + std::to_string(payload.size()) + " bytes");
    }
    Entry &entry = place->second;
    drop(entry);
    entry.generation = ++generations_;
    entry.interval = plan.interval;
    entry.fixed_rate = plan.fixed_rate;
    entry.message = message;
    owner_.system().timers().schedule(entry.timer, plan.delay, tick(key, entry.generation));
    return {};
}

void ActorTimers::drop(Entry &entry) {
    if (entry.message) {
        owner_.system().timers().cancel(entry.timer);
        std::exchange(entry.message, nullptr)->destroy();
    }
}

void ActorTimers::cancel(int64_t key) {
    auto found = entries_.find(key);
    if (found != entries_.end()) {
        drop(found->second);
        entries_.erase(found);
    }
}

void ActorTimers::cancel_all() {
    for (auto &[key, entry] : entries_) {
        drop(entry);
    }
    entries_.clear();
    owner_.system().timers().cancel(idle_.timer);
    idle_.timeout = 0;
    idle_.generation = 0;
}

Envelope *ActorTimers::redeem(Envelope *tick_envelope) {
    Tick tick{};
    if (tick_envelope->payload().size() == sizeof tick) {
        std::memcpy(&tick, tick_envelope->payload().data(), sizeof tick);
    }
    tick_envelope->destroy();
    if (tick.generation == 0) {
        return nullptr;  // it is not ours
    }
    return tick.generation == idle_.generation ? idle_signal() : next_message(tick.key, tick.generation);
}

Envelope *ActorTimers::next_message(int64_t key, uint64_t generation) {
    auto found = entries_.find(key);
    if (found == entries_.end() || found->second.generation != generation) {
        return nullptr;
    }
    Entry &entry = found->second;
    if (entry.interval == 0) {
        Envelope *message = entry.message;
        entries_.erase(found);
        ticked_ = true;
        return message;
    }
    const Nanos from = entry.fixed_rate ? entry.timer.due() : owner_.system().clock().mono();
    owner_.system().timers().schedule_at(entry.timer, from + entry.interval, tick(key, generation));
    Envelope *message = Envelope::share(entry.message->message(), &owner_, {});
    ticked_ = message != nullptr;
    return message;
}

Status ActorTimers::set_receive_timeout(Nanos timeout) {
    if (timeout < 0 || timeout > kMaxDelay) {
        return out_of_range("a receive timeout", 0, timeout);
    }
    owner_.system().timers().cancel(idle_.timer);
    idle_.timeout = timeout;
    idle_.generation = 0;
    idle_.since = owner_.system().clock().mono();
    if (timeout > 0) {
        await_idle(timeout);
    }
    return {};
}

// Notes the time only: the tick, when it comes, finds out how long the actor has been idle.
void ActorTimers::handled() {
    const bool own = std::exchange(ticked_, false);
    if (idle_.timeout > 0 && !own) {
        idle_.since = owner_.system().clock().mono();
        if (idle_.generation == 0) {
            await_idle(idle_.timeout);
        }
    }
}

void ActorTimers::await_idle(Nanos delay) {
    idle_.generation = ++generations_;
    owner_.system().timers().schedule(idle_.timer, delay, tick(0, idle_.generation));
}

Envelope *ActorTimers::idle_signal() {
    const Nanos idle = owner_.system().clock().mono() - idle_.since;
    if (idle < idle_.timeout) {
        await_idle(idle_.timeout - idle);
        return nullptr;
    }
    Envelope *signal = Envelope::make(types::receive_timeout, encode_receive_timeout(idle_.timeout), nullptr, {});
    if (signal) {
        idle_.generation = 0;  // the next wait begins when it has been handled
    } else {
        await_idle(idle_.timeout);
    }
    return signal;
}

}  // namespace motet
