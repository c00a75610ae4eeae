#include "etcd/src/keeper.h"

#include <algorithm>

namespace motet::etcd {

namespace {

constexpr int kRenewals = 3;  // in the time to live, so that one that is lost does no harm
constexpr std::chrono::seconds kRetry(1);

Outcome refused_by(const std::string &holder) { return {MOTET_E_REFUSED, "the lease is held by " + holder}; }

}  // namespace

Outcome Keeper::hold(const std::string &name, const std::string &owner, const LeaseId &lease) {
    held_[name] = {owner, lease, Clock::now() + time_to_live_ / kRenewals};
    return {};
}

Outcome Keeper::acquire(const std::string &name, const std::string &owner) {
    LeaseId lease;
    if (Outcome outcome = client_.grant(time_to_live_, lease); !outcome.ok()) {
        return outcome;
    }
    std::optional<Entry> before;
    Outcome outcome = client_.put_new(prefix_ + name, owner, lease, before);
    if (outcome.ok() && !before) {
        return hold(name, owner, lease);
    }
    client_.revoke(lease);  // else it runs out by itself
    if (!outcome.ok()) {
        return outcome;
    }
    if (before->value != owner || before->lease.empty()) {
        return refused_by(before->value);
    }
    bool alive = false;
    outcome = client_.keep_alive(before->lease, alive);
    return !outcome.ok() ? outcome
           : alive       ? hold(name, owner, before->lease)
                         : Outcome{MOTET_E_REFUSED, "the lease has just run out"};
}

Outcome Keeper::check(const std::string &name, const std::string &owner) {
    std::optional<Entry> entry;
    Outcome outcome = client_.get(prefix_ + name, entry);
    return !outcome.ok() || (entry && entry->value == owner) ? outcome : refused_by(entry ? entry->value : "nobody");
}

Outcome Keeper::release(const std::string &name, const std::string &owner) {
    std::optional<Entry> entry;
    Outcome outcome = client_.get(prefix_ + name, entry);
    if (outcome.ok() && entry && entry->value != owner) {
        outcome = refused_by(entry->value);
    } else if (outcome.ok() && entry && !entry->lease.empty()) {
        outcome = client_.revoke(entry->lease);  // and the key with it
    }
    if (outcome.ok()) {
        held_.erase(name);
    }
    return outcome;
}

Keeper::Clock::time_point Keeper::renew() {
    Clock::time_point next = Clock::time_point::max();
    for (auto each = held_.begin(); each != held_.end();) {
        Held &held = each->second;
        bool alive = true;
        if (held.renew_at <= Clock::now()) {
            const Outcome outcome = client_.keep_alive(held.lease, alive);
            held.renew_at = Clock::now() + (outcome.ok() ? time_to_live_ / kRenewals : kRetry);
            alive = alive || !outcome.ok();  // nobody knows
        }
        next = alive ? std::min(next, held.renew_at) : next;
        each = alive ? std::next(each) : held_.erase(each);
    }
    return next;
}

}  // namespace motet::etcd
