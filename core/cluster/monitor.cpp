#include "core/cluster/monitor.h"

#include <algorithm>
#include <set>

namespace motet {

namespace {

constexpr size_t kHelpers = 3;

}  // namespace

// A member never heard of yet is given the benefit of one heartbeat: its silence counts from now.
Monitor::Subject Monitor::fresh(Nanos now) const {
    Subject subject(settings_.phi);
    subject.detector.heartbeat(now);
    subject.last_heard = now;
    subject.last_answer = sequence_;
    return subject;
}

void Monitor::watch(const std::vector<uint64_t> &subjects, Nanos now) {
    const std::set<uint64_t> wanted(subjects.begin(), subjects.end());
    std::erase_if(subjects_, [&](const auto &entry) { return wanted.count(entry.first) == 0; });
    for (const uint64_t uid : wanted) {
        if (subjects_.count(uid) == 0) {
            subjects_.emplace(uid, fresh(now));
        }
    }
}

void Monitor::heard(uint64_t uid, Nanos now) {
    const auto found = subjects_.find(uid);
    if (found != subjects_.end()) {
        found->second.last_heard = now;
    }
}

bool Monitor::answered(uint64_t uid, uint32_t sequence, bool by_way_of_another, Nanos now) {
    const auto found = subjects_.find(uid);
    if (found == subjects_.end() || sequence > sequence_) {
        return false;
    }
    Subject &subject = found->second;
    subject.last_heard = now;
    // Answers that come in a burst are one sign of life, not many short intervals.
    if (by_way_of_another || sequence <= subject.last_answer) {
        return false;
    }
    subject.last_answer = sequence;
    subject.detector.heartbeat(now);
    return true;
}

void Monitor::restart(uint64_t uid, Nanos now) {
    const auto found = subjects_.find(uid);
    if (found != subjects_.end()) {
        found->second = fresh(now);
    }
}

void Monitor::restart_all(Nanos now) {
    for (auto &[uid, subject] : subjects_) {
        subject = fresh(now);
    }
}

bool Monitor::misses(const Subject &subject, Nanos now) const {
    return now - subject.last_heard > 2 * settings_.interval;
}

bool Monitor::misses_any(Nanos now) const {
    return std::any_of(subjects_.begin(), subjects_.end(),
                       [&](const auto &entry) { return misses(entry.second, now); });
}

std::vector<Monitor::Sending> Monitor::beat(uint64_t self, const std::vector<uint64_t> &possible_helpers, Nanos now,
                                            Random &random) {
    ++sequence_;
    std::vector<Sending> sendings;
    for (const auto &[uid, subject] : subjects_) {
        sendings.push_back({uid, Heartbeat{sequence_, self}});
        if (!misses(subject, now)) {
            continue;
        }
        std::vector<uint64_t> helpers;
        for (const uint64_t helper : possible_helpers) {
            if (helper != uid) {
                helpers.push_back(helper);
            }
        }
        for (size_t i = 0; i < kHelpers && !helpers.empty(); ++i) {
            const size_t pick = random.below(helpers.size());
            sendings.push_back({helpers[pick], ProbeRequest{sequence_, uid}});
            helpers.erase(helpers.begin() + static_cast<ptrdiff_t>(pick));
        }
    }
    return sendings;
}

std::vector<Monitor::Opinion> Monitor::opinions(Nanos now) const {
    std::vector<Opinion> opinions;
    for (const auto &[uid, subject] : subjects_) {
        const bool heard_lately = now - subject.last_heard < settings_.phi.acceptable_pause;
        opinions.push_back({uid, heard_lately || subject.detector.available(now), now - subject.last_heard});
    }
    return opinions;
}

double Monitor::phi(uint64_t uid, Nanos now) const {
    const auto found = subjects_.find(uid);
    return found == subjects_.end() ? 0.0 : found->second.detector.phi(now);
}

}  // namespace motet
