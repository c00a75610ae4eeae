#include <motet/cluster.h>

#include <algorithm>
#include <string>
#include <vector>

#include "capi/src/objects.h"
#include "core/cluster/cluster.h"

using motet::Address;
using motet::Cluster;
using motet::Code;
using motet::Member;
using motet::Node;
using motet::Ptr;
using motet::Result;
using motet::Status;
using namespace motet::capi;

// The texts are made once, so that what is lent is valid as long as the state.
struct motet_cluster_picture {
    struct Entry {
        std::string address;
        std::string status;
        std::string roles;
        uint64_t uid;
        bool reachable;
    };
    std::vector<Entry> members;
    std::string leader;
};

namespace {

Result<Ptr<Cluster>> find_cluster(const motet_system_t *system) {
    Result<Ptr<Node>> node = find_node(system);
    if (!node.ok()) {
        return std::move(node.status());
    }
    if (Ptr<Cluster> cluster = node.value()->cluster()) {
        return cluster;
    }
    return Status(Code::BAD_STATE,
                  "this system cannot be a member of a cluster: cluster.enabled or remote.enabled is off");
}

// Runs a command on the member at an address; NULL: this node, where that is allowed.
using Command = Status (Cluster::*)(const Address &);

motet_error_t *command(motet_system_t *system, const char *address, Command what, bool own_if_null) {
    return guard([&]() -> Status {
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        if (address == nullptr) {
            return own_if_null ? (*cluster.value().*what)(cluster.value()->self().address) : null_argument("address");
        }
        Result<Address> parsed = Address::parse(address);
        return parsed.ok() ? (*cluster.value().*what)(parsed.value()) : std::move(parsed.status());
    });
}

const motet_cluster_picture::Entry *entry(const motet_cluster_state_t *state, int64_t index) {
    const bool there = state != nullptr && index >= 0 && index < static_cast<int64_t>(state->members.size());
    return there ? &state->members[static_cast<size_t>(index)] : nullptr;
}

std::string with_commas(const std::vector<std::string> &roles) {
    std::string text;
    for (const std::string &role : roles) {
        text += (text.empty() ? "" : ",") + role;
    }
    return text;
}

}  // namespace

motet_error_t *motet_cluster_join(motet_system_t *system, const char *address) {
    return command(system, address, &Cluster::join, false);
}

motet_error_t *motet_cluster_leave(motet_system_t *system, const char *address) {
    return command(system, address, &Cluster::leave, true);
}

motet_error_t *motet_cluster_down(motet_system_t *system, const char *address) {
    return command(system, address, &Cluster::down, false);
}

motet_error_t *motet_cluster_wait_up(motet_system_t *system, int64_t timeout_ms) {
    return guard([&]() -> Status {
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        return cluster.ok() ? cluster.value()->wait_up(from_milliseconds(timeout_ms)) : std::move(cluster.status());
    });
}

motet_error_t *motet_cluster_state(motet_system_t *system, motet_cluster_state_t **out) {
    return guard([&]() -> Status {
        if (out == nullptr) {
            return null_argument("out");
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        const motet::ClusterSnapshot snapshot = cluster.value()->snapshot();
        auto state = std::make_unique<motet_cluster_picture>();
        for (const Member &member : snapshot.members) {
            state->members.push_back({member.node.address.text(), status_name(member.status), with_commas(member.roles),
                                      member.uid(), snapshot.unreachable.count(member.uid()) == 0});
        }
        state->leader = snapshot.leader ? snapshot.leader->text() : "";
        *out = state.release();
        return {};
    });
}

int64_t motet_cluster_state_size(const motet_cluster_state_t *state) {
    return state != nullptr ? static_cast<int64_t>(state->members.size()) : 0;
}

const char *motet_cluster_state_address(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->address.c_str() : nullptr;
}

const char *motet_cluster_state_status(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->status.c_str() : nullptr;
}

const char *motet_cluster_state_roles(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->roles.c_str() : nullptr;
}

uint64_t motet_cluster_state_uid(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->uid : 0;
}

int32_t motet_cluster_state_reachable(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr && member->reachable ? 1 : 0;
}

const char *motet_cluster_state_leader(const motet_cluster_state_t *state) {
    return state != nullptr && !state->leader.empty() ? state->leader.c_str() : nullptr;
}

void motet_cluster_state_free(motet_cluster_state_t *state) { delete state; }
