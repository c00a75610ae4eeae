#include "core/actor/watches.h"

#include <algorithm>
#include <mutex>

namespace motet {

Watches &Watches::none() {
    static Watches none(true);
    return none;
}

void Watches::watch(ActorRef &target, std::unique_ptr<SystemMessage> message) {
    std::lock_guard lock(lock_);
    auto same = [&](const Target &known) { return ActorRef::same(*known.ref, target); };
    if (!closed_ && std::none_of(targets_.begin(), targets_.end(), same)) {
        targets_.push_back({hold(&target)});
        target.deliver_system(message.release());
    }
}

void Watches::unwatch(ActorRef &target, std::unique_ptr<SystemMessage> message) {
    Ref removed;  // freed after the lock is
    std::lock_guard lock(lock_);
    removed = remove(target);
    if (removed) {
        target.deliver_system(message.release());
    }
}

bool Watches::hear(const ActorRef &target) {
    Ref removed;
    std::lock_guard lock(lock_);
    removed = remove(target);
    return removed != nullptr;
}

Ref Watches::remove(const ActorRef &target) {
    for (Target &known : targets_) {
        if (known.ref->means(target)) {
            Ref removed = std::move(known.ref);
            std::swap(known, targets_.back());
            targets_.pop_back();
            return removed;
        }
    }
    return nullptr;
}

bool Watches::announce(const ActorRef &target) {
    std::lock_guard lock(lock_);
    for (Target &known : targets_) {
        if (!known.announced && known.ref->means(target)) {
            known.announced = true;
            return true;
        }
    }
    return false;
}

std::vector<Watches::Target> Watches::close() {
    std::lock_guard lock(lock_);
    closed_ = true;
    return std::exchange(targets_, {});
}

void Watches::add_watcher(Ref watcher) {
    for (const Ref &known : watchers_) {
        if (ActorRef::same(*known, *watcher)) {
            return;
        }
    }
    watchers_.push_back(std::move(watcher));
}

void Watches::remove_watcher(const ActorRef &watcher) {
    std::erase_if(watchers_, [&](const Ref &known) { return ActorRef::same(*known, watcher); });
}

std::vector<Ref> Watches::take_watchers() { return std::exchange(watchers_, {}); }

}  // namespace motet
