#include "core/cluster/compatibility.h"

#include <algorithm>
#include <set>

namespace motet {

namespace {

// What all must decide alike.
constexpr const char *kOwnKeys[] = {"cluster.downing.strategy", "cluster.downing.role", "cluster.downing.quorum-size",
                                    "cluster.downing.down-if-alone", "cluster.downing.lease-name"};

// Never to be told to others.
bool is_secret(const std::string &key) { return key == "remote.cookie" || key.rfind("remote.curve.", 0) == 0; }

std::string told(const Requirements &side, const std::string &key) {
    const auto found = side.by_key.find(key);
    return found == side.by_key.end() ? "not set" : "\"" + found->second.value + "\"";
}

Status check(const Requirements &requirements) {
    size_t bytes = 0;
    for (const auto &[key, requirement] : requirements.by_key) {
        bytes += key.size() + requirement.value.size() + 8;
        if (key.size() > kMaxRequirementKey || requirement.value.size() > kMaxRequirementValue) {
            return Status(Code::BAD_VALUE, "cluster.compatibility: key \"" + key.substr(0, kMaxRequirementKey) +
                                               "\": expected a key of at most " + std::to_string(kMaxRequirementKey) +
                                               " bytes and a value of at most " + std::to_string(kMaxRequirementValue));
        }
    }
    if (requirements.by_key.size() > kMaxRequirements || bytes > kMaxRequirementBytes) {
        return Status(Code::BAD_VALUE, "cluster.compatibility: " + std::to_string(requirements.by_key.size()) +
                                           " keys with " + std::to_string(bytes) + " bytes; expected at most " +
                                           std::to_string(kMaxRequirements) + " keys with " +
                                           std::to_string(kMaxRequirementBytes) + " bytes");
    }
    return {};
}

}  // namespace

Result<Requirements> Requirements::from(const Config &config) {
    Requirements requirements;
    requirements.enforced = config.boolean("cluster.compatibility.enforce");
    std::vector<std::string> keys(std::begin(kOwnKeys), std::end(kOwnKeys));
    for (const std::string &key : config.list("cluster.compatibility.keys")) {
        if (is_secret(key)) {
            return Status(Code::BAD_VALUE,
                          "cluster.compatibility.keys: \"" + key +
                              "\" is a secret, and would be told to other nodes; expected another key");
        }
        keys.push_back(key);
    }
    for (const std::string &key : keys) {
        Result<std::string> value = config.get(key);
        if (!value.ok()) {
            return Status(Code::BAD_VALUE, "cluster.compatibility.keys: " + value.status().message());
        }
        requirements.by_key[key] = {std::move(value.value())};
    }
    for (const std::string &name : config.names("cluster.compatibility.value")) {
        requirements.by_key["cluster.compatibility.value." + name] = {
            config.text("cluster.compatibility.value.<name>", name)};
    }
    for (const std::string &key : config.list("cluster.compatibility.log-only")) {
        const auto found = requirements.by_key.find(key);
        if (found == requirements.by_key.end()) {
            return Status(Code::BAD_VALUE, "cluster.compatibility.log-only: \"" + key +
                                               "\" is not compared; expected one of the keys that are");
        }
        found->second.enforced = false;
    }
    if (Status checked = check(requirements); !checked.ok()) {
        return checked;
    }
    return requirements;
}

Difference difference(const Requirements &joiner, const Requirements &member) {
    std::set<std::string> keys;
    for (const Requirements *side : {&joiner, &member}) {
        for (const auto &[key, requirement] : side->by_key) {
            keys.insert(key);
        }
    }
    Difference difference;
    for (const std::string &key : keys) {
        const std::string theirs = told(joiner, key);
        const std::string ours = told(member, key);
        if (theirs == ours) {
            continue;
        }
        const auto enforces = [&](const Requirements &side) {
            const auto found = side.by_key.find(key);
            return found == side.by_key.end() || found->second.enforced;
        };
        const std::string text = key + " is " + theirs + " there and " + ours + " in the cluster";
        difference.logged += (difference.logged.empty() ? "" : ", ") + text;
        if (joiner.enforced && enforces(joiner) && enforces(member)) {
            difference.fatal += (difference.fatal.empty() ? "" : ", ") + text;
        }
    }
    return difference;
}

}  // namespace motet
