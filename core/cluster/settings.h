// ClusterSettings is all that one node is told about how to be a member.
// Knows: values, their limits, their keys in a configuration. Must never know: who acts upon them.
#pragma once

#include <string>
#include <vector>

#include "core/cluster/compatibility.h"
#include "core/cluster/convergence.h"
#include "core/cluster/downing.h"
#include "core/cluster/join.h"
#include "core/cluster/monitor.h"
#include "core/config/config.h"

namespace motet {

struct ClusterSettings {
    std::vector<std::string> roles;
    std::string version = "0.0.0";  // of the application
    std::vector<Address> seeds;

    Requirements requirements;
    UpConditions up;
    JoinSettings join;
    MonitorSettings monitor;
    size_t observers = 6;               // of each member
    Nanos flap_damping = 64 * kSecond;  // see FlapDamping
    DowningSettings downing;
    Nanos gossip_interval = 200 * kMillisecond;  // while somebody has not seen the present state
    Nanos leader_interval = 200 * kMillisecond;  // between two looks at what there is to do
    Nanos idle_interval = 1 * kSecond;           // otherwise
    Nanos weakly_up_after = 3 * kSecond;         // of not converging because of unreachable members; negative: never
    Nanos pause_guard = 1 * kSecond;             // a timer later than this means that this node itself was stopped

    // From the keys "cluster.*". Errors: BAD_ADDRESS.
    static Result<ClusterSettings> from(const Config &config);

    // Errors: BAD_VALUE, BAD_ADDRESS, with the value and what would be accepted.
    Status check(const Address &self) const;

  private:
    Status check_fit() const;
};

// Whether a node could join these. Errors: BAD_ADDRESS.
Status check_seeds(const std::vector<Address> &seeds, const Address &self);

}  // namespace motet
