// ClusterSettings is all that one node is told about how to be a member.
// Knows: values and their limits. Must never know: where they were written.
#pragma once

#include <string>
#include <vector>

#include "core/cluster/convergence.h"
#include "core/cluster/downing.h"
#include "core/cluster/join.h"
#include "core/cluster/monitor.h"

namespace motet {

struct ClusterSettings {
    std::vector<std::string> roles;
    std::string version = "0.0.0";  // of the application
    std::vector<Address> seeds;

    UpConditions up;
    JoinSettings join;
    MonitorSettings monitor;
    DowningSettings downing;
    Nanos gossip_interval = 200 * kMillisecond;  // while somebody has not seen the present state
    Nanos idle_interval = 1 * kSecond;           // otherwise
    Nanos weakly_up_after = 3 * kSecond;         // of not converging because of unreachable members; negative: never
    Nanos pause_guard = 1 * kSecond;             // a timer later than this means that this node itself was stopped

    // Errors: BAD_VALUE, BAD_ADDRESS, with the value and what would be accepted.
    Status check(const Address &self) const;
};

}  // namespace motet
