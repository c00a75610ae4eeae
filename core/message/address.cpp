#include "core/message/address.h"

#include <charconv>

#include "core/base/host.h"

namespace motet {

namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

template <typename Accepts> bool only(std::string_view text, Accepts accepts) {
    for (const char c : text) {
        if (!accepts(c)) {
            return false;
        }
    }
    return true;
}

Status bad(std::string_view text, const std::string &reason) {
    return Status(Code::BAD_ADDRESS, "\"" + std::string(text) + "\" is not an address: " + reason);
}

// Takes the host off the front of rest; what is left begins with the colon before the port.
Result<std::string> take_host(std::string_view &rest, std::string_view text) {
    std::string_view host;
    bool valid;
    if (!rest.empty() && rest.front() == '[') {
        const size_t end = rest.find(']');
        if (end == std::string_view::npos) {
            return bad(text, "the bracket of the IPv6 host is not closed");
        }
        host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        valid = is_ipv6(std::string(host));
    } else {
        host = rest.substr(0, rest.find(':'));
        rest.remove_prefix(host.size());
        valid = only(host, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; });
    }
    if (host.empty() || host.size() > kMaxHost || !valid) {
        return bad(text, "\"" + std::string(host) + "\" is not a host name, IPv4 address, or IPv6 address in brackets");
    }
    return host.find(':') == std::string_view::npos ? std::string(host) : plain_host(std::string(host));
}

}  // namespace

Status check_system_name(std::string_view name) {
    const bool valid = !name.empty() && name.size() <= kMaxSystemName && is_letter_or_digit(name.front()) &&
                       only(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
    if (valid) {
        return {};
    }
    return Status(Code::BAD_NAME, "\"" + std::string(name) +
                                      "\" is not a system name: 1 to 64 letters, digits, '-' or '_', the first one a "
                                      "letter or digit");
}

Address Address::tcp(std::string_view system, std::string_view host, uint16_t port) {
    return {std::string(kTcpProtocol), std::string(system), std::string(host), port};
}

Address Address::ipc(std::string_view system, std::string_view name) {
    return {std::string(kIpcProtocol), std::string(system), std::string(name), 0};
}

Address Address::local(std::string_view system) { return {std::string(kLocalProtocol), std::string(system), "", 0}; }

Result<Address> Address::parse(std::string_view text) {
    const size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        return bad(text, "expected motet.tcp://System@host:port");
    }
    Address address;
    address.protocol = text.substr(0, scheme_end);
    if (address.protocol != kTcpProtocol && address.protocol != kIpcProtocol && address.protocol != kLocalProtocol) {
        return bad(text, "the protocol must be motet.tcp or motet.ipc (or motet, for a node without remoting)");
    }
    std::string_view rest = text.substr(scheme_end + 3);
    const size_t at = rest.find('@');
    address.system = rest.substr(0, at);
    if (const Status status = check_system_name(address.system); !status.ok()) {
        return bad(text, status.message());
    }
    const bool has_host = at != std::string_view::npos;
    if (has_host != (address.protocol != kLocalProtocol)) {
        return bad(text, has_host                           ? "protocol motet goes without host and port"
                         : address.protocol == kIpcProtocol ? "expected @name"
                                                            : "expected @host:port");
    }
    if (!has_host) {
        return address;
    }
    rest.remove_prefix(at + 1);
    if (address.protocol == kIpcProtocol) {
        address.host = rest;
        const bool valid = !rest.empty() && rest.size() <= kMaxIpcName && is_letter_or_digit(rest.front()) &&
                           only(rest, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
        return valid ? Result<Address>(std::move(address))
                     : bad(text, "\"" + std::string(rest) +
                                     "\" is not the name of a local socket: 1 to 64 letters, "
                                     "digits, '-', '_' or '.', the first one a letter or digit");
    }
    Result<std::string> host = take_host(rest, text);
    if (!host.ok()) {
        return std::move(host.status());
    }
    address.host = std::move(host.value());
    if (rest.size() < 2 || rest.front() != ':') {
        return bad(text, "expected a port after the host");
    }
    rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), address.port);
    if (error != std::errc() || end != rest.data() + rest.size() || address.port == 0) {
        return bad(text, "port \"" + std::string(rest) + "\" is not a number from 1 to 65535");
    }
    return address;
}

std::string Address::text() const {
    if (!has_host()) {
        return protocol + "://" + system;
    }
    if (protocol == kIpcProtocol) {
        return protocol + "://" + system + "@" + host;
    }
    const bool bracketed = host.find(':') != std::string::npos;
    return protocol + "://" + system + "@" + (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace motet
