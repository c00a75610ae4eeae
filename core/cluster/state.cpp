#include "core/cluster/state.h"

#include <algorithm>

namespace motet {

const Member *State::find(uint64_t uid) const {
    const auto found = members_.find(uid);
    return found == members_.end() ? nullptr : &found->second;
}

const Member *State::living_at(const Address &address) const {
    for (const auto &[uid, member] : members_) {
        if (!member.gone() && member.node.address == address) {
            return &member;
        }
    }
    return nullptr;
}

std::optional<Member> State::lookup(uint64_t uid) const {
    if (const Member *member = find(uid)) {
        return *member;
    }
    const auto buried = tombstones_.find(uid);
    return buried == tombstones_.end() ? std::nullopt : std::optional<Member>(buried->second.member);
}

bool State::apply(const Member &news, Nanos now) {
    if (was_removed(news.uid())) {
        return false;
    }
    const auto known = members_.find(news.uid());
    if (known == members_.end()) {
        if (news.removed()) {
            bury(news, now);
            return false;
        }
        if (members_.size() >= kMaxMembers) {
            return false;
        }
        members_.emplace(news.uid(), news);
        count(news, true);
        changed(news.uid());
        return true;
    }
    if (!(known->second.node.address == news.node.address)) {
        return false;
    }
    Member joined = merge(known->second, news);
    if (joined == known->second) {
        return false;
    }
    count(known->second, false);
    if (joined.removed()) {
        bury(joined, now);
        members_.erase(known);
    } else {
        count(joined, true);
        known->second = std::move(joined);
    }
    changed(news.uid());
    return true;
}

void State::clear() { *this = State(self_); }

void State::count(const Member &member, bool add) {
    const Id128 digest = member.digest();
    uint64_t &bucket = buckets_[bucket_of(member.uid())];
    if (add) {
        fingerprint_.add(digest);
        bucket += digest.high;
    } else {
        fingerprint_.subtract(digest);
        bucket -= digest.high;
    }
}

void State::changed(uint64_t uid) {
    changed_at_[uid] = ++changes_;
    seen_.clear();
    mark_seen(self_);
}

void State::mark_seen(uint64_t uid) {
    if (members_.count(uid) == 0) {
        return;
    }
    seen_.insert(uid);
    if (seen_by_all()) {
        changed_at_.clear();
    }
}

std::vector<uint8_t> State::seen_bits() const {
    std::vector<uint8_t> bits((members_.size() + 7) / 8);
    size_t index = 0;
    for (const auto &[uid, member] : members_) {
        if (seen_.count(uid) != 0) {
            bits[index / 8] |= static_cast<uint8_t>(1u << index % 8);
        }
        ++index;
    }
    return bits;
}

void State::merge_seen_bits(const std::vector<uint8_t> &bits) {
    size_t index = 0;
    for (const auto &[uid, member] : members_) {
        if (index / 8 < bits.size() && (bits[index / 8] >> index % 8 & 1) != 0) {
            mark_seen(uid);
        }
        ++index;
    }
}

std::vector<Member> State::news() const {
    std::vector<std::pair<uint64_t, uint64_t>> order;
    for (const auto &[uid, change] : changed_at_) {
        order.emplace_back(change, uid);
    }
    std::sort(order.rbegin(), order.rend());
    std::vector<Member> result;
    for (const auto &[change, uid] : order) {
        if (std::optional<Member> member = lookup(uid)) {
            result.push_back(std::move(*member));
        }
    }
    return result;
}

std::vector<Member> State::bucket(size_t index) const {
    std::vector<Member> result;
    for (const auto &[uid, member] : members_) {
        if (bucket_of(uid) == index) {
            result.push_back(member);
        }
    }
    for (const auto &[uid, tombstone] : tombstones_) {
        if (bucket_of(uid) == index) {
            result.push_back(tombstone.member);
        }
    }
    return result;
}

void State::bury(const Member &member, Nanos now) {
    Member remains;
    remains.node = member.node;
    remains.status = MemberStatus::removed;
    tombstones_[member.uid()] = {remains, now};
    if (tombstones_.size() > kMaxTombstones) {
        const auto older = [](const auto &a, const auto &b) { return a.second.at < b.second.at; };
        tombstones_.erase(std::min_element(tombstones_.begin(), tombstones_.end(), older));
    }
}

void State::expire_tombstones(Nanos now) {
    std::erase_if(tombstones_, [now](const auto &entry) { return now - entry.second.at > kTombstoneAge; });
}

}  // namespace motet
