// IgnoredPackets counts what a membership has not acted upon, by reason, and names it: a few lines of log for each
// reason, then none for a while. Knows: how often, and when last. Must never know: what a packet means.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/log_restraint.h"

namespace motet {

class IgnoredPackets {
  public:
    enum class Reason : uint8_t {
        malformed,
        oversized,
        unknown_kind,   // of a later version
        not_for_us,     // for an earlier life at this address
        not_a_member,   // from a node that is none, or not from where that member is
        other_cluster,  // gossip of it
        implausible,    // a uid that moved, or a claim about this node that only this node could make
    };
    static constexpr size_t kReasons = 7;
    static const char *name(Reason reason);  // "not-for-us"

    // Counts one. What to write to the log, if anything; what: who sent it and what is wrong with it.
    std::optional<std::string> add(Reason reason, const std::string &what, Nanos now);

    std::map<std::string, uint64_t> counts() const;  // by name, of all reasons

    uint64_t count(Reason reason) const { return counts_[static_cast<size_t>(reason)]; }

  private:
    static constexpr int64_t kLogCount = 3;
    static constexpr Nanos kLogPause = 60 * kSecond;

    template <size_t... kIndex>
    static std::array<LogRestraint, kReasons> restraints(std::index_sequence<kIndex...> numbers) {
        (void)numbers;
        return {((void)kIndex, LogRestraint(kLogCount, kLogPause))...};
    }

    std::array<uint64_t, kReasons> counts_{};
    std::array<LogRestraint, kReasons> restraints_ = restraints(std::make_index_sequence<kReasons>());
};

}  // namespace motet
