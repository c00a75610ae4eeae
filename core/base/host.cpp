#include "core/base/host.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace motet {

namespace {

// The numeric spelling of a host of one family; empty when it is none.
std::string numeric(int family, const std::string &host) {
    in6_addr address = {};
    std::array<char, INET6_ADDRSTRLEN> text = {};
    const bool valid = inet_pton(family, host.c_str(), &address) == 1;
    return valid && inet_ntop(family, &address, text.data(), text.size()) != nullptr ? text.data() : std::string();
}

}  // namespace

bool is_ipv6(const std::string &host) { return !numeric(AF_INET6, host).empty(); }

bool is_numeric_host(const std::string &host) { return is_ipv6(host) || !numeric(AF_INET, host).empty(); }

bool is_wildcard_host(const std::string &host) {
    const std::string plain = plain_host(host);
    return plain == "0.0.0.0" || plain == "::" || plain == "*";
}

bool is_loopback_host(const std::string &host) {
    const std::string plain = plain_host(host);
    const bool v4 = plain.starts_with("127.") && is_numeric_host(plain);
    return v4 || plain == "::1" || plain == "localhost";
}

std::string plain_host(const std::string &host) {
    for (const int family : {AF_INET, AF_INET6}) {
        if (std::string text = numeric(family, host); !text.empty()) {
            return text;
        }
    }
    std::string name = host;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name;
}

}  // namespace motet
