#include "core/cluster/member.h"

#include <algorithm>
#include <array>

#include "core/base/random.h"

namespace motet {

namespace {

constexpr std::array<const char *, 9> kStatusNames = {
    "joining", "weakly-up", "up",     "preparing-for-shutdown", "ready-for-shutdown", "leaving",
    "exiting", "down",      "removed"};

// Two lanes of a mixing function; not meant to resist an attacker, who would need to be a member.
class Digest {
  public:
    void number(uint64_t value) {
        high_ = Random::mix(high_ ^ value);
        low_ = Random::mix(low_ + value + 0x9e3779b97f4a7c15u);
    }
    void text(std::string_view value) {
        number(value.size());
        for (size_t at = 0; at < value.size(); at += 8) {
            uint64_t word = 0;
            for (size_t i = at; i < std::min(at + 8, value.size()); ++i) {
                word = word << 8 | static_cast<unsigned char>(value[i]);
            }
            number(word);
        }
    }
    Id128 value() const { return {high_, low_}; }

  private:
    uint64_t high_ = 0x6d6f7465742d6869u;
    uint64_t low_ = 0x6d6f7465742d6c6fu;
};

}  // namespace

const char *status_name(MemberStatus status) { return kStatusNames[static_cast<size_t>(status)]; }

std::optional<MemberStatus> status_of(std::string_view name) {
    for (size_t i = 0; i < kStatusNames.size(); ++i) {
        if (name == kStatusNames[i]) {
            return static_cast<MemberStatus>(i);
        }
    }
    return std::nullopt;
}

std::string Id128::text() const {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (const uint64_t word : {high, low}) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            out += digits[word >> shift & 15];
        }
    }
    return out;
}

bool Member::has_role(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Id128 Member::digest() const {
    Digest digest;
    digest.number(node.uid);
    digest.text(node.address.text());
    digest.number(static_cast<uint64_t>(status));
    digest.number(static_cast<uint64_t>(incarnation) << 32 | up_number);
    digest.number(roles.size());
    for (const std::string &role : roles) {
        digest.text(role);
    }
    digest.text(version);
    digest.number(observed);
    for (const Accusation &accusation : accusations) {
        digest.number(accusation.subject);
        digest.number(static_cast<uint64_t>(accusation.silence_ms) << 32 | accusation.incarnation);
    }
    return digest.value();
}

bool older(const Member &a, const Member &b) {
    const uint32_t number_of_a = a.up_number == 0 ? UINT32_MAX : a.up_number;
    const uint32_t number_of_b = b.up_number == 0 ? UINT32_MAX : b.up_number;
    return number_of_a != number_of_b ? number_of_a < number_of_b : a.node < b.node;
}

Member merge(const Member &left, const Member &right) {
    Member joined = left.observed >= right.observed ? left : right;
    const Member &other = left.observed >= right.observed ? right : left;
    joined.status = std::max(left.status, right.status);
    joined.incarnation = std::max(left.incarnation, right.incarnation);
    if (joined.up_number == 0 || (other.up_number != 0 && other.up_number < joined.up_number)) {
        joined.up_number = other.up_number;
    }
    if (joined.gone()) {  // its word does not count any more: nothing to keep, nothing to agree on
        joined.accusations.clear();
    }
    return joined;
}

}  // namespace motet
