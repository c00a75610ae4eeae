#include <motet/cluster.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "capi/src/objects.h"
#include "core/cluster/cluster.h"
#include "core/cluster/snapshot_json.h"
#include "core/config/value.h"

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
        std::string version;
        uint64_t uid;
        uint32_t up_number;
        bool reachable;
        bool seen;
    };
    struct Suspicion {
        std::string observer;
        std::string subject;
        std::string reason;
    };
    explicit motet_cluster_picture(const motet::ClusterSnapshot &snapshot);

    std::vector<Entry> members;
    std::vector<Suspicion> suspicions;
    std::map<std::string, std::string> role_leaders;
    std::string leader;
    std::string own_status;
    std::string json;
    bool converged;
};

namespace {

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

// Element number index of a list of a state; nullptr when there is none.
template <typename Element>
const Element *element(const motet_cluster_state_t *state, const std::vector<Element> motet_cluster_picture::*list,
                       int64_t index) {
    const bool there = state != nullptr && index >= 0 && index < static_cast<int64_t>((state->*list).size());
    return there ? &(state->*list)[static_cast<size_t>(index)] : nullptr;
}

const motet_cluster_picture::Entry *entry(const motet_cluster_state_t *state, int64_t index) {
    return element(state, &motet_cluster_picture::members, index);
}

const motet_cluster_picture::Suspicion *suspicion(const motet_cluster_state_t *state, int64_t index) {
    return element(state, &motet_cluster_picture::suspicions, index);
}

// A call that is owed to the caller. What he has given with it is released with the last hold.
class CCall final : public motet::RefCounted {
  public:
    CCall(motet_cluster_fn function, void *argument, motet_release_fn on_release)
        : function_(function), argument_(argument), on_release_(on_release) {}
    ~CCall() override {
        if (on_release_ != nullptr) {
            on_release_(argument_);
        }
    }
    void run() const { function_(argument_); }

