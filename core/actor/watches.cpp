#include "core/actor/watches.h"

#include <algorithm>
#include <mutex>

namespace motet {

bool Watches::add_target(const ActorRef &target) {
    std::lock_guard lock(lock_);
    auto same = [&](const Target &known) { return ActorRef::same(*known.ref, target); };
    if (std::any_of(targets_.begin(), targets_.end(), same)) {
        return false;
    }
    targets_.push_back({hold(&target)});
    return true;
}

bool Watches::remove_target(const ActorRef &target) {
    Ref removed;  // freed after the lock is
    std::lock_guard lock(lock_);
    for (Target &known : targets_) {
        if (known.ref->means(target)) {
            removed = std::move(known.ref);
            std::swap(known, targets_.back());
            targets_.pop_back();
            return true;
        }
    }
    return false;
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

std::vector<Ref> Watches::take_targets() {
    std::lock_guard lock(lock_);
    std::vector<Ref> result;
    for (Target &known : targets_) {
        result.push_back(std::move(known.ref));
    }
    targets_.clear();
    return result;
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
