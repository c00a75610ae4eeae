#include "core/cluster/resolver.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/cluster/reachability.h"

namespace motet {

void ChangeSpread::observe(Nanos now, const State &state) {
    if (!(known_ == state.fingerprint())) {
        known_ = state.fingerprint();
        since_ = now;
    }
    if (!since_ || !state.seen_by_all()) {
        return;
    }
    if (samples_.size() < kSamples) {
        samples_.push_back(0);
    }
    samples_[next_] = now - *since_;
    next_ = (next_ + 1) % kSamples;
    since_.reset();
}

Nanos ChangeSpread::longest() const {
    return samples_.empty() ? 0 : *std::max_element(samples_.begin(), samples_.end());
}

bool StabilityWindow::due(Nanos now, Nanos stable_after, const Members &members,
                          const std::set<uint64_t> &unreachable) {
    Id128 picture;
    if (unreachable.empty()) {
        picture_ = picture;
        unrest_since_.reset();
        return false;
    }
    bool unrest = false;
    for (const auto &[uid, member] : members) {
        const bool missing = unreachable.count(uid) != 0;
        unrest = unrest || (missing && !member.gone());
        // Who joins or starts to leave does not change who can reach whom.
        const bool counted = member.full();
        const uint64_t state = (counted ? 1u : member.status >= MemberStatus::exiting ? 2u : 0u) + (missing ? 4u : 0u);
        if (state != 0) {
            picture.add({Random::mix(uid ^ state), Random::mix(uid + state)});
        }
    }
    if (!(picture == picture_)) {
        picture_ = picture;
        since_ = std::max(since_, now);  // which may be later, see restart()
    }
    unrest_since_ = unrest ? unrest_since_.value_or(now) : std::optional<Nanos>();
    return unrest && now - since_ >= stable_after;
}

void StabilityWindow::restart(Nanos since) {
    since_ = since;
    unrest_since_.reset();
}

Nanos SplitBrainResolver::stable_after() const {
    constexpr Nanos kShortest = 3 * kSecond;
    if (settings_.stable_after > 0) {
        return settings_.stable_after;
    }
    const Nanos shortest = std::max(kShortest, silence_);
    return std::clamp(3 * spread_.longest() + round_, shortest, std::max(kLongest, shortest));
}

// Who seems reachable but has not seen the present state may be on the other side, without observers on this one that
// could tell. New ones take over, and need a whole detection: a window that is shorter ends before this node knows its
// side.
Nanos SplitBrainResolver::patience(const View &view) const {
    const bool all_here_agree = view.state.each_unaware([&](uint64_t uid) {
        return !view.reachable(uid) || view.departed.count(uid) != 0 || view.state.find(uid)->gone();
    });
    return all_here_agree ? stable_after() : std::max(stable_after(), kLongest);
}

// Whether this node is the one to decide: the first in address order whom this side reaches and who itself accuses
// nobody whom the others can reach. Accusations are known to all, so that all pick the same one.
bool SplitBrainResolver::decides(const View &view) {
    const Members &members = view.state.members();
    // Those whom this node takes to be on its side cannot reach it, or have not heard that it denies that. Either they
    // take it back soon, or it finds that it cannot reach them either; until then it does not know who is on its side.
    const std::vector<uint64_t> witnesses = witnesses_against(view.self, view.state, view.self);
    const auto is_here = [&](uint64_t uid) { return view.reachable(uid); };
    const auto here = static_cast<size_t>(std::count_if(witnesses.begin(), witnesses.end(), is_here));
    const auto others = static_cast<size_t>(std::count_if(members.begin(), members.end(), [&](const auto &entry) {
        return entry.first != view.self && !entry.second.gone() && view.reachable(entry.first);
    }));
    if (here > 0 && here >= std::min(kCorroboration, others)) {
        return false;
    }
    const auto has_lone_opinion = [&](const Member &member) {
        return std::any_of(member.accusations.begin(), member.accusations.end(), [&](const Accusation &accusation) {
            return stands(accusation, members) && view.reachable(accusation.subject) &&
                   !members.at(accusation.subject).gone();
        });
    };
    const Member *first = nullptr;
    const bool any_full = std::any_of(members.begin(), members.end(), [&](const auto &entry) {
        return entry.second.full() && view.reachable(entry.first);
    });
    for (const auto &[uid, member] : members) {
        const bool fit = any_full ? member.full() : !member.gone();
        if (fit && view.reachable(uid) && !has_lone_opinion(member) && (!first || member.node < first->node)) {
            first = &member;
        }
    }
    return first && first->uid() == view.self;
}

SplitBrainResolver::Step SplitBrainResolver::step(Now now, const View &view) {
    Step step;
    const Members &members = view.state.members();
    spread_.observe(now.mono, view.state);
    const Nanos patience = this->patience(view);
    const bool due = window_.due(now.mono, patience, members, view.unreachable);
    release_when_over(now, view, step);
    if (lease_ == Lease::delayed && !due) {
        lease_ = Lease::none;
    } else if (lease_ == Lease::delayed && now.mono - lease_since_ >= settings_.lease_delay) {
        ask(now, step);
        return step;
    } else if (lease_ == Lease::asked && now.mono - lease_since_ >= settings_.lease_timeout) {
        return refused(view, "the lease was not granted in time");
    }
    const std::optional<Nanos> unrest = window_.unrest_since();
    if (settings_.down_all_when_unstable > 0 && unrest &&
        now.mono - *unrest >= patience + settings_.down_all_when_unstable) {
        DowningSettings all = settings_;
        all.strategy = DowningStrategy::down_all;
        window_.decided();
        return {decide_downing(all, members, view.unreachable).down, "reachability has not become stable in time"};
    }
    if (!due || !decides(view) || lease_ == Lease::delayed || lease_ == Lease::asked) {
        return step;
    }
    DowningDecision decision = decide_downing(settings_, members, view.unreachable, view.state.seen());
    if (decision.by_lease && lease_ == Lease::none) {
        lease_ = Lease::delayed;
        lease_since_ = now.mono;
        if (!decision.smaller_side) {
            ask(now, step);
        }
        return step;
    }
    if (!decision.down.empty()) {
        window_.decided();
        step.down = std::move(decision.down);
        step.why = decision.by_lease ? "it holds the lease" : "the strategy says so";
    }
    return step;
}

void SplitBrainResolver::ask(Now now, Step &step) {
    lease_ = Lease::asked;
    lease_since_ = now.mono;
    step.acquire = true;
}

SplitBrainResolver::Step SplitBrainResolver::lease_answered(Now now, const View &view, bool granted) {
    Step step;
    if (lease_ != Lease::asked) {  // too late: acted upon already as if it were refused
        step.release = granted && lease_ != Lease::held;
        return step;
    }
    if (!granted) {
        return refused(view, "the lease was refused");
    }
    lease_ = Lease::held;
    lease_since_ = now.mono;
    step.down = decide_downing(settings_, view.state.members(), view.unreachable, view.state.seen()).down;
    step.why = "it holds the lease";
    downed_by_lease_ = step.down;
    window_.decided();
    return step;
}

SplitBrainResolver::Step SplitBrainResolver::refused(const View &view, const std::string &why) {
    lease_ = Lease::none;
    window_.decided();
    return {decide_downing(settings_, view.state.members(), view.unreachable, view.state.seen()).down_if_refused, why};
}

// The lease is kept until the others must have learnt what it decided.
void SplitBrainResolver::release_when_over(Now now, const View &view, Step &step) {
    if (lease_ != Lease::held) {
        return;
    }
    if (std::any_of(downed_by_lease_.begin(), downed_by_lease_.end(),
                    [&](uint64_t uid) { return view.state.find(uid) != nullptr; })) {
        lease_since_ = now.mono;
    } else if (now.mono - lease_since_ >= settings_.lease_release_after) {
        lease_ = Lease::none;
        downed_by_lease_.clear();
        step.release = true;
    }
}

}  // namespace motet