  private:
    const motet_cluster_fn function_;
    void *const argument_;
    const motet_release_fn on_release_;
};

using Milestone = void (Cluster::*)(std::function<void()>);

motet_error_t *call_at(motet_system_t *system, Milestone when, motet_cluster_fn call, void *argument,
                       motet_release_fn release) {
    return guard([&]() -> Status {
        const auto c_call = motet::make_counted<CCall>(call, argument, release);
        if (call == nullptr) {
            return null_argument("call");
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        (*cluster.value().*when)([c_call] { c_call->run(); });
        return {};
    });
}

std::string with_commas(const std::vector<std::string> &roles) {
    std::string text;
    for (const std::string &role : roles) {
        text += (text.empty() ? "" : ",") + role;
    }
    return text;
}

}  // namespace

motet_cluster_picture::motet_cluster_picture(const motet::ClusterSnapshot &snapshot)
    : leader(snapshot.leader ? snapshot.leader->text() : ""),
      own_status(status_name(snapshot.own() != nullptr ? snapshot.own()->status : motet::MemberStatus::removed)),
      json(to_json(snapshot)), converged(snapshot.own() != nullptr && snapshot.blockers.empty()) {
    for (const Member &member : snapshot.members) {
        members.push_back({member.node.address.text(), status_name(member.status), with_commas(member.roles),
                           member.version, member.uid(), member.up_number,
                           snapshot.unreachable.count(member.uid()) == 0, snapshot.seen.count(member.uid()) != 0});
    }
    for (const motet::Suspicion &known : snapshot.suspicions()) {
        suspicions.push_back({known.observer.text(), known.subject.text(), known.reason()});
    }
    for (const auto &[role, address] : snapshot.role_leaders) {
        role_leaders[role] = address.text();
    }
}

Result<Ptr<Cluster>> motet::capi::find_cluster(const motet_system_t *system) {
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

motet_error_t *motet_cluster_join(motet_system_t *system, const char *address) {
    return command(system, address, &Cluster::join, false);
}

motet_error_t *motet_cluster_join_seeds(motet_system_t *system, const char *seeds) {
    return guard([&]() -> Status {
        if (seeds == nullptr) {
            return null_argument("seeds");
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        std::vector<Address> addresses;
        for (const std::string &seed : motet::parse_list(seeds)) {
            Result<Address> address = Address::parse(seed);
            if (!address.ok()) {
                return std::move(address.status());
            }
            addresses.push_back(std::move(address.value()));
        }
        return cluster.value()->join(addresses);
    });
}

motet_error_t *motet_cluster_prepare_for_full_shutdown(motet_system_t *system) {
    return guard([&]() -> Status {
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        return cluster.ok() ? cluster.value()->prepare_for_shutdown() : std::move(cluster.status());
    });
}

motet_error_t *motet_cluster_subscribe(motet_system_t *system, const motet_ref_t *subscriber, int32_t initial) {
    if (initial == MOTET_INITIAL_STATE_AS_SNAPSHOT) {
        return motet_system_subscribe(system, subscriber, "cluster");
    }
    return guard([&]() -> Status {
        if (subscriber == nullptr) {
            return null_argument("subscriber");
        }
        if (initial != MOTET_INITIAL_STATE_AS_EVENTS) {
            return {Code::INVALID, "initial " + std::to_string(initial) + " is none of MOTET_INITIAL_STATE_*"};
        }
        Result<Ptr<Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        Result<Ptr<Cluster>> cluster = find_cluster(system);
        if (!cluster.ok()) {
            return std::move(cluster.status());
        }
        if (Status local = check_subscriber(node.value()->system(), subscriber); !local.ok()) {
            return local;
        }
        cluster.value()->subscribe_with_events(*to_cell(subscriber));
        return {};
    });
}

motet_error_t *motet_cluster_on_up(motet_system_t *system, motet_cluster_fn call, void *argument,
                                   motet_release_fn release) {
    return call_at(system, &Cluster::when_up, call, argument, release);
}

motet_error_t *motet_cluster_on_removed(motet_system_t *system, motet_cluster_fn call, void *argument,
                                        motet_release_fn release) {
    return call_at(system, &Cluster::when_removed, call, argument, release);
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
        *out = new motet_cluster_picture(cluster.value()->snapshot());
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

const char *motet_cluster_state_version(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->version.c_str() : nullptr;
}

int64_t motet_cluster_state_up_number(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr ? member->up_number : 0;
}

int32_t motet_cluster_state_seen(const motet_cluster_state_t *state, int64_t index) {
    const auto *member = entry(state, index);
    return member != nullptr && member->seen ? 1 : 0;
}

const char *motet_cluster_state_own_status(const motet_cluster_state_t *state) {
    return state != nullptr ? state->own_status.c_str() : "removed";
}

int32_t motet_cluster_state_converged(const motet_cluster_state_t *state) {
    return state != nullptr && state->converged ? 1 : 0;
}

int64_t motet_cluster_state_suspicions(const motet_cluster_state_t *state) {
    return state != nullptr ? static_cast<int64_t>(state->suspicions.size()) : 0;
}

const char *motet_cluster_state_suspicion_observer(const motet_cluster_state_t *state, int64_t index) {
    const auto *known = suspicion(state, index);
    return known != nullptr ? known->observer.c_str() : nullptr;
}

const char *motet_cluster_state_suspicion_subject(const motet_cluster_state_t *state, int64_t index) {
    const auto *known = suspicion(state, index);
    return known != nullptr ? known->subject.c_str() : nullptr;
}

const char *motet_cluster_state_suspicion_reason(const motet_cluster_state_t *state, int64_t index) {
    const auto *known = suspicion(state, index);
    return known != nullptr ? known->reason.c_str() : nullptr;
}

const char *motet_cluster_state_role_leader(const motet_cluster_state_t *state, const char *role) {
    if (state == nullptr || role == nullptr) {
        return nullptr;
    }
    const auto found = state->role_leaders.find(role);
    return found != state->role_leaders.end() ? found->second.c_str() : nullptr;
}

const char *motet_cluster_state_json(const motet_cluster_state_t *state) {
    return state != nullptr ? state->json.c_str() : "{}";
}

const char *motet_cluster_state_leader(const motet_cluster_state_t *state) {
    return state != nullptr && !state->leader.empty() ? state->leader.c_str() : nullptr;
}

void motet_cluster_state_free(motet_cluster_state_t *state) { delete state; }
