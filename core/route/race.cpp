#include "core/route/race.h"

#include "core/actor/ask.h"
#include "core/message/signals.h"

namespace motet {

Race::Race(Envelope *question, std::vector<Ref> routees, Nanos within, Nanos interval, Ref router)
    : router_(std::move(router)), system_(router_->system()), question_(question), routees_(std::move(routees)),
      interval_(interval), deadline_(system_.clock().now().mono + within) {}

Code Race::start(Envelope *question, std::vector<Ref> routees, Nanos within, Nanos interval, Ref router) {
    Ptr<Race> race;
    if (!if_memory_allows([&] {
            race = Ptr<Race>::adopt(new Race(question, std::move(routees), within, interval, std::move(router)));
        })) {
        return router->system().dead_letters().take(question, Code::NO_MEMORY, *router);
    }
    if (interval > 0) {
        race->ask_next();
        return Code::OK;
    }
    race->asked_ = race->waiting_ = race->routees_.size();  // so that the first failures do not end it
    for (const Ref &routee : race->routees_) {
        race->ask(routee);
    }
    return Code::OK;
}

void Race::fail(const Envelope &question, Code code, std::string_view text, const ActorRef &router) {
    if (!question.sender()) {
        return;
    }
    if (Envelope *failure = Envelope::make(types::failure, encode_failure(code, text), &router, question.trace())) {
        hold(question.sender())->deliver(failure);
    }
}

Nanos Race::left() const { return deadline_ - system_.clock().now().mono; }

void Race::ask(const Ref &routee) {
    Result<Ptr<Ask>> asked = Status(Code::NO_MEMORY, "");
    (void)if_memory_allows([&] {
        asked = Ask::send(
            system_, *routee, question_->message(), std::max<Nanos>(left(), 1), question_->trace(),
            [race = Ptr<Race>(this)](Status status, Envelope *answer) { race->ended(std::move(status), answer); });
    });
    if (!asked.ok()) {
        ended(std::move(asked.status()), nullptr);
    }
}

// Tail-chopping: asks the next routee, and sets the timer for the one after it.
void Race::ask_next() {
    const Ref *routee;
    {
        std::lock_guard lock(mutex_);
        if (over_ || asked_ == routees_.size() || left() <= 0) {
            return;
        }
        routee = &routees_[asked_++];
        ++waiting_;
        if (asked_ < routees_.size()) {
            set_timer(interval_);
        }
    }
    ask(*routee);
}

// REQUIRES mutex_
void Race::set_timer(Nanos delay) {
    auto work = [](RefCounted &race, int64_t, uint64_t) { static_cast<Race &>(race).ask_next(); };
    system_.timers().schedule(timer_, delay, {work, Ptr<RefCounted>(this)});
}

// One routee has answered, or will not.
void Race::ended(Status status, Envelope *answer) {
    bool first = false;
    bool failed = false;
    {
        std::lock_guard lock(mutex_);
        --waiting_;
        const bool last = waiting_ == 0 && (asked_ == routees_.size() || left() <= 0);
        first = !over_ && answer;
        failed = !over_ && !answer && last;
        over_ = over_ || first || failed;
        bool pending = (over_ || (!answer && asked_ < routees_.size())) && system_.timers().cancel(timer_);
        if (!over_ && pending) {
            set_timer(0);  // not here: who fails at once must not lead from one to the next on one stack
        }
    }
    if (first) {
        if (question_->sender()) {
            hold(question_->sender())->deliver(answer);
        } else {
            system_.dead_letters().take(answer, Code::STOPPED, "nobody");
        }
    } else if (answer) {
        answer->destroy();
    } else if (failed) {
        (void)if_memory_allows([&] {  // else he waits for the timeout
            fail(*question_, status.code(),
                 router_->path() + ": none of its " + std::to_string(routees_.size()) +
                     " routees has answered; the last: " + status.message(),
                 *router_);
        });
    }
}

}  // namespace motet
