#include "core/cluster/join.h"

#include <algorithm>

namespace motet {

void JoinProcess::start(const Address &self, const std::vector<Address> &seeds, Now now) {
    contacts_.clear();
    for (const Address &seed : seeds) {
        if (!(seed == self) && std::find(contacts_.begin(), contacts_.end(), seed) == contacts_.end()) {
            contacts_.push_back(seed);
        }
    }
    without_cluster_.clear();
    may_found_ = !seeds.empty() && seeds.front() == self;
    discovers_ = false;
    phase_ = seeds.empty() ? Phase::idle : Phase::looking;
    started_ = found_from_ = next_attempt_ = now.mono;
}

void JoinProcess::start_discovery(Now now) {
    contacts_.clear();
    without_cluster_.clear();
    may_found_ = false;
    discovers_ = true;
    phase_ = Phase::looking;
    started_ = next_attempt_ = next_look_up_ = now.mono;
}

void JoinProcess::discovered(const Address &self, std::vector<Address> found, Now now) {
    if (!discovers_ || phase_ != Phase::looking) {
        return;
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    const bool first = !found.empty() && found.front() == self && found.size() >= settings_.required_contacts;
    if (first && !may_found_) {
        found_from_ = now.mono;
    }
    may_found_ = first;
    std::erase(found, self);
    std::erase_if(without_cluster_, [&](const Address &address) {
        return std::find(found.begin(), found.end(), address) == found.end();
    });
    contacts_ = std::move(found);
}

JoinProcess::Step JoinProcess::step(Now now) {
    Step step;
    if (phase_ == Phase::asking && now.mono - asked_ >= settings_.join_timeout) {
        phase_ = Phase::looking;
        next_attempt_ = now.mono;
    }
    if (phase_ == Phase::looking && may_found_ &&
        (without_cluster_.size() == contacts_.size() || now.mono - found_from_ >= settings_.seed_timeout)) {
        phase_ = Phase::idle;
        step.found = true;
        return step;
    }
    if (active() && settings_.give_up > 0 && now.mono - started_ >= settings_.give_up) {
        phase_ = Phase::idle;
        step.given_up = true;
        return step;
    }
    if (discovers_ && phase_ == Phase::looking && now.mono >= next_look_up_) {
        next_look_up_ = now.mono + settings_.discovery_interval;
        step.look_up = true;
    }
    if (!active() || now.mono < next_attempt_) {
        return step;
    }
    next_attempt_ = now.mono + settings_.retry_interval;
    if (phase_ == Phase::looking) {
        step.hello = contacts_;
    } else {
        step.join = contact_;
    }
    return step;
}

void JoinProcess::offered(const Address &from, bool member, Now now) {
    if (phase_ != Phase::looking || std::find(contacts_.begin(), contacts_.end(), from) == contacts_.end()) {
        return;
    }
    if (!member) {
        without_cluster_.insert(from);
        return;
    }
    phase_ = Phase::asking;
    contact_ = from;
    asked_ = now.mono;
    next_attempt_ = now.mono;
}

void JoinProcess::invited(const Address &from, Now now) {
    if (phase_ == Phase::looking && std::find(contacts_.begin(), contacts_.end(), from) == contacts_.end()) {
        contacts_.push_back(from);
    }
    offered(from, true, now);
}

bool JoinProcess::refused(const Address &from) {
    if (!active()) {
        return false;
    }
    const auto found = std::find(contacts_.begin(), contacts_.end(), from);
    if (found == contacts_.end()) {
        return false;
    }
    contacts_.erase(found);
    without_cluster_.erase(from);
    if (phase_ == Phase::asking && contact_ == from) {
        phase_ = Phase::looking;
    }
    // Who was refused by a cluster must not found another one beside it.
    may_found_ = false;
    if (contacts_.empty()) {
        discovers_ = false;
        phase_ = Phase::idle;
    }
    return phase_ == Phase::idle;
}

}  // namespace motet
