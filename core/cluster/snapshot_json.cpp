#include "core/cluster/snapshot_json.h"

#include <algorithm>

#include "core/base/json.h"

namespace motet {

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    put_json_text(out, text);
    return out;
}

std::string truth(bool value) { return value ? "true" : "false"; }

// The elements, each made a text, as an array.
template <typename Elements, typename ToText> std::string array(const Elements &elements, ToText to_text) {
    std::string out = "[";
    for (const auto &element : elements) {
        out += (out.size() == 1 ? "" : ",") + to_text(element);
    }
    return out + "]";
}

template <typename Map, typename ToText> std::string object(const Map &entries, ToText to_text) {
    std::string out = "{";
    for (const auto &[key, value] : entries) {
        out += (out.size() == 1 ? "" : ",") + quoted(key) + ":" + to_text(value);
    }
    return out + "}";
}

std::string address_of(const ClusterSnapshot &snapshot, uint64_t uid) {
    const auto found = std::find_if(snapshot.members.begin(), snapshot.members.end(),
                                    [uid](const Member &m) { return m.uid() == uid; });
    return quoted(found == snapshot.members.end() ? "" : found->node.address.text());
}

std::string to_json(const Suspicion &suspicion) {
    return "{\"observer\":" + quoted(suspicion.observer.text()) + ",\"subject\":" + quoted(suspicion.subject.text()) +
           ",\"silence_ms\":" + std::to_string(suspicion.silence_ms) + ",\"reason\":" + quoted(suspicion.reason()) +
           "}";
}

}  // namespace

std::string to_json(const std::optional<Address> &address) { return address ? quoted(address->text()) : "null"; }

std::string to_json(const ClusterSnapshot &snapshot, const Member &member) {
    return "{\"address\":" + quoted(member.node.address.text()) + ",\"uid\":\"" + std::to_string(member.uid()) +
           "\",\"status\":" + quoted(status_name(member.status)) + ",\"roles\":" + array(member.roles, quoted) +
           ",\"version\":" + quoted(member.version) + ",\"up_number\":" + std::to_string(member.up_number) +
           ",\"incarnation\":" + std::to_string(member.incarnation) +
           ",\"reachable\":" + truth(snapshot.unreachable.count(member.uid()) == 0) +
           ",\"seen\":" + truth(snapshot.seen.count(member.uid()) != 0) + "}";
}

std::string to_json(const ClusterSnapshot &snapshot) {
    const Member *own = snapshot.own();
    const auto uid_to_address = [&](uint64_t uid) { return address_of(snapshot, uid); };
    std::string out = "{\"self\":" + quoted(snapshot.self.address.text()) + ",\"uid\":\"" +
                      std::to_string(snapshot.self.uid) +
                      "\",\"status\":" + quoted(status_name(own ? own->status : MemberStatus::removed)) +
                      ",\"cluster\":" + (snapshot.cluster.zero() ? "null" : quoted(snapshot.cluster.text()));
    out += ",\"leader\":" + to_json(snapshot.leader) + ",\"role_leaders\":" +
           object(snapshot.role_leaders, [](const Address &leader) { return quoted(leader.text()); });
    out += ",\"converged\":" + truth(own && snapshot.blockers.empty()) +
           ",\"blockers\":" + array(snapshot.blockers, uid_to_address);
    out += ",\"members\":" + array(snapshot.members, [&](const Member &member) { return to_json(snapshot, member); });
    out += ",\"unreachable\":" + array(snapshot.unreachable, uid_to_address);
    out += ",\"suspicions\":" + array(snapshot.suspicions(), [](const Suspicion &s) { return to_json(s); });
    return out + ",\"ignored\":" + object(snapshot.ignored, [](uint64_t count) { return std::to_string(count); }) + "}";
}

}  // namespace motet
