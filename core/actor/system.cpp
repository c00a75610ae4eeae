#include "core/actor/system.h"

#include <algorithm>
#include <thread>

#include "core/actor/cell.h"
#include "core/actor/foreign.h"
#include "core/actor/selection.h"
#include "core/base/random.h"
#include "core/dispatch/thread_pool.h"

namespace motet {

namespace {

constexpr Nanos kMinShutDown = 200 * kMillisecond;  // what threads get to end, even when the time is over

// The guardians only supervise.
class Guardian final : public Behavior {
  public:
    Code receive(Context &, const Envelope &) override { return Code::UNHANDLED; }
};

LogLevel log_level(const std::string &name) {
    static constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::debug},
                                                                        {"info", LogLevel::info},
                                                                        {"warning", LogLevel::warning},
                                                                        {"error", LogLevel::error}};
    for (const auto &[text, level] : kLevels) {
        if (name == text) {
            return level;
        }
    }
    return LogLevel::off;
}

DeadLetters::Settings dead_letter_settings(const Config &config) {
    return {config.integer("dead-letters.log-count"), config.duration("dead-letters.log-pause"),
            config.integer("dead-letters.ring")};
}

}  // namespace

System::System(const Config &config, Seams seams)
    : config_(config), seams_(std::move(seams)), clock_(seams_.clock ? seams_.clock : &system_clock_),
      name_(config.text("system.name")), uid_(seams_.uid != 0 ? seams_.uid : random_uid()),
      log_(name_, log_level(config.text("log.level"))), local_address_(Address::local(name_)), timers_(*clock_),
      dead_letters_(*this, dead_letter_settings(config)),
      recorder_(config.text("trace.export") != "off", config.real("trace.sample-ratio"),
                static_cast<size_t>(config.integer("trace.queue-size")), uid_),
      mailbox_capacity_(config.integer("actor.mailbox-capacity")) {}

System::~System() = default;

Result<Ptr<System>> System::start(const Config &config, Seams seams) {
    auto system = Ptr<System>::adopt(new System(config, std::move(seams)));
    Status started = system->start_dispatchers();
    if (started.ok() && system->seams_.own_timer_thread) {
        Result<std::unique_ptr<TimerThread>> thread = TimerThread::start(system->timers_);
        if (thread.ok()) {
            system->timer_thread_ = std::move(thread.value());
        } else {
            started = std::move(thread.status());
        }
    }
    if (!started.ok()) {
        (void)system->shut_down(kSecond);
        return started;
    }
    system->make_guardians();
    return system;
}

Status System::start_dispatchers() {
    for (auto [name, slot] : {std::pair("default", &default_), std::pair("internal", &internal_)}) {
        Result<Dispatcher *> made = dispatcher(name);
        if (!made.ok()) {
            return std::move(made.status());
        }
        *slot = made.value();
    }
    return {};
}

