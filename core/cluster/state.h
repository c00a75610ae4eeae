// State is everything that gossip agrees on: the members, their fingerprint, who has seen it, and which changes are
// still news.
// Knows: how to take in news about one member. Must never know: packets, time of day, whom to tell.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/cluster/member.h"

namespace motet {

constexpr size_t kMaxMembers = 5000;
constexpr size_t kMaxTombstones = 10000;
constexpr Nanos kTombstoneAge = 24 * 3600 * kSecond;
constexpr size_t kBuckets = 64;

using Members = std::map<uint64_t, Member>;  // by uid

class State {
  public:
    explicit State(uint64_t self) : self_(self) {}

    const Members &members() const { return members_; }  // without the removed
    const Member *find(uint64_t uid) const;
    bool was_removed(uint64_t uid) const { return tombstones_.count(uid) != 0; }

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
    const std::set<uint64_t> &seen() const { return seen_; }
    void mark_seen(uint64_t uid);
    bool seen_by_all() const { return seen_.size() == members_.size(); }
    // One bit for each member in the order of uids; only means something beside an equal fingerprint.
    std::vector<uint8_t> seen_bits() const;
    void merge_seen_bits(const std::vector<uint8_t> &bits);

    // What changed since all had last seen the same, newest first; removed members are Members with that status.
    std::vector<Member> news() const;
    // What this node holds in one bucket, the removed included.
    std::vector<Member> bucket(size_t index) const;
    // What it holds about one uid, if anything: a member or the fact that it was removed.
    std::optional<Member> lookup(uint64_t uid) const;

    void expire_tombstones(Nanos now);

  private:
    struct Tombstone {
        Member member;
        Nanos at;
    };

    void changed(uint64_t uid);
    void count(const Member &member, bool add);
    void bury(const Member &member, Nanos now);

    uint64_t self_;
    Members members_;
    std::map<uint64_t, Tombstone> tombstones_;
    std::map<uint64_t, uint64_t> changed_at_;  // uid -> number of the change; only what is still news
    uint64_t changes_ = 0;
    std::set<uint64_t> seen_;
    Id128 fingerprint_;
    std::array<uint64_t, kBuckets> buckets_{};
};

}  // namespace motet
