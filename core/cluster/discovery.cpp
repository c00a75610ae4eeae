#include "core/cluster/discovery.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <thread>

#include "core/base/host.h"
#include "core/base/thread.h"
#include "core/remote/name_lookup.h"

namespace motet {

namespace {

Status no_answer(const std::string &name, const std::string &why) {
    return {Code::NOT_FOUND, "discovery of \"" + name + "\": " + why};
}

Result<std::vector<ServiceTarget>> look_up_service(const std::string &name) {
    struct __res_state resolver {};
    if (res_ninit(&resolver) != 0) {
        return no_answer(name, "the resolver cannot be set up");
    }
    std::vector<uint8_t> answer(65536);
    const int size =
        res_nsearch(&resolver, name.c_str(), ns_c_in, ns_t_srv, answer.data(), static_cast<int>(answer.size()));
    const int error = resolver.res_h_errno;
    res_nclose(&resolver);
    if (size < 0) {
        return no_answer(name, hstrerror(error));
    }
    answer.resize(std::min(static_cast<size_t>(size), answer.size()));
    return read_srv_answer(answer);
}

}  // namespace

Result<std::vector<ServiceTarget>> read_srv_answer(const std::vector<uint8_t> &answer) {
    constexpr int kFixed = 6;  // priority, weight and port
    const Status malformed(Code::MALFORMED, "an answer of the DNS is malformed");
    ns_msg message;
    if (ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0) {
        return Status(malformed.code(), malformed.message());
    }
    std::vector<ServiceTarget> targets;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) {
            return Status(malformed.code(), malformed.message());
        }
        if (ns_rr_type(record) != ns_t_srv) {
            continue;
        }
        char host[NS_MAXDNAME];
        if (ns_rr_rdlen(record) <= kFixed || ns_name_uncompress(ns_msg_base(message), ns_msg_end(message),
                                                                ns_rr_rdata(record) + kFixed, host, sizeof host) < 0) {
            return Status(malformed.code(), malformed.message());
        }
        const auto port = static_cast<uint16_t>(ns_get16(ns_rr_rdata(record) + 4));
        if (port != 0 && host[0] != '\0' && std::string(host) != "." && targets.size() < kMaxDiscovered) {
            targets.push_back({host, port});
        }
    }
    return targets;
}

// The resolver of the operating system blocks, and nothing can hurry it: a thread of its own for each question.
void DnsDiscovery::look_up(Found found) {
    Result<std::thread> thread =
        start_thread("motet-discovery", [self = Ptr<DnsDiscovery>(this), found] { found(self->ask()); });
    if (thread.ok()) {
        thread.value().detach();
    } else {
        found(std::move(thread.status()));
    }
}

Result<std::vector<Address>> DnsDiscovery::ask() const {
    std::vector<ServiceTarget> targets;
    if (name_.front() == '_') {
        Result<std::vector<ServiceTarget>> service = look_up_service(name_);
        if (!service.ok()) {
            return std::move(service.status());
        }
        targets = std::move(service.value());
    } else {
        targets.push_back({name_, port_});
    }
    std::vector<Address> addresses;
    Status failure = no_answer(name_, "it has no addresses");
    for (const ServiceTarget &target : targets) {
        Result<std::vector<std::string>> hosts = look_up_host(target.host);
        if (!hosts.ok()) {
            failure = std::move(hosts.status());
            continue;
        }
        for (const std::string &host : hosts.value()) {
            if (addresses.size() < kMaxDiscovered) {
                addresses.push_back(Address::tcp(system_, plain_host(host), target.port));
            }
        }
    }
    if (addresses.empty()) {
        return failure;
    }
    return addresses;
}

}  // namespace motet