// The dispatcher with a name; those that are configured, and "blocking", are made when they are first asked for.
Result<Dispatcher *> System::dispatcher(const std::string &name) {
    std::lock_guard lock(mutex_);
    if (shut_down_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    auto known = dispatchers_.find(name);
    if (known != dispatchers_.end()) {
        return known->second.get();
    }
    auto throughput = static_cast<int>(config_.integer("actor.throughput"));
    auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    int threads = 1;
    std::vector<std::string> configured = config_.names("actor.dispatcher");
    if (name == "default") {
        threads = static_cast<int>(config_.integer("actor.threads"));
    } else if (name == "blocking") {
        threads = static_cast<int>(config_.integer("actor.blocking-threads"));
        throughput = 1;
    } else if (std::find(configured.begin(), configured.end(), name) != configured.end()) {
        threads = static_cast<int>(config_.integer("actor.dispatcher.<name>.threads", name));
        throughput = static_cast<int>(config_.integer("actor.dispatcher.<name>.throughput", name));
    } else if (name != "internal") {
        std::string known_names = "default, blocking";
        for (const std::string &other : configured) {
            known_names += ", " + other;
        }
        return Status(Code::BAD_VALUE, "dispatcher \"" + name + "\" is not configured; there are: " + known_names);
    }
    threads = threads > 0 ? threads : cores;
    Result<std::unique_ptr<Dispatcher>> made = [&]() -> Result<std::unique_ptr<Dispatcher>> {
        if (seams_.dispatcher) {
            return seams_.dispatcher(name, threads, throughput);
        }
        Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::start("motet-" + name, threads, throughput);
        if (!pool.ok()) {
            return std::move(pool.status());
        }
        return std::unique_ptr<Dispatcher>(std::move(pool.value()));
    }();
    if (!made.ok()) {
        return std::move(made.status());
    }
    return (dispatchers_[name] = std::move(made.value())).get();
}

void System::make_guardians() {
    auto props = make_counted<Props>();
    props->make_behavior = [](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new Guardian);
    };
    props->supervision.directive = Directive::escalate;
    auto make = [&](Cell *parent, const std::string &name) {
        auto cell = make_counted<Cell>(*this, parent, name, Ptr<const Props>(props), internal_dispatcher(), INT64_MAX);
        if (parent) {
            (void)parent->children().add(name, *cell);
        }
        cell->start();
        return cell;
    };
    root_ = make(nullptr, "");
    user_ = make(root_.get(), "user");
    system_guardian_ = make(root_.get(), "system");
}

uint64_t System::next_incarnation() {
    uint64_t number = Random::mix(uid_ + incarnations_.fetch_add(1, std::memory_order_relaxed)) & 0xffffffffu;
    return number != 0 ? number : 1;
}

Result<int64_t> System::mailbox_capacity(const Props &props) const {
    if (props.mailbox_capacity > 0) {
        return props.mailbox_capacity;
    }
    if (props.mailbox.empty()) {
        return mailbox_capacity_;
    }
    std::vector<std::string> configured = config_.names("actor.mailbox");
    if (std::find(configured.begin(), configured.end(), props.mailbox) == configured.end()) {
        return Status(Code::BAD_VALUE, "mailbox \"" + props.mailbox + "\" is not configured: set actor.mailbox." +
                                           props.mailbox + ".capacity");
    }
    return config_.integer("actor.mailbox.<name>.capacity", props.mailbox);
}

Status System::keep(ForeignDispatcher &dispatcher) {
    std::lock_guard lock(mutex_);
    if (shut_down_) {
        return Status(Code::CLOSED, "the system is closed");
    }
    foreign_.push_back(Ptr<ForeignDispatcher>(&dispatcher));
    return {};
}

void System::forget(const ForeignDispatcher &dispatcher) {
    std::lock_guard lock(mutex_);
    std::erase_if(foreign_, [&](const Ptr<ForeignDispatcher> &kept) { return kept.get() == &dispatcher; });
}

Result<Ptr<Cell>> System::spawn(Cell &parent, Ptr<const Props> props, const std::string &name, bool named) {
    if (closing()) {
        return Status(Code::CLOSED, "actor \"" + name + "\" was not created: the system is closing");
    }
    if (!props->make_behavior && !props->foreign) {
        return Status(Code::INVALID, "actor \"" + name + "\": its props have no behaviour");
    }
    if (named) {
        if (Status valid = check_actor_name(name); !valid.ok()) {
            return valid;
        }
    }
    Dispatcher *runs = nullptr;
    if (props->foreign) {
        runs = props->foreign.get();
    } else if (props->dispatcher == "default") {
        runs = default_;
    } else {
        Result<Dispatcher *> found = dispatcher(props->dispatcher);
        if (!found.ok()) {
            return std::move(found.status());
        }
        runs = found.value();
    }
    Result<int64_t> capacity = mailbox_capacity(*props);
    if (!capacity.ok()) {
        return std::move(capacity.status());
    }
    std::string own_name = named ? name : parent.children().next_name();
    auto cell = make_counted<Cell>(*this, &parent, own_name, props, *runs, capacity.value());
    if (props->foreign) {
        if (Status joined = props->foreign->add(*cell); !joined.ok()) {
            return joined;
        }
    }
    if (Status added = parent.children().add(own_name, *cell); !added.ok()) {
        cell_terminated(*cell);
        return added;
    }
    cell->start();
    return cell;
}

