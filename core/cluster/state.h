// State is everything that gossip agrees on: the members, their fingerprint, who has seen it, and which changes are
// still news.
// Knows: how to take in news about one member. Must never know: packets, time of day, whom to tell.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/cluster/member.h"

namespace motet {

constexpr size_t kMaxMembers = 5000;
constexpr size_t kMaxTombstones = 10000;
constexpr Nanos kTombstoneAge = 24 * 3600 * kSecond;
constexpr size_t kBuckets = 64;

using Members = std::map<uint64_t, Member>;  // by uid

struct AddressOrder {
    bool operator()(const Member *a, const Member *b) const { return a->node < b->node; }
};

class State {
  public:
    explicit State(uint64_t self) : self_(self) {}

    // A copy could not keep its order by address.
    State(const State &) = delete;
    State &operator=(const State &) = delete;
    State(State &&) = default;
    State &operator=(State &&) = default;

    const Members &members() const { return members_; }  // without the removed
    const std::set<const Member *, AddressOrder> &by_address() const { return by_address_; }
    const std::set<uint64_t> &accusing() const { return accusing_; }  // the members that accuse anybody
    const std::vector<uint64_t> &uids() const { return order_; }      // of all members, ascending
    const Member *find(uint64_t uid) const;
    bool was_removed(uint64_t uid) const;
    bool any_full() const { return full_count_ > 0; }

    // The highest that this node has seen. Whose it was may have been removed here, and live on for another side of a
    // split.
    uint32_t last_up_number() const { return last_up_number_; }

    // The life at an address that is not gone; nullptr when there is none.
    const Member *living_at(const Address &address) const;

    // Joins news into what is known. True when that changed something. News that cannot be true (a uid that moved to
    // another address) and members beyond kMaxMembers change nothing.
    bool apply(const Member &news, Nanos now);

    // Starts from nothing: for a node whose attempt to join begins again.
    void clear();

    // The same at two nodes exactly when they agree on every member.
    Id128 fingerprint() const { return fingerprint_; }
    // The same, a part of the members each, by bucket_of(uid).
    const std::array<uint64_t, kBuckets> &buckets() const { return buckets_; }
    static size_t bucket_of(uint64_t uid) { return uid % kBuckets; }

    // Who is known to have had this fingerprint too.
    std::set<uint64_t> seen() const;
    bool has_seen(uint64_t uid) const;
    void mark_seen(uint64_t uid);
    void mark_all_seen();
    size_t seen_count() const { return seen_count_; }
    bool seen_by_all() const { return seen_count_ == members_.size(); }
    std::vector<uint64_t> unaware() const;  // all others
    // Calls visit for each of those, ascending, as long as that returns true. Whether it always did.
    template <typename Visit> bool each_unaware(Visit visit) const {
        for (size_t word = 0; word < seen_.size(); ++word) {
            for (uint64_t left = ~seen_[word]; left != 0; left &= left - 1) {
                const size_t index = word * 64 + static_cast<size_t>(std::countr_zero(left));
                if (index >= order_.size()) {
                    return true;
                }
                if (!visit(order_[index])) {
                    return false;
                }
            }
        }
        return true;
    }
    // One bit for each member in the order of uids; only means something beside an equal fingerprint.
    std::vector<uint8_t> seen_bits() const;
    void merge_seen_bits(const std::vector<uint8_t> &bits);
    bool is_in(const std::vector<uint8_t> &bits, uint64_t uid) const;

    // Every change has a number. Calls visit with what changed after a number, newest first, as long as that returns
    // true; removed members are Members with that status.
    uint64_t changes() const { return changes_; }
    template <typename Visit> void each_change_since(uint64_t number, Visit visit) const {
        for (auto at = by_change_.rbegin(); at != by_change_.rend() && at->number > number; ++at) {
            if (at->is_last() && !visit(*at->entry->member)) {
                return;
            }
        }
    }
    // What changed since all had last seen the same.
    template <typename Visit> void each_news(Visit visit) const { each_change_since(settled_changes_, visit); }
    std::vector<Member> news() const;
    // What this node holds in one bucket, the removed included.
    std::vector<Member> bucket(size_t index) const;
    // What it holds about one uid: a member or the fact that it was removed; nullptr when nothing.
    const Member *known(uint64_t uid) const;

    // Where those who were removed have lived, as far as nobody else lives there now.
    std::vector<UniqueAddress> removed_places() const;

    void expire_tombstones(Nanos now);

  private:
    struct Tombstone {
        Member member;
        Nanos at;
    };

    // Where everything known of a uid is, and the number of its last change; 0: it has never been news.
    struct Entry {
        Member *member = nullptr;  // or its tombstone
        uint64_t change = 0;
    };

    // One of all changes, of which only the last of each entry counts.
    struct Change {
        uint64_t number;
        const Entry *entry;  // nullptr: has been forgotten

        bool is_last() const { return entry && entry->change == number; }
    };

    void changed(uint64_t uid);
    void drop_old_changes();
    void add(const Member &member);
    void remove(uint64_t uid);
    void count(const Member &member, bool add);
    void bury(const Member &member, Nanos now);
    void forget(uint64_t uid);
    void forget_seen();
    void see(size_t index);
    std::optional<size_t> index_of(uint64_t uid) const;

    uint64_t self_;
    uint32_t last_up_number_ = 0;
    Members members_;
    std::set<const Member *, AddressOrder> by_address_;
    std::vector<uint64_t> order_;  // the uids of the members, ascending: what a bit of seen stands for
    std::map<uint64_t, Tombstone> tombstones_;
    std::set<uint64_t> accusing_;
    size_t full_count_ = 0;

    uint64_t changes_ = 0;
    uint64_t settled_changes_ = 0;   // as many there were when all had last seen the same
    std::vector<Change> by_change_;  // ascending; those that do not count any more are dropped now and then
    std::unordered_map<uint64_t, Entry> index_;

    std::vector<uint64_t> seen_;  // 64 bits each
    size_t seen_count_ = 0;
    Id128 fingerprint_;
    std::array<uint64_t, kBuckets> buckets_{};
};

}  // namespace motet
