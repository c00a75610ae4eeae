#include "core/remote/name_lookup.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>

#include "core/base/thread.h"

namespace motet {

namespace {

// Adds the text of an address of IPv4 or IPv6; what needs a scope to be reached has no text.
void add(std::vector<std::string> &hosts, const sockaddr *address) {
    std::array<char, INET6_ADDRSTRLEN> text = {};
    const void *bytes = nullptr;
    if (address->sa_family == AF_INET) {
        bytes = &reinterpret_cast<const sockaddr_in *>(address)->sin_addr;
    } else if (address->sa_family == AF_INET6 && reinterpret_cast<const sockaddr_in6 *>(address)->sin6_scope_id == 0) {
        bytes = &reinterpret_cast<const sockaddr_in6 *>(address)->sin6_addr;
    }
    if (bytes != nullptr && inet_ntop(address->sa_family, bytes, text.data(), text.size()) != nullptr &&
        std::find(hosts.begin(), hosts.end(), text.data()) == hosts.end()) {
        hosts.emplace_back(text.data());
    }
}

}  // namespace

Result<std::vector<std::string>> look_up_host(const std::string &host) {
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    std::vector<std::string> hosts;
    for (const addrinfo *each = error == 0 ? found : nullptr; each != nullptr; each = each->ai_next) {
        add(hosts, each->ai_addr);
    }
    if (error == 0) {
        freeaddrinfo(found);
    }
    if (hosts.empty()) {
        const char *reason = error != 0 ? gai_strerror(error) : "it has no address that every process can use";
        return Status(Code::BAD_ADDRESS, "host \"" + host + "\" does not resolve: " + reason);
    }
    return hosts;
}

std::vector<std::string> interface_hosts() {
    std::vector<std::string> hosts;
    ifaddrs *found = nullptr;
    if (getifaddrs(&found) == 0) {
        for (const ifaddrs *each = found; each != nullptr; each = each->ifa_next) {
            if (each->ifa_addr != nullptr && (each->ifa_flags & IFF_UP) != 0) {
                add(hosts, each->ifa_addr);
            }
        }
        freeifaddrs(found);
    }
    return hosts;
}

NameLookup::NameLookup(const std::string &host, Resolver resolver) : query_(std::make_shared<Query>()) {
    Result<std::thread> thread = start_thread("motet-resolver", [query = query_, host, resolver] {
        query->answer = resolver(host);
        query->done.store(true, std::memory_order_release);
    });
    if (thread.ok()) {
        thread.value().detach();
    } else {
        query_->answer = std::move(thread.status());
        query_->done = true;
    }
}

std::optional<Result<std::vector<std::string>>> NameLookup::answer() {
    if (!query_->done.load(std::memory_order_acquire)) {
        return std::nullopt;
    }
    return std::move(query_->answer);
}

}  // namespace motet
