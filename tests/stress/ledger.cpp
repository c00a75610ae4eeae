#include "tests/stress/ledger.h"

#include <algorithm>

namespace motet::stress {

static std::string text(const Work &work) {
    return "message " + std::to_string(work.number) + " of " + std::to_string(work.from) + " to " +
           std::to_string(work.to);
}

Work Sender::next(const Actor &to) { return {number, to.number, ++last[to.number], 0, 0, to.pool, 0}; }

void Body::enter() {
    if (running.exchange(true)) {
        ledger.violated("one", "actor " + std::to_string(actor.number) + " handles two messages at a time");
    }
}

void Body::begins() {
    ended.store(false);
    if (instances++ > 0) {
        ++ledger.restarts;
        unstash();
        depth = 0;
    }
    last_signal = 0;
}

void Body::ends() {
    if (last_signal != MOTET_TYPE_PRE_RESTART) {
        ended.store(true);
    }
}

void Body::signal(int32_t type) {
    const bool first = type == (instances == 1 ? MOTET_TYPE_PRE_START : MOTET_TYPE_POST_RESTART);
    const bool stopped_at_once = instances > 1 && last_signal == 0 && type == MOTET_TYPE_POST_STOP;
    if (ended.load() || last_signal == MOTET_TYPE_POST_STOP || ((last_signal == 0) != first && !stopped_at_once)) {
        ledger.violated("life", "actor " + std::to_string(actor.number) + " (" + actor.kind + ") got the signal " +
                                    std::to_string(type) + " after " + std::to_string(last_signal));
    }
    last_signal = type;
}

void Body::acts(int handler_depth) {
    if (last_signal == 0 || last_signal == MOTET_TYPE_POST_STOP || last_signal == MOTET_TYPE_PRE_RESTART ||
        ended.load()) {
        ledger.violated("life", "actor " + std::to_string(actor.number) + " handles a message after signal " +
                                    std::to_string(last_signal));
    }
    if (handler_depth != depth) {
        ledger.violated("life", "handler " + std::to_string(handler_depth) + " of actor " +
                                    std::to_string(actor.number) + " runs, its present one is " +
                                    std::to_string(depth));
    }
}

void Body::arrives(const Work &work, int32_t priority) {
    if (!returned.empty()) {
        const Work expected = returned.front();
        returned.pop_front();
        if (expected.from != work.from || expected.to != work.to || expected.number != work.number) {
            ledger.violated("stash", text(work) + " came, and not " + text(expected) + ", which was stashed");
        }
        return;
    }
    uint32_t &last = seen[{work.from, work.to, priority}];
    if (work.number <= last) {
        ledger.violated("order", text(work) + " came to actor " + std::to_string(sender.number) + " (" + actor.kind +
                                     ") after number " + std::to_string(last));
    }
    last = work.number;
}

void Body::unstash() {
    if (stashed.size() > 1 && ledger.strikes(Mutant::stash)) {
        std::swap(stashed.front(), stashed.back());
    }
    returned.insert(returned.begin(), stashed.begin(), stashed.end());
    stashed.clear();
}

void Body::handled() {
    if (ledger.strikes(Mutant::lost) || (instances > 1 && ledger.strikes(Mutant::lost_at_restart))) {
        return;
    }
    ledger.handled += ledger.strikes(Mutant::twice) ? 2 : 1;
}

void Body::watch(const motet_ref_t *target, Actor &who) {
    std::lock_guard lock(mutex);
    watched[target] = &who;
}

void Body::unwatch(const motet_ref_t *target) {
    std::lock_guard lock(mutex);
    watched.erase(target);
}

// stopped: whether its cell says so.
void Body::terminated(const motet_ref_t *target, bool stopped) {
    if (ledger.strikes(Mutant::terminated_never)) {
        return;
    }
    Actor *who = nullptr;
    {
        std::lock_guard lock(mutex);
        if (const auto found = watched.find(target); found != watched.end()) {
            who = found->second;
            watched.erase(found);
        }
    }
    if (!who) {
        ledger.violated("terminated", "actor " + std::to_string(actor.number) +
                                          " was told of the end of one that it does not watch, or twice");
    } else if (!stopped || who->lives()) {
        ledger.violated("terminated", "actor " + std::to_string(who->number) + " lives, and its end was told");
    }
}

Body &Actor::body(const motet_ref_t *self) {
    std::lock_guard lock(mutex_);
    for (auto &[cell, body] : bodies_) {
        if (!pool || (cell == self && !body->ended.load())) {
            return *body;
        }
    }
    bodies_.emplace_back(self, std::make_unique<Body>(ledger, *this, pool ? ledger.new_number() : number));
    return *bodies_.back().second;
}

bool Actor::lives() {
    std::lock_guard lock(mutex_);
    return std::any_of(bodies_.begin(), bodies_.end(), [](const auto &each) { return !each.second->ended.load(); });
}

bool Actor::has_ended() {
    std::lock_guard lock(mutex_);
    return !bodies_.empty() &&
           std::all_of(bodies_.begin(), bodies_.end(), [](const auto &each) { return each.second->ended.load(); });
}

std::string Actor::missing() {
    if (observed.load() && announced.load() == 0 && has_ended()) {
        return "the end of actor " + name() + " to the observer";
    }
    std::vector<Actor *> watched;
    {
        std::lock_guard lock(mutex_);
        for (auto &[cell, body] : bodies_) {
            std::lock_guard watches(body->mutex);
            for (auto &[target, who] : body->watched) {
                if (!body->ended.load()) {
                    watched.push_back(who);
                }
            }
        }
    }
    for (Actor *who : watched) {
        if (who->has_ended()) {
            return "the end of actor " + who->name() + " to actor " + name();
        }
    }
    return {};
}

Actor &Ledger::add(const char *kind, bool pool) {
    const uint32_t number = new_number();
    std::lock_guard lock(mutex_);
    return actors_.emplace_back(*this, number, kind, pool);
}

bool Ledger::strikes(Mutant mutant) { return mutant == mutant_ && !struck_.exchange(true); }

void Ledger::violated(const std::string &check, const std::string &what) {
    std::lock_guard lock(mutex_);
    if (violations_.size() < 20) {
        violations_.push_back(check + ": " + what);
    }
}

std::vector<std::string> Ledger::violations() {
    std::lock_guard lock(mutex_);
    return violations_;
}

std::string Ledger::not_yet_announced() {
    std::vector<Actor *> actors;
    {
        std::lock_guard lock(mutex_);
        for (Actor &actor : actors_) {
            actors.push_back(&actor);
        }
    }
    for (Actor *actor : actors) {
        if (std::string missing = actor->missing(); !missing.empty()) {
            return missing;
        }
    }
    return {};
}

void Ledger::close(const std::map<std::string, uint64_t> &dead) {
    const auto of = [&](const char *type) {
        const auto found = dead.find(type);
        return found == dead.end() ? uint64_t{0} : found->second;
    };
    const auto equal = [&](const char *check, const char *what, uint64_t left, uint64_t right) {
        if (left != right) {
            violated(check, std::string(what) + ": " + std::to_string(left) + " and " + std::to_string(right));
        }
    };
    equal("sum", "sent, and handled or dead", sent, handled + of("stress.Work") + of("stress.Urgent"));
    equal("sum", "answered, and taken or dead", answers, answers_taken + of("stress.Answer"));
    equal("ask", "asks, and those that ended", asks, asks_ended);
    equal("leak", "props, and those released", props_made, props_released);
    std::lock_guard lock(mutex_);
    for (Actor &actor : actors_) {
        if (actor.announced > 1) {
            violations_.push_back("terminated: the end of actor " + std::to_string(actor.number) + " was told " +
                                  std::to_string(actor.announced) + " times");
        }
    }
}

}  // namespace motet::stress
