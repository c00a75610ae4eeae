#include "core/testkit/probe.h"

#include <algorithm>

#include "core/actor/context.h"
#include "core/message/type_table.h"

namespace motet {

namespace {

constexpr size_t kLatest = 50;        // messages that a sentence tells of
constexpr size_t kUntaken = 100'000;  // kept for the test; more are refused

std::string in_milliseconds(Nanos time) { return std::to_string(time / kMillisecond) + " ms"; }

}  // namespace

class Probe::Receiver final : public Behavior {
  public:
    explicit Receiver(Ptr<Inbox> inbox) : inbox_(std::move(inbox)) {}

    Code receive(Context &context, const Envelope &envelope) override {
        if (envelope.type() < types::terminated) {
            return Code::OK;  // of its own life
        }
        keep(context, envelope);
        std::lock_guard lock(inbox_->pilot_mutex);
        const Code code = inbox_->pilot ? inbox_->pilot(context, envelope) : Code::OK;
        return code == Code::UNHANDLED ? Code::OK : code;
    }

  private:
    void keep(Context &context, const Envelope &envelope) {
        auto kept = std::make_shared<KeptMessage>(envelope);
        if (!kept->envelope()) {
            return;
        }
        {
            std::lock_guard lock(inbox_->mutex);
            if (inbox_->untaken.size() < kUntaken) {
                inbox_->untaken.push_back(kept);
                inbox_->latest.push_back(std::move(kept));
                if (inbox_->latest.size() > kLatest) {
                    inbox_->latest.pop_front();
                }
                ++inbox_->all;
                inbox_->changed.notify_all();
                return;
            }
        }
        context.system().dead_letters().take(envelope.copy(), Code::MAILBOX_FULL, context.self());
    }

