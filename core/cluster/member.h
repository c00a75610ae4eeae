// Member is what the cluster knows of one life of one node, its accusations of others included. Two versions of a
// member are joined as in a lattice, so that it does not matter in which order, or how often, news arrives.
// Knows: the statuses and how two versions merge. Must never know: other members, time, how news travels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/message/address.h"

namespace motet {

// In the order of a life: a merge keeps the later one.
enum class MemberStatus : uint8_t {
    joining,
    weakly_up,
    up,
    preparing_for_shutdown,  // of the whole cluster
    ready_for_shutdown,
    leaving,
    exiting,
    down,
    removed
};

const char *status_name(MemberStatus status);  // "weakly-up"
std::optional<MemberStatus> status_of(std::string_view name);

constexpr size_t kMaxRoles = 32;
constexpr size_t kMaxRoleSize = 64;
constexpr size_t kMaxVersionSize = 64;
constexpr size_t kMaxAccusations = 256;  // of one observer, so that its entry always fits into one packet

constexpr uint32_t kMaxSilence = 65535;  // milliseconds that an accusation tells

// 128 bits: the identity of a cluster, and the fingerprint of a state.
struct Id128 {
    uint64_t high = 0;
    uint64_t low = 0;

    bool zero() const { return high == 0 && low == 0; }
    std::string text() const;  // 32 hexadecimal digits
    friend bool operator==(const Id128 &a, const Id128 &b) { return a.high == b.high && a.low == b.low; }
    void add(const Id128 &other) { high += other.high, low += other.low; }
    void subtract(const Id128 &other) { high -= other.high, low -= other.low; }
};

// An observer's word that it cannot reach a subject. It stands for that incarnation of the subject only.
struct Accusation {
    uint64_t subject = 0;
    uint32_t incarnation = 0;
    uint32_t silence_ms = 0;  // the reason: for so long nothing had come from it, by no way

    // One is the other, whatever its reason.
    friend bool operator==(const Accusation &a, const Accusation &b) {
        return a.subject == b.subject && a.incarnation == b.incarnation;
    }
};

struct Member {
    UniqueAddress node;
    MemberStatus status = MemberStatus::joining;
    uint32_t incarnation = 0;  // only the node itself raises it, to refute
    uint32_t up_number = 0;    // its age: 1 is the oldest; 0 before it was Up
    std::vector<std::string> roles;
    std::string version;
    uint32_t observed = 0;  // counts the changes of accusations; only the node itself raises it
    std::vector<Accusation> accusations;

    uint64_t uid() const { return node.uid; }
    bool has_role(std::string_view role) const;
    bool removed() const { return status == MemberStatus::removed; }
    // Down or later: its word does not count, and nobody waits for it.
    bool gone() const { return status >= MemberStatus::down; }
    // Its whole cluster ends.
    bool ending() const {
        return status == MemberStatus::preparing_for_shutdown || status == MemberStatus::ready_for_shutdown;
    }
    // Takes part in convergence, leads, is counted by a split brain resolver. Not who leaves without having been Up.
    bool full() const {
        return status == MemberStatus::up || ending() || (status == MemberStatus::leaving && up_number != 0);
    }
    bool arriving() const { return status <= MemberStatus::weakly_up; }

    Id128 digest() const;  // over every field
    friend bool operator==(const Member &a, const Member &b) = default;
};

// The order of ages: who was never up is the youngest; of two of one age the one with the lower address is older.
bool older(const Member &a, const Member &b);

// The join of two versions of the same member.
Member merge(const Member &left, const Member &right);

}  // namespace motet
