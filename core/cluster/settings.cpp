#include "core/cluster/settings.h"

#include <algorithm>
#include <set>

namespace motet {

namespace {

Status bad(const std::string &what) { return Status(Code::BAD_VALUE, what); }

DowningSettings downing_settings(const Config &config) {
    static constexpr std::pair<std::string_view, DowningStrategy> kStrategies[] = {
        {"keep-majority", DowningStrategy::keep_majority},
        {"static-quorum", DowningStrategy::static_quorum},
        {"keep-oldest", DowningStrategy::keep_oldest},
        {"down-all", DowningStrategy::down_all},
        {"off", DowningStrategy::off},
    };
    DowningSettings settings;
    const std::string wanted = config.text("cluster.downing.strategy");
    for (const auto &[name, strategy] : kStrategies) {
        if (wanted == name) {
            settings.strategy = strategy;
        }
    }
    settings.quorum_size = static_cast<size_t>(config.integer("cluster.downing.quorum-size"));
    settings.stable_after = config.duration("cluster.downing.stable-after");
    return settings;
}

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

Result<ClusterSettings> ClusterSettings::from(const Config &config) {
    ClusterSettings settings;
    settings.roles = config.list("cluster.roles");
    std::sort(settings.roles.begin(), settings.roles.end());
    settings.version = config.text("cluster.version");
    for (const std::string &text : config.list("cluster.seed-nodes")) {
        Result<Address> seed = Address::parse(text);
        if (!seed.ok()) {
            return Status(Code::BAD_ADDRESS, "cluster.seed-nodes: " + seed.status().message());
        }
        settings.seeds.push_back(std::move(seed.value()));
    }
    settings.up.min_members = static_cast<size_t>(config.integer("cluster.min-members"));
    for (const std::string &role : config.names("cluster.role")) {
        settings.up.min_members_by_role[role] =
            static_cast<size_t>(config.integer("cluster.role.<name>.min-members", role));
    }
    settings.join.seed_timeout = config.duration("cluster.seed-contact-timeout");
    settings.join.join_timeout = config.duration("cluster.join-retry");
    settings.join.give_up = config.duration("cluster.join-give-up");
    settings.gossip_interval = config.duration("cluster.gossip-interval");
    settings.idle_interval = std::max(settings.idle_interval, settings.gossip_interval);
    settings.leader_interval = config.duration("cluster.leader-interval");
    settings.observers = static_cast<size_t>(config.integer("cluster.observers"));
    settings.monitor.interval = config.duration("cluster.heartbeat-interval");
    PhiAccrualSettings &phi = settings.monitor.phi;
    phi.threshold = config.real("cluster.failure-detector.threshold");
    phi.min_deviation = config.duration("cluster.failure-detector.min-standard-deviation");
    phi.acceptable_pause = config.duration("cluster.failure-detector.acceptable-pause");
    phi.max_samples = static_cast<int>(config.integer("cluster.failure-detector.max-samples"));
    phi.first_estimate = config.duration("cluster.failure-detector.expected-response");
    settings.downing = downing_settings(config);
    return settings;
}

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
