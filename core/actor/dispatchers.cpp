#include "core/actor/dispatchers.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "core/base/patience.h"
#include "core/dispatch/thread_pool.h"

namespace motet {

static constexpr Nanos kPinnedEnd = 10 * kSecond;

// The thread of one actor. It cannot end itself: that is work for another thread.
struct Dispatchers::Pinned final : Runnable {
    Pinned(Dispatchers &owner, std::unique_ptr<Dispatcher> own) : dispatchers(owner), dispatcher(std::move(own)) {}

    bool run(int) override {
        dispatchers.end(*this);
        return false;
    }

    Dispatchers &dispatchers;
    std::unique_ptr<Dispatcher> dispatcher;
};

Dispatchers::Dispatchers(const Config &config, Maker maker) : config_(config), maker_(std::move(maker)) {}
Dispatchers::~Dispatchers() = default;

Status Dispatchers::check(const std::string &name) const {
    std::vector<std::string> names = {"default", "blocking", "pinned"};
    for (std::string &configured : config_.names("actor.dispatcher")) {
        names.push_back(std::move(configured));
    }
    if (name == "internal" || std::find(names.begin(), names.end(), name) != names.end()) {
        return {};
    }
    std::string known;
    for (const std::string &each : names) {
        known += (known.empty() ? "" : ", ") + each;
    }
    return {Code::BAD_VALUE, "dispatcher \"" + name + "\" is not configured; there are: " + known};
}

Result<std::unique_ptr<Dispatcher>> Dispatchers::make(const std::string &name) {
    int64_t threads = 1;
    Slice slice{static_cast<int>(config_.integer("actor.throughput")), config_.duration("actor.throughput-deadline")};
    if (name == "default") {
        threads = config_.integer("actor.threads");
    } else if (name == "blocking") {
        threads = config_.integer("actor.blocking-threads");
        slice = {1, 0};
    } else if (name != "internal" && name != "pinned") {
        threads = config_.integer("actor.dispatcher.<name>.threads", name);
        slice = {static_cast<int>(config_.integer("actor.dispatcher.<name>.throughput", name)),
                 config_.duration("actor.dispatcher.<name>.throughput-deadline", name)};
    }
    auto count = static_cast<int>(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
    if (maker_) {
        return maker_(name, count, slice);
    }
    Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::start("motet-" + name, count, slice);
    if (!pool.ok()) {
        return std::move(pool.status());
    }
    return std::unique_ptr<Dispatcher>(std::move(pool.value()));
}

Result<Dispatcher *> Dispatchers::get(const std::string &name) {
    std::lock_guard lock(mutex_);
    if (closed_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    auto known = named_.find(name);
    if (known != named_.end()) {
        return known->second.dispatcher.get();
    }
    if (Status valid = check(name); !valid.ok()) {
        return valid;
    }
    Result<std::unique_ptr<Dispatcher>> made = make(name);
    if (!made.ok()) {
        return std::move(made.status());
    }
    if (name == "pinned") {
        pinned_.push_back(std::make_unique<Pinned>(*this, std::move(made.value())));
        return pinned_.back()->dispatcher.get();
    }
    return (named_[name].dispatcher = std::move(made.value())).get();
}

void Dispatchers::release(Dispatcher &pinned, Dispatcher &internal) {
    std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Pinned> &each : pinned_) {
        if (each->dispatcher.get() == &pinned && !closed_) {
            internal.schedule(each.get());
        }
    }
}

void Dispatchers::end(const Pinned &pinned) {
    if (!pinned.dispatcher->shut_down(kPinnedEnd)) {
        return;  // kept, as its thread goes on
    }
    std::unique_ptr<Pinned> ended;  // freed after the lock is
    std::lock_guard lock(mutex_);
    for (auto each = pinned_.begin(); each != pinned_.end(); ++each) {
        if (each->get() == &pinned) {
            ended = std::move(*each);
            pinned_.erase(each);
            return;
        }
    }
}

Result<Nanos> Dispatchers::progress_age(const std::string &name, Nanos now) {
    std::lock_guard lock(mutex_);
    auto known = named_.find(name);
    if (known == named_.end()) {
        return Status(Code::NOT_FOUND, "dispatcher \"" + name + "\" has run no actor yet");
    }
    Named &named = known->second;
    Dispatcher::Progress progress = named.dispatcher->progress();
    if (!progress.working || progress.slices != named.seen_slices || named.seen_at == 0) {
        named.seen_slices = progress.slices;
        named.seen_at = now;
    }
    return now - named.seen_at;
}

static bool shut_down_all(const std::vector<Dispatcher *> &dispatchers, const Clock &clock, Nanos deadline) {
    bool ended = true;
    for (Dispatcher *dispatcher : dispatchers) {
        ended = dispatcher->shut_down(std::max<Nanos>(deadline - clock.now().mono, 0)) && ended;
    }
    return ended;
}

bool Dispatchers::shut_down(const Clock &clock, Nanos deadline) {
    std::vector<Dispatcher *> running;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        patiently([&] { running.reserve(named_.size() + pinned_.size()); });
        for (auto &[name, named] : named_) {
            running.push_back(named.dispatcher.get());
        }
    }
    bool ended = shut_down_all(running, clock, deadline);
    running.clear();
    {
        std::lock_guard lock(mutex_);  // the internal dispatcher, which would have ended these, has no thread any more
        for (auto &pinned : pinned_) {
            running.push_back(pinned->dispatcher.get());
        }
    }
    return shut_down_all(running, clock, deadline) && ended;
}

}  // namespace motet
