#include "core/cluster/state.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace motet {

const Member *State::find(uint64_t uid) const {
    const Member *member = known(uid);
    return member && !member->removed() ? member : nullptr;
}

const Member *State::known(uint64_t uid) const {
    const auto found = index_.find(uid);
    return found == index_.end() ? nullptr : found->second.member;
}

bool State::was_removed(uint64_t uid) const {
    const Member *member = known(uid);
    return member && member->removed();
}

const Member *State::living_at(const Address &address) const {
    for (const auto &[uid, member] : members_) {
        if (!member.gone() && member.node.address == address) {
            return &member;
        }
    }
    return nullptr;
}

bool State::apply(const Member &news, Nanos now) {
    last_up_number_ = std::max(last_up_number_, news.up_number);
    const auto found = index_.find(news.uid());
    if (found == index_.end()) {
        if (news.removed()) {
            bury(news, now);
            return false;
        }
        if (members_.size() >= kMaxMembers) {
            return false;
        }
        add(news);
        changed(news.uid());
        return true;
    }
    Member &known = *found->second.member;
    if (known.removed() || known == news || !(known.node.address == news.node.address)) {
        return false;
    }
    Member joined = merge(known, news);
    if (joined == known) {
        return false;
    }
    count(known, false);
    if (joined.removed()) {
        remove(news.uid());
        bury(joined, now);
    } else {
        count(joined, true);
        known = std::move(joined);
    }
    changed(news.uid());
    return true;
}

void State::add(const Member &member) {
    Member &place = members_.emplace(member.uid(), member).first->second;
    index_[member.uid()].member = &place;
    by_address_.insert(&place);
    order_.insert(std::lower_bound(order_.begin(), order_.end(), member.uid()), member.uid());
    count(member, true);
}

void State::remove(uint64_t uid) {
    const auto member = members_.find(uid);
    order_.erase(std::lower_bound(order_.begin(), order_.end(), uid));
    by_address_.erase(&member->second);
    members_.erase(member);
}

void State::clear() { *this = State(self_); }

void State::count(const Member &member, bool add) {
    const Id128 digest = member.digest();
    uint64_t &bucket = buckets_[bucket_of(member.uid())];
    if (add) {
        fingerprint_.add(digest);
        bucket += digest.high;
        full_count_ += member.full() ? 1 : 0;
        if (!member.accusations.empty()) {
            accusing_.insert(member.uid());
        }
    } else {
        fingerprint_.subtract(digest);
        bucket -= digest.high;
        full_count_ -= member.full() ? 1 : 0;
        accusing_.erase(member.uid());
    }
}

void State::changed(uint64_t uid) {
    ++changes_;
    if (const auto found = index_.find(uid); found != index_.end()) {
        found->second.change = changes_;
        by_change_.push_back({changes_, &found->second});
        drop_old_changes();
    }
    forget_seen();
    mark_seen(self_);
}

void State::drop_old_changes() {
    constexpr size_t kFew = 64;
    if (by_change_.size() > 2 * index_.size() + kFew) {
        std::erase_if(by_change_, [](const Change &change) { return !change.is_last(); });
    }
}

void State::forget_seen() {
    seen_.assign((order_.size() + 63) / 64, 0);
    seen_count_ = 0;
}

std::optional<size_t> State::index_of(uint64_t uid) const {
    const auto found = std::lower_bound(order_.begin(), order_.end(), uid);
    return found != order_.end() && *found == uid ? std::optional<size_t>(found - order_.begin()) : std::nullopt;
}

void State::see(size_t index) {
    uint64_t &word = seen_[index / 64];
    const uint64_t bit = uint64_t{1} << index % 64;
    seen_count_ += (word & bit) == 0 ? 1 : 0;
    word |= bit;
}

bool State::has_seen(uint64_t uid) const {
    const std::optional<size_t> index = index_of(uid);
    return index && (seen_[*index / 64] >> *index % 64 & 1) != 0;
}

void State::mark_seen(uint64_t uid) {
    if (const std::optional<size_t> index = index_of(uid)) {
        see(*index);
        settled_changes_ = seen_by_all() ? changes_ : settled_changes_;
    }
}

void State::mark_all_seen() {
    for (size_t index = 0; index < order_.size(); ++index) {
        see(index);
    }
    settled_changes_ = changes_;
}

std::set<uint64_t> State::seen() const {
    std::set<uint64_t> seen(order_.begin(), order_.end());
    for (const uint64_t uid : unaware()) {
        seen.erase(uid);
    }
    return seen;
}

std::vector<uint64_t> State::unaware() const {
    std::vector<uint64_t> unaware;
    each_unaware([&unaware](uint64_t uid) {
        unaware.push_back(uid);
        return true;
    });
    return unaware;
}

std::vector<uint8_t> State::seen_bits() const {
    std::vector<uint8_t> bits((order_.size() + 7) / 8);
    for (size_t i = 0; i < bits.size(); ++i) {
        bits[i] = static_cast<uint8_t>(seen_[i / 8] >> i % 8 * 8);
    }
    return bits;
}

void State::merge_seen_bits(const std::vector<uint8_t> &bits) {
    for (size_t i = 0; i < std::min(bits.size(), (order_.size() + 7) / 8); ++i) {
        for (unsigned left = bits[i]; left != 0; left &= left - 1) {
            const size_t index = i * 8 + static_cast<size_t>(std::countr_zero(left));
            if (index < order_.size()) {
                see(index);
            }
        }
    }
    settled_changes_ = seen_by_all() ? changes_ : settled_changes_;
}

bool State::is_in(const std::vector<uint8_t> &bits, uint64_t uid) const {
    const std::optional<size_t> index = index_of(uid);
    return index && *index / 8 < bits.size() && (bits[*index / 8] >> *index % 8 & 1) != 0;
}

std::vector<Member> State::news() const {
    std::vector<Member> news;
    each_news([&news](const Member &member) {
        news.push_back(member);
        return true;
    });
    return news;
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
    const auto buried = tombstones_.insert_or_assign(member.uid(), Tombstone{remains, now}).first;
    index_[member.uid()].member = &buried->second.member;
    if (tombstones_.size() > kMaxTombstones) {
        const auto older = [](const auto &a, const auto &b) { return a.second.at < b.second.at; };
        const auto oldest = std::min_element(tombstones_.begin(), tombstones_.end(), older);
        forget(oldest->first);
        tombstones_.erase(oldest);
    }
}

std::vector<UniqueAddress> State::removed_places() const {
    std::set<Address> taken;
    for (const auto &[uid, member] : members_) {
        taken.insert(member.node.address);
    }
    std::vector<UniqueAddress> places;
    for (const auto &[uid, tombstone] : tombstones_) {
        if (taken.count(tombstone.member.node.address) == 0) {
            places.push_back(tombstone.member.node);
        }
    }
    return places;
}

void State::expire_tombstones(Nanos now) {
    std::erase_if(tombstones_, [this, now](const auto &entry) {
        const bool old = now - entry.second.at > kTombstoneAge;
        if (old) {
            forget(entry.first);
        }
        return old;
    });
}

void State::forget(uint64_t uid) {
    const auto found = index_.find(uid);
    if (found != index_.end()) {
        for (Change &change : by_change_) {
            change.entry = change.entry == &found->second ? nullptr : change.entry;
        }
        index_.erase(found);
    }
}

}  // namespace motet
