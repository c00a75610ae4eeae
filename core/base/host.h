// Hosts as text: names, and addresses of IPv4 and IPv6.
// Knows: how they are written. Must never know: what a name resolves to.
#pragma once

#include <string>

namespace motet {

bool is_ipv6(const std::string &host);

// Whether a host is a numeric IPv4 or IPv6 address.
bool is_numeric_host(const std::string &host);

// Whether a host stands for all interfaces of a machine: "0.0.0.0", "::" in any spelling, or "*".
bool is_wildcard_host(const std::string &host);

// Whether a host is the machine itself whoever says it: "localhost", 127.0.0.0/8, "::1".
bool is_loopback_host(const std::string &host);

// The one spelling of a host: numeric addresses as the system writes them, names in small letters.
std::string plain_host(const std::string &host);

}  // namespace motet
