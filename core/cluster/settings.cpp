#include "core/cluster/settings.h"

#include <algorithm>
#include <set>

namespace motet {

namespace {

Status bad(const std::string &what) { return Status(Code::BAD_VALUE, what); }

DowningSettings downing_settings(const Config &config) {
    static constexpr std::pair<std::string_view, DowningStrategy> kStrategies[] = {
        {"keep-majority", DowningStrategy::keep_majority},   {"static-quorum", DowningStrategy::static_quorum},
        {"keep-oldest", DowningStrategy::keep_oldest},       {"down-all", DowningStrategy::down_all},
        {"lease-majority", DowningStrategy::lease_majority}, {"manual", DowningStrategy::manual},
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
    settings.down_all_when_unstable = config.duration("cluster.downing.down-all-when-unstable");
    settings.role = config.text("cluster.downing.role");
    settings.down_if_alone = config.boolean("cluster.downing.down-if-alone");
    settings.lease_delay = config.duration("cluster.downing.lease-delay");
    settings.lease_timeout = config.duration("cluster.downing.lease-timeout");
    settings.lease_release_after = config.duration("cluster.downing.lease-release-after");
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

Status check_discovery(const Config &config, const std::vector<Address> &seeds) {
    if (!seeds.empty()) {
        return bad("cluster.discovery.method: with cluster.seed-nodes nothing is discovered; expected one of them");
    }
    const std::string name = config.text("cluster.discovery.dns-name");
    if (config.text("cluster.discovery.method") == "dns" &&
        (name.empty() || name.size() > kMaxHost || name.find_first_of(" /:@,") != std::string::npos)) {
        return bad("cluster.discovery.dns-name \"" + name +
                   "\": expected a name of the DNS such as "
                   "nodes.example.org or _motet._tcp.example.org");
    }
    if (config.text("cluster.discovery.method") == "dns" && name.front() != '_' &&
        config.integer("cluster.discovery.port") == 0) {
        return bad("cluster.discovery.port of 0: expected the port of the nodes, since \"" + name +
                   "\" is no service that tells ports");
    }
    return {};
}

std::string milliseconds(Nanos duration) { return std::to_string(duration / kMillisecond) + " ms"; }

}  // namespace

Status check_seeds(const std::vector<Address> &seeds, const Address &self) {
    for (const Address &seed : seeds) {
        if (seed.system != self.system || !seed.has_host()) {
            return Status(Code::BAD_ADDRESS, "seed node " + seed.text() + " is not an address of the system " +
                                                 self.system + ": expected motet.tcp://" + self.system + "@host:port");
        }
    }
    return {};
}

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
    Result<Requirements> requirements = Requirements::from(config);
    if (!requirements.ok()) {
        return std::move(requirements.status());
    }
    settings.requirements = std::move(requirements.value());
    settings.up.min_members = static_cast<size_t>(config.integer("cluster.min-members"));
    for (const std::string &role : config.names("cluster.role")) {
        settings.up.min_members_by_role[role] =
            static_cast<size_t>(config.integer("cluster.role.<name>.min-members", role));
    }
    settings.join.seed_timeout = config.duration("cluster.seed-contact-timeout");
    settings.join.join_timeout = config.duration("cluster.join-retry");
    settings.join.give_up = config.duration("cluster.join-give-up");
    if (config.text("cluster.discovery.method") != "none") {
        settings.join.discovery_interval = config.duration("cluster.discovery.interval");
        settings.join.required_contacts = static_cast<size_t>(config.integer("cluster.discovery.required-contacts"));
        if (Status discovery = check_discovery(config, settings.seeds); !discovery.ok()) {
            return discovery;
        }
    }
    if (config.text("cluster.downing.lease") != "program" &&
        config.text("cluster.downing.strategy") != "lease-majority") {
        return bad("cluster.downing.lease of " + config.text("cluster.downing.lease") + ": the strategy " +
                   config.text("cluster.downing.strategy") + " asks for no lease; expected lease-majority");
    }
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
    settings.flap_damping = config.duration("cluster.flap-damping");
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
    if (Status status = check_seeds(seeds, self); !status.ok()) {
        return status;
    }
    if (!seeds.empty() && seeds.front() == self && join.give_up > 0 && join.give_up <= join.seed_timeout) {
        return bad("cluster.join-give-up of " + milliseconds(join.give_up) +
                   ": as the first seed node this node founds a cluster after cluster.seed-contact-timeout, " +
                   milliseconds(join.seed_timeout) + "; expected more than that, or 0");
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
    if (Status status = downing.check(); !status.ok()) {
        return status;
    }
    return check_fit();
}

// What is in order by itself, but not together.
Status ClusterSettings::check_fit() const {
    const Nanos silence = monitor.phi.acceptable_pause;
    const bool decides = downing.strategy != DowningStrategy::manual && downing.stable_after > 0;
    if (decides && downing.stable_after < silence) {
        return bad("cluster.downing.stable-after of " + milliseconds(downing.stable_after) +
                   " is shorter than cluster.failure-detector.acceptable-pause, " + milliseconds(silence) +
                   ": it would decide before all who cannot be reached are found; expected at least " +
                   milliseconds(silence) + ", or 0");
    }
    if (downing.strategy == DowningStrategy::static_quorum && up.min_members > 2 * downing.quorum_size - 1) {
        return bad("cluster.min-members of " + std::to_string(up.min_members) +
                   " is more than a cluster.downing.quorum-size of " + std::to_string(downing.quorum_size) +
                   " can decide for: two sides could both have so many; expected a quorum of at least " +
                   std::to_string(up.min_members / 2 + 1));
    }
    return {};
}

}  // namespace motet