    const Ptr<Inbox> inbox_;
};

Result<std::unique_ptr<Probe>> Probe::start(System &system, const std::string &name, bool named) {
    auto inbox = make_counted<Inbox>();
    auto props = make_counted<Props>();
    props->make_behavior = [inbox](Context &) {
        return Result<std::unique_ptr<Behavior>>(std::make_unique<Receiver>(inbox));
    };
    const Ptr<Cell> user = system.user_guardian();
    if (!user) {
        return Status(Code::CLOSED, "the system is closed");
    }
    Result<Ptr<Cell>> actor = system.spawn(*user, props, name, named);
    if (!actor.ok()) {
        return std::move(actor.status());
    }
    return std::unique_ptr<Probe>(new Probe(std::move(inbox), std::move(actor.value())));
}

Probe::~Probe() {
    set_pilot({});
    actor_->deliver_system(new SystemMessage{SystemKind::stop, {}});
}

void Probe::set_pilot(Pilot pilot) {
    std::lock_guard lock(inbox_->pilot_mutex);
    inbox_->pilot = std::move(pilot);
}

// Takes the next count messages if all of them fit.
Status Probe::take(size_t count, Nanos within, const std::string &expected, const Fits &fits) {
    taken_.clear();
    const Clock &clock = system().clock();
    const Nanos begin = clock.now().mono;
    std::unique_lock lock(inbox_->mutex);
    const std::deque<Kept> &untaken = inbox_->untaken;
    for (size_t i = 0; i < count; ++i) {
        const Nanos left = std::max<Nanos>(begin + within - clock.now().mono, 0);
        const bool came = system().await(lock, inbox_->changed, left, [&] { return untaken.size() > i; });
        const Nanos waited = clock.now().mono - begin;
        if (!came) {
            return unexpected("expected " + expected + " within " + in_milliseconds(within) + ", but after " +
                              in_milliseconds(waited) + " only " + std::to_string(i) + " of " + std::to_string(count) +
                              " had come");
        }
        if (!fits(i, *untaken[i]->envelope())) {
            return unexpected("expected " + expected + " within " + in_milliseconds(within) + ", but after " +
                              in_milliseconds(waited) + " number " + std::to_string(i + 1) + " of " +
                              std::to_string(count) + " was " + describe(system().types(), *untaken[i]->envelope()));
        }
    }
    for (size_t i = 0; i < count; ++i) {
        taken_.push_back(std::move(inbox_->untaken.front()));
        inbox_->untaken.pop_front();
        taken_.back()->taken = true;
    }
    return {};
}

// Ends a sentence with all that came.
Status Probe::unexpected(std::string sentence) const {
    sentence = actor_->path() + " " + sentence + "; it got " + std::to_string(inbox_->all) + " in all";
    if (inbox_->all > inbox_->latest.size()) {
        sentence += ", of which the last " + std::to_string(inbox_->latest.size()) + " are";
    }
    const char *separator = ": ";
    for (const Kept &kept : inbox_->latest) {
        sentence += separator + describe(system().types(), *kept->envelope()) + (kept->taken ? " (taken)" : "");
        separator = "; ";
    }
    return Status(Code::UNEXPECTED, std::move(sentence));
}

std::string Probe::names(std::span<const TypeId> types, const char *separator) const {
    std::string text;
    for (const TypeId type : types) {
        const char *name = system().types().name(type);
        text += (text.empty() ? "" : separator) + (name ? std::string(name) : "type " + std::to_string(type));
    }
    return text;
}

Status Probe::expect(TypeId type, std::optional<Bytes> payload, Nanos within) {
    const std::string expected = payload ? describe(system().types(), type, *payload) : names({&type, 1}, "");
    return take(1, within, expected, [&](size_t, const Envelope &envelope) {
        return envelope.type() == type &&
               (!payload ||
                std::equal(payload->begin(), payload->end(), envelope.payload().begin(), envelope.payload().end()));
    });
}

Status Probe::expect_any_of(std::span<const TypeId> types, Nanos within) {
    return take(1, within, names(types, " or "), [&](size_t, const Envelope &envelope) {
        return std::find(types.begin(), types.end(), envelope.type()) != types.end();
    });
}

Status Probe::expect_in_order(std::span<const TypeId> types, Nanos within) {
    return take(types.size(), within, names(types, ", then "),
                [&](size_t index, const Envelope &envelope) { return envelope.type() == types[index]; });
}

Status Probe::expect_all_of(std::span<const TypeId> types, Nanos within) {
    std::vector<TypeId> missing(types.begin(), types.end());
    return take(types.size(), within, names(types, " and ") + " in any order", [&](size_t, const Envelope &envelope) {
        const auto found = std::find(missing.begin(), missing.end(), envelope.type());
        if (found == missing.end()) {
            return false;
        }
        missing.erase(found);
        return true;
    });
}

Status Probe::expect_terminated(const ActorRef &actor, Nanos within) {
    return take(1, within, "the end of " + actor.full_path(), [&](size_t, const Envelope &envelope) {
        return envelope.type() == types::terminated && envelope.sender() && actor.means(*envelope.sender());
    });
}

Status Probe::expect_none(Nanos during) {
    taken_.clear();
    const Clock &clock = system().clock();
    const Nanos begin = clock.now().mono;
    std::unique_lock lock(inbox_->mutex);
    if (!system().await(lock, inbox_->changed, during, [this] { return !inbox_->untaken.empty(); })) {
        return {};
    }
    return unexpected("expected no message for " + in_milliseconds(during) + ", but after " +
                      in_milliseconds(clock.now().mono - begin) + " there was " +
                      describe(system().types(), *inbox_->untaken.front()->envelope()));
}

Code Probe::reply(TypeId type, Bytes payload) {
    if (taken_.empty()) {
        return Code::BAD_STATE;
    }
    const Envelope &last = *taken_.back()->envelope();
    Envelope *answer = Envelope::make(type, payload, actor_.get(), last.trace());
    if (!answer) {
        return Code::NO_MEMORY;
    }
    return last.sender() ? hold(last.sender())->deliver(answer)
                         : system().dead_letters().take(answer, Code::STOPPED, "nobody");
}

Code Probe::forward(ActorRef &target) {
    if (taken_.empty()) {
        return Code::BAD_STATE;
    }
    const Envelope &last = *taken_.back()->envelope();
    Envelope *same = last.copy();
    return same ? target.deliver(same) : Code::NO_MEMORY;
}

}  // namespace motet
