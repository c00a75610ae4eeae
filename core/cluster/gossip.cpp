#include "core/cluster/gossip.h"

#include <algorithm>

namespace motet {

namespace {

constexpr size_t kMaxAnswers = 16;    // packets in one answer
constexpr uint32_t kLongestTalk = 8;  // of answers to answers; what is not settled then is left to the next round

// Fills a packet with members as long as they fit.
class Filler {
  public:
    Filler(const State &state, const Id128 &cluster) {
        packet.cluster = cluster;
        packet.fingerprint = state.fingerprint();
        if (!state.seen_by_all()) {
            packet.seen = state.seen_bits();
        }
        size_ = kGossipOverhead + packet.seen.size();
    }

    bool add(const Member &member) {
        const size_t size = encoded_size(member);
        if (size_ + size > kMaxPacket) {
            return false;
        }
        size_ += size;
        packet.members.push_back(member);
        return true;
    }

    // As many as fit. True when all did.
    bool add_all(const std::vector<Member> &members) {
        return std::all_of(members.begin(), members.end(), [this](const Member &member) { return add(member); });
    }

    bool add_news(const State &state) {
        bool all = true;
        state.each_news([&](const Member &member) { return all = add(member); });
        return all;
    }

    void reserve_buckets() { size_ += kBuckets * 8 + 8; }

    Gossip packet;

  private:
    size_t size_ = 0;
};

std::vector<uint64_t> bucket_words(const State &state) { return {state.buckets().begin(), state.buckets().end()}; }

Gossip ask_for_difference(const State &state, const Id128 &cluster) {
    Filler filler(state, cluster);
    filler.packet.buckets = bucket_words(state);
    return filler.packet;
}

// Everything in the buckets that differ from theirs. The last packet carries our own hashes when they have not yet sent
// what they have in those buckets.
std::vector<Gossip> tell_difference(const State &state, const Gossip &theirs) {
    std::vector<Gossip> answers;
    const auto start = [&] {
        Filler filler(state, theirs.cluster);
        filler.reserve_buckets();
        return filler;
    };
    Filler filler = start();
    for (size_t index = 0; index < kBuckets; ++index) {
        if (theirs.buckets[index] == state.buckets()[index]) {
            continue;
        }
        for (const Member &member : state.bucket(index)) {
            if (!filler.add(member) && answers.size() + 1 < kMaxAnswers) {
                answers.push_back(std::move(filler.packet));
                filler = start();
                filler.add(member);
            }
        }
    }
    if (theirs.members.empty()) {
        filler.packet.buckets = bucket_words(state);
    }
    answers.push_back(std::move(filler.packet));
    return answers;
}

// Takes in the members of a packet; returns our version of those on which we know better.
std::vector<Member> take_in(State &state, const Gossip &gossip, uint64_t self, Nanos now, bool &changed) {
    std::vector<Member> corrections;
    for (const Member &told : gossip.members) {
        const Member *own = told.uid() == self ? state.find(self) : nullptr;
        if (own && (told.incarnation > own->incarnation || told.observed > own->observed)) {
            continue;
        }
        changed |= state.apply(told, now);
        const Member *known = state.known(told.uid());
        if (known && !(*known == told) && !(known->removed() && told.removed())) {
            corrections.push_back(*known);
        }
    }
    return corrections;
}

std::vector<Gossip> answer_same(State &state, const Gossip &gossip, uint64_t from, uint64_t self) {
    if (gossip.seen.empty()) {
        state.mark_all_seen();
        return {};
    }
    const bool knows_me = state.is_in(gossip.seen, self);
    state.merge_seen_bits(gossip.seen);
    state.mark_seen(from);
    if (knows_me || gossip.answers > 0) {
        return {};
    }
    Filler filler(state, gossip.cluster);
    return {std::move(filler.packet)};
}

GossipOutcome take_in_and_answer(State &state, const Gossip &gossip, uint64_t from, uint64_t self, Nanos now,
                                 Repair repair) {
    GossipOutcome outcome;
    const std::vector<Member> corrections = take_in(state, gossip, self, now, outcome.changed);
    if (gossip.fingerprint == state.fingerprint()) {
        outcome.answers = answer_same(state, gossip, from, self);
        return outcome;
    }
    if (!gossip.buckets.empty()) {
        outcome.repair.tell = repair.tell;
        outcome.answers = repair.tell ? tell_difference(state, gossip) : std::vector<Gossip>();
        return outcome;
    }
    Filler filler(state, gossip.cluster);
    bool explained = filler.add_all(corrections) && !gossip.welcome;
    if (gossip.answers == 0) {
        explained = explained && filler.add_news(state);
    }
    if (explained && !filler.packet.members.empty()) {
        outcome.answers.push_back(std::move(filler.packet));
    } else if (repair.ask && (gossip.answers == 0 || !outcome.changed)) {
        outcome.repair.ask = true;
        outcome.answers.push_back(ask_for_difference(state, gossip.cluster));
    }
    return outcome;
}

}  // namespace

Gossip compose_gossip(const State &state, const Id128 &cluster) {
    Filler filler(state, cluster);
    filler.add_news(state);
    return filler.packet;
}

Gossip compose_welcome(const State &state, const Id128 &cluster, uint64_t self, uint64_t joiner) {
    Filler filler(state, cluster);
    filler.packet.welcome = true;
    for (const uint64_t uid : {self, joiner}) {
        if (const Member *member = state.find(uid)) {
            filler.add(*member);
        }
    }
    for (const auto &[uid, member] : state.members()) {
        if (uid != self && uid != joiner && !filler.add(member)) {
            break;
        }
    }
    return filler.packet;
}

Gossip compose_obituary(const State &state, const Id128 &cluster, const Member &tombstone) {
    Filler filler(state, cluster);
    filler.packet.answers = 1;
    filler.add(tombstone);
    return filler.packet;
}

GossipOutcome receive_gossip(State &state, const Gossip &gossip, uint64_t from, uint64_t self, Nanos now,
                             Repair repair) {
    GossipOutcome outcome = take_in_and_answer(state, gossip, from, self, now, repair);
    if (gossip.answers >= kLongestTalk) {
        outcome.answers.clear();
    }
    for (Gossip &answer : outcome.answers) {
        answer.answers = gossip.answers + 1;
    }
    return outcome;
}

}  // namespace motet
