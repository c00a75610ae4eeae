#include "core/cluster/ignored.h"

namespace motet {

const char *IgnoredPackets::name(Reason reason) {
    static constexpr std::array<const char *, kReasons> kNames = {
        "malformed", "oversized", "unknown-kind", "not-for-us", "not-a-member", "other-cluster", "implausible"};
    return kNames[static_cast<size_t>(reason)];
}

std::map<std::string, uint64_t> IgnoredPackets::counts() const {
    std::map<std::string, uint64_t> counts;
    for (size_t index = 0; index < kReasons; ++index) {
        counts[name(static_cast<Reason>(index))] = counts_[index];
    }
    return counts;
}

std::optional<std::string> IgnoredPackets::add(Reason reason, const std::string &what, Nanos now) {
    const auto index = static_cast<size_t>(reason);
    ++counts_[index];
    std::optional<std::string> more = restraints_[index].admit(now);
    return more ? std::optional<std::string>("ignored what came " + what + *more) : std::nullopt;
}

}  // namespace motet
