#include "core/actor/system.h"

#include <algorithm>
#include <thread>

#include "core/actor/cell.h"
#include "core/actor/foreign.h"
#include "core/actor/selection.h"
#include "core/base/random.h"
#include "core/base/thread.h"

namespace motet {

namespace {

constexpr size_t kMaxTimerShards = 8;

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

size_t timer_shards(const Seams &seams) {
    return seams.driver ? 1 : std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxTimerShards);
}

DeadLetters::Settings dead_letter_settings(const Config &config) {
    return {config.integer("dead-letters.log-count"), config.duration("dead-letters.log-pause"),
            config.integer("dead-letters.ring")};
}

}  // namespace

System::System(const Config &config, Seams seams)
    : config_(config), seams_(std::move(seams)), clock_(seams_.clock ? seams_.clock : &system_clock_),
      name_(config.text("system.name")), uid_(seams_.uid != 0 ? seams_.uid : random_uid()),
      log_(name_, log_level(config.text("log.level"))), local_address_(Address::local(name_)),
      timers_(*clock_, timer_shards(seams_)), dead_letters_(*this, dead_letter_settings(config)),
      recorder_(config.text("trace.export") != "off", config.real("trace.sample-ratio"),
                static_cast<size_t>(config.integer("trace.queue-size")), uid_),
      dispatchers_(config_, seams_.dispatcher), mailboxes_(config_, types_),
      stash_capacity_(config.integer("actor.stash-capacity")) {}

System::~System() = default;

Result<Ptr<System>> System::start(const Config &config, Seams seams) {
    auto system = Ptr<System>::adopt(new System(config, std::move(seams)));
    Status started = Status(Code::NO_MEMORY, "");
    (void)if_memory_allows([&] { started = system->begin(); });
    if (!started.ok()) {
        (void)patiently([&] { return system->shut_down(kSecond); });
        return started;
    }
    return system;
}

Status System::begin() {
    Status begun = read_deployments();
    if (begun.ok()) {
        begun = start_dispatchers();
    }
    if (begun.ok() && !seams_.driver) {
        Result<std::unique_ptr<TimerThread>> thread = TimerThread::start(timers_);
        if (thread.ok()) {
            timer_thread_ = std::move(thread.value());
        } else {
            begun = std::move(thread.status());
        }
    }
    if (begun.ok()) {
        make_guardians();
    }
    return begun;
}

Status System::start_dispatchers() {
    for (auto [name, slot] : {std::pair("default", &default_), std::pair("internal", &internal_)}) {
        Result<Dispatcher *> made = dispatchers_.get(name);
        if (!made.ok()) {
            return std::move(made.status());
        }
        *slot = made.value();
    }
    return {};
}

void System::make_guardians() {
    auto props = make_counted<Props>();
    props->make_behavior = [](Context &) -> Result<std::unique_ptr<Behavior>> {
        return std::unique_ptr<Behavior>(new Guardian);
    };
    props->supervision.directive = Directive::escalate;
    auto make = [&](Cell *parent, const std::string &name) {
        auto cell = make_counted<Cell>(*this, parent, ActorName::of(name), Ptr<const Props>(props),
                                       internal_dispatcher(), MailboxSettings());
        if (parent) {
            (void)parent->family().add(*cell);
        }
        cell->start();
        return cell;
    };
    root_ = make(nullptr, "");
    user_ = make(root_.get(), "user");
    system_guardian_ = make(root_.get(), "system");
}

bool System::is_own(const Address &address) const {
    return address == local_address_ || address == this->address() || (remote_ && remote_->is_own(address));
}

Result<Ref> System::resolve(std::string_view path) {
    Result<ActorPath> parsed = ActorPath::parse(path);
    return parsed.ok() ? resolve(parsed.value()) : Result<Ref>(std::move(parsed.status()));
}

Result<Ref> System::resolve(const ActorPath &path) {
    if (path.address && !is_own(*path.address)) {
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

bool System::await(std::unique_lock<std::mutex> &lock, std::condition_variable &changed, Nanos timeout,
                   const std::function<bool()> &condition) const {
    if (seams_.driver) {
        lock.unlock();
        seams_.driver->run_until(std::max<Nanos>(timeout, 0), [&] {
            std::lock_guard held(*lock.mutex());
            return condition();
        });
        lock.lock();
        return condition();
    }
    if (timeout < 0) {
        changed.wait(lock, condition);
        return true;
    }
    return changed.wait_for(lock, std::chrono::nanoseconds(timeout), condition);
}

bool System::on_own_thread() const { return seams_.driver ? seams_.driver->inside() : on_engine_thread(); }

Status System::run_elsewhere(const std::string &name, std::function<void()> work) {
    if (seams_.driver) {
        seams_.driver->later(std::move(work));
        return {};
    }
    Result<std::thread> thread = start_thread(name, std::move(work));
    if (!thread.ok()) {
        return std::move(thread.status());
    }
    thread.value().detach();
    return {};
}

}  // namespace motet