void System::cell_terminated(const Cell &cell) {
    if (cell.props().foreign) {
        cell.props().foreign->remove(cell);
    }
    if (!cell.parent() || !cell.parent()->parent()) {  // a guardian, whose end close() waits for
        { std::lock_guard lock(mutex_); }
        terminated_.notify_all();
    }
}

Result<Ref> System::resolve(std::string_view path) {
    Result<ActorPath> parsed = ActorPath::parse(path);
    return parsed.ok() ? resolve(parsed.value()) : Result<Ref>(std::move(parsed.status()));
}

Result<Ref> System::resolve(const ActorPath &path) {
    bool own = !path.address || path.address == local_address_ || path.address == address() ||
               (remote_ && remote_->is_own(*path.address));
    if (!own) {
        if (!remote_) {
            return Status(Code::BAD_ADDRESS,
                          "address \"" + path.address->text() + "\" is another node, and remote.enabled is off");
        }
        return remote_->ref(path);
    }
    if (path.exact()) {
        if (path.temporary()) {
            if (Ref ask = asks_.find(path.incarnation)) {
                return ask;
            }
        }
        std::vector<Ref> found = Selection::lookup(*this, path.elements);
        if (!found.empty() && (path.incarnation == 0 || found[0]->incarnation() == path.incarnation)) {
            return std::move(found[0]);
        }
    }
    return Ref(make_counted<Selection>(*this, path.elements, path.incarnation));
}

void System::begin_close(const std::string &reason) {
    if (!closing_.exchange(true)) {
        log_.info("closing: " + reason);
    }
    if (close_request_) {
        close_request_();
    }
}

Ptr<Cell> System::root() const {
    std::lock_guard lock(mutex_);
    return root_;
}

Ptr<Cell> System::user_guardian() const {
    std::lock_guard lock(mutex_);
    return user_;
}

Ptr<Cell> System::system_guardian() const {
    std::lock_guard lock(mutex_);
    return system_guardian_;
}

bool System::wait_terminated(const Cell &cell, Nanos deadline) {
    std::unique_lock lock(mutex_);
    Nanos left = deadline - system_clock_.now().mono;
    return terminated_.wait_for(lock, std::chrono::nanoseconds(std::max<Nanos>(left, 0)),
                                [&] { return cell.stopped(); });
}

Status System::stop_actors(Nanos timeout) {
    closing_.store(true);
    Ptr<Cell> user = user_guardian();
    bool stopped = true;
    if (user) {
        Nanos deadline = system_clock_.now().mono + timeout;
        user->deliver_system(new SystemMessage{SystemKind::stop, {}});
        stopped = wait_terminated(*user, deadline);
    }
    for (const Ref &ask : asks_.close()) {
        ask->deliver_system(new SystemMessage{SystemKind::stop, {}});
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
        root->deliver_system(new SystemMessage{SystemKind::stop, {}});
        wait_terminated(*root, deadline);
    }
    std::vector<Dispatcher *> running;
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(shut_down_, true)) {
            return {};
        }
        for (auto &[name, dispatcher] : dispatchers_) {
            running.push_back(dispatcher.get());
        }
    }
    timers_.close();
    if (timer_thread_) {
        timer_thread_->stop();
    }
    bool ended = true;
    for (Dispatcher *dispatcher : running) {
        ended = dispatcher->shut_down(std::max<Nanos>(deadline - system_clock_.now().mono, 0)) && ended;
    }
    if (!ended) {
        cut_off_.store(true);
        retain();  // a handler that does not end still stands on all of this
        return Status(Code::TIMEOUT, "system \"" + name_ + "\": a handler has not ended");
    }
    if (root) {
        root->abandon();
    }
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
