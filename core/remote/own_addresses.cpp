#include "core/remote/own_addresses.h"

#include "core/base/host.h"

namespace motet {

Result<ListenPlan> ListenPlan::of(const Config &config, uint64_t uid) {
    ListenPlan plan;
    plan.local = config.text("remote.transport") == "ipc";
    if (plan.local) {
        const std::string name = config.text("remote.ipc.name");
        plan.host = name.empty() ? "node-" + std::to_string(uid) : name;
        return plan;
    }
    plan.host = config.text("remote.host");
    plan.port = static_cast<uint16_t>(config.integer("remote.port"));
    const std::string bind_host = config.text("remote.bind-host");
    const int64_t bind_port = config.integer("remote.bind-port");
    plan.bind_host = bind_host.empty() ? plan.host : bind_host;
    plan.bind_port = static_cast<uint16_t>(bind_port < 0 ? plan.port : bind_port);
    if (is_wildcard_host(plan.host)) {
        return Status(Code::BAD_VALUE, "remote.host: \"" + plan.host +
                                           "\" is no address that other nodes could reach this one by; set it to a "
                                           "name or address of this machine, and remote.bind-host to \"" +
                                           plan.host + "\"");
    }
    if (bind_port > 0 && plan.port == 0) {
        return Status(Code::BAD_VALUE, "remote.port: 0 is no port that other nodes could reach this one by, when "
                                       "remote.bind-port is " +
                                           std::to_string(bind_port) +
                                           "; set it to the port that leads there, or remote.bind-port to -1");
    }
    if (bind_port == 0 && plan.port != 0) {
        return Status(Code::BAD_VALUE, "remote.bind-port: 0 lets the operating system choose, and then nothing leads "
                                       "from port " +
                                           std::to_string(plan.port) +
                                           " of remote.port to it; set it to the port to which that one leads, or to "
                                           "-1");
    }
    return plan;
}

OwnAddresses::OwnAddresses(const Address &advertised, const ListenPlan &plan, uint16_t bound_port,
                           const std::vector<std::string> &hosts)
    : protocol_(advertised.protocol), system_(advertised.system) {
    places_.emplace(plain_host(advertised.host), advertised.port);
    if (plan.local) {
        return;
    }
    places_.emplace(plain_host(plan.bind_host), bound_port);
    for (const std::string &host : hosts) {
        places_.emplace(plain_host(host), bound_port);
    }
    if (is_wildcard_host(plan.bind_host) || is_loopback_host(plan.bind_host)) {
        places_.emplace("localhost", bound_port);
    }
}

bool OwnAddresses::include(const Address &address) const {
    return address.system == system_ && address.protocol == protocol_ &&
           places_.count({plain_host(address.host), address.port}) > 0;
}

}  // namespace motet
