// The end of a system: actors of users, actors of the engine, threads.
#include <algorithm>

#include "core/actor/cell.h"
#include "core/actor/foreign.h"
#include "core/actor/system.h"

namespace motet {

// What actors, and then threads, get to end even when the time is over.
static constexpr Nanos kMinShutDown = 2 * kSecond;

void System::begin_close(const std::string &reason) {
    log_.error("closing: " + reason);
    if (close_request_) {
        close_request_();
    }
}

bool System::wait_terminated(const Cell &cell, Nanos deadline) {
    std::unique_lock lock(mutex_);
    const Nanos left = std::max<Nanos>(deadline - system_clock_.now().mono, 0);
    return await(lock, terminated_, left, [&] { return cell.stopped(); });
}

void System::begin_stop(std::function<void()> stopped) {
    closing_.store(true);
    Ptr<Cell> user;
    {
        std::lock_guard lock(mutex_);
        if (user_ && !user_->stopped()) {
            user = user_;
            users_stopped_ = std::move(stopped);
        }
    }
    if (user) {
        user->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
    } else {
        stopped();
    }
}

Status System::stop_actors(Nanos timeout) {
    closing_.store(true);
    Ptr<Cell> user = user_guardian();
    bool stopped = true;
    if (user) {
        Nanos deadline = system_clock_.now().mono + timeout;
        user->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
        stopped = wait_terminated(*user, deadline);
    }
    for (const Ref &ask : patiently([&] { return asks_.close(); })) {
        ask->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
    }
    if (!stopped) {
        return Status(Code::TIMEOUT, "system \"" + name_ + "\": its actors had not stopped after " +
                                         std::to_string(timeout / kMillisecond) + " ms");
    }
    return {};
}

Status System::shut_down(Nanos timeout) {
    Nanos deadline = system_clock_.now().mono + std::max(timeout, kMinShutDown);
    Ptr<Cell> root = this->root();
    std::vector<Ptr<ForeignDispatcher>> foreign;
    {
        std::lock_guard lock(mutex_);
        foreign.swap(foreign_);
    }
    for (const Ptr<ForeignDispatcher> &dispatcher : foreign) {
        dispatcher->close();
    }
    if (root) {
        root->deliver_system(SystemMessage::certain({SystemKind::stop, {}}));
        wait_terminated(*root, deadline);
    }
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(shut_down_, true)) {
            return {};
        }
    }
    timers_.close();
    if (timer_thread_) {
        timer_thread_->stop();
    }
    bool ended = dispatchers_.shut_down(system_clock_, std::max(deadline, system_clock_.now().mono + kMinShutDown));
    if (!ended) {
        cut_off_.store(true);
        retain();  // a handler that does not end still stands on all of this
        return Status(Code::TIMEOUT, "system \"" + name_ + "\": a handler has not ended");
    }
    if (root) {
        root->abandon();
    }
    actor_types_.clear();
    std::lock_guard lock(mutex_);
    root_ = user_ = system_guardian_ = nullptr;
    return {};
}

Status System::close(Nanos timeout) {
    Nanos deadline = system_clock_.now().mono + timeout;
    Status stopped = stop_actors(timeout);
    Status ended = shut_down(deadline - system_clock_.now().mono);
    return stopped.ok() ? std::move(ended) : std::move(stopped);
}

}  // namespace motet
