#include "core/cluster/settings.h"

#include <set>

namespace motet {

namespace {

Status bad(const std::string &what) { return Status(Code::BAD_VALUE, what); }

Status check_roles(const std::vector<std::string> &roles) {
    if (roles.size() > kMaxRoles) {
        return bad(std::to_string(roles.size()) + " roles are more than " + std::to_string(kMaxRoles));
    }
    std::set<std::string> known;
    for (const std::string &role : roles) {
        if (role.empty() || role.size() > kMaxRoleSize || role.find(',') != std::string::npos) {
            return bad("role \"" + role + "\" is not 1 to " + std::to_string(kMaxRoleSize) + " bytes without a comma");
        }
        if (!known.insert(role).second) {
            return bad("role \"" + role + "\" is named twice");
        }
    }
    return {};
}

}  // namespace

Status ClusterSettings::check(const Address &self) const {
    if (Status status = check_roles(roles); !status.ok()) {
        return status;
    }
    if (version.size() > kMaxVersionSize) {
        return bad("version \"" + version + "\" is longer than " + std::to_string(kMaxVersionSize) + " bytes");
    }
    for (const Address &seed : seeds) {
        if (seed.system != self.system || !seed.has_host()) {
            return Status(Code::BAD_ADDRESS, "seed node " + seed.text() + " is not an address of the system " +
                                                 self.system + ": expected motet.tcp://" + self.system + "@host:port");
        }
    }
    if (gossip_interval <= 0 || idle_interval < gossip_interval) {
        return bad("the gossip interval must be above 0 and not above the idle interval");
    }
    if (monitor.interval <= 0) {
        return bad("the heartbeat interval must be above 0");
    }
    if (Status status = monitor.phi.check(); !status.ok()) {
        return status;
    }
    return downing.check();
}

}  // namespace motet
