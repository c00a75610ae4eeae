#include "core/manage/control_service.h"

#include <vector>

#include "core/base/json.h"
#include "core/cluster/snapshot_json.h"
#include "core/config/value.h"

namespace motet {

namespace {

std::string with_commas(const std::vector<std::string> &texts) {
    std::string out;
    for (const std::string &text : texts) {
        out += (out.empty() ? "" : ",") + text;
    }
    return out.empty() ? "-" : out;
}

std::string line_of(const ClusterSnapshot &snapshot, const Member &member) {
    return member.node.address.text() + "\t" + status_name(member.status) + "\t" +
           (snapshot.unreachable.count(member.uid()) == 0 ? "reachable" : "unreachable") + "\t" +
           with_commas(member.roles) + "\t" + member.version + "\t" + std::to_string(member.up_number) + "\n";
}

// Of all members, or of those who cannot be reached.
std::string members_text(const ClusterSnapshot &snapshot, bool all, bool json) {
    std::string out;
    for (const Member &member : snapshot.members) {
        if (!all && snapshot.unreachable.count(member.uid()) == 0) {
            continue;
        }
        out += json ? (out.empty() ? "" : ",") + to_json(snapshot, member) : line_of(snapshot, member);
    }
    return json ? "[" + out + "]" : out;
}

std::string leader_text(const ClusterSnapshot &snapshot, bool json) {
    if (json) {
        return "{\"leader\":" + to_json(snapshot.leader) + "}";
    }
    return (snapshot.leader ? snapshot.leader->text() : "none") + "\n";
}

std::string status_text(const ClusterSnapshot &snapshot) {
    const Member *own = snapshot.own();
    return "address\t" + snapshot.self.address.text() + "\nuid\t" + std::to_string(snapshot.self.uid) + "\nstatus\t" +
           status_name(own ? own->status : MemberStatus::removed) + "\ncluster\t" +
           (snapshot.cluster.zero() ? "none" : snapshot.cluster.text()) + "\nleader\t" + leader_text(snapshot, false) +
           "members\t" + std::to_string(snapshot.members.size()) + "\nunreachable\t" +
           std::to_string(snapshot.unreachable.size()) + "\nconverged\t" +
           (own && snapshot.blockers.empty() ? "yes" : "no") + "\n";
}

Result<std::vector<Address>> addresses_of(const std::string &argument) {
    std::vector<Address> addresses;
    for (const std::string &text : parse_list(argument)) {
        Result<Address> address = Address::parse(text);
        if (!address.ok()) {
            return std::move(address.status());
        }
        addresses.push_back(std::move(address.value()));
    }
    if (addresses.empty()) {
        return Status(Code::INVALID, "an address is missing, such as motet.tcp://System@host:port");
    }
    return addresses;
}

// Words between spaces; the last one takes what is left.
std::string_view take_word(std::string_view &line) {
    line = trim(line);
    const size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    line = trim(line.substr(space));
    return word;
}

std::string error_json(const Status &status) {
    std::string out = "{\"error\":{\"code\":" + std::to_string(static_cast<int32_t>(status.code())) + ",\"name\":";
    put_json_text(out, code_name(status.code()));
    out += ",\"message\":";
    put_json_text(out, status.message());
    return out + "}}";
}

}  // namespace

ControlReply ControlService::answer(std::string_view line) const {
    std::string_view rest = line;
    std::string_view command = take_word(rest);
    const bool json = command == "json";
    if (json) {
        command = take_word(rest);
    }
    Result<std::string> done = carry_out(command, std::string(rest), json);
    if (done.ok()) {
        return {Code::OK, std::move(done.value())};
    }
    return {done.status().code(), json ? error_json(done.status()) : done.status().message()};
}

Result<std::string> ControlService::carry_out(std::string_view command, const std::string &argument, bool json) const {
    const bool asks = command == "status" || command == "members" || command == "leader" || command == "unreachable";
    if (asks && !argument.empty()) {
        return Status(Code::INVALID, std::string(command) + " takes no address");
    }
    if (asks) {
        const ClusterSnapshot snapshot = cluster_->snapshot();
        return command == "status"   ? (json ? to_json(snapshot) : status_text(snapshot))
               : command == "leader" ? leader_text(snapshot, json)
                                     : members_text(snapshot, command == "members", json);
    }
    Status status;
    if (command == "prepare-for-full-shutdown" && argument.empty()) {
        status = cluster_->prepare_for_shutdown();
    } else if (command == "leave" && argument.empty()) {
        status = cluster_->leave(cluster_->self().address);
    } else if (command == "join" || command == "leave" || command == "down") {
        const Result<std::vector<Address>> addresses = addresses_of(argument);
        if (!addresses.ok()) {
            return Status(addresses.status().code(), addresses.status().message());
        }
        const Address &first = addresses.value().front();
        status = command == "join"    ? cluster_->join(addresses.value())
                 : command == "leave" ? cluster_->leave(first)
                                      : cluster_->down(first);
    } else {
        return Status(Code::INVALID, "command \"" + std::string(command.substr(0, 64)) +
                                         "\": expected status, members, leader, unreachable, join, leave, down or "
                                         "prepare-for-full-shutdown");
    }
    if (!status.ok()) {
        return status;
    }
    return json ? std::string("{\"ok\":true}") : std::string();
}

}  // namespace motet
