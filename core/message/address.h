// Address names a node: protocol, system name, and where it listens.
// Knows: its text. Must never know: sockets, whether anybody is there.
//
// "motet.tcp://System@host:port"; an IPv6 host stands in brackets, and is always written in one way, that of RFC 5952.
// "motet.ipc://System@name" is reached by processes of the same machine alone.
// Without remoting a node is "motet://System".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>

#include "core/base/status.h"

namespace motet {

constexpr std::string_view kTcpProtocol = "motet.tcp";
constexpr std::string_view kIpcProtocol = "motet.ipc";
constexpr std::string_view kLocalProtocol = "motet";
constexpr size_t kMaxSystemName = 64;
constexpr size_t kMaxHost = 255;
constexpr size_t kMaxIpcName = 64;

// Letters, digits, '-' and '_', the first one a letter or digit, at most kMaxSystemName.
Status check_system_name(std::string_view name);

struct Address {
    std::string protocol;
    std::string system;
    std::string host;   // without brackets; the name of a local socket; empty in the address of a node without remoting
    uint16_t port = 0;  // 0: it has none

    static Address tcp(std::string_view system, std::string_view host, uint16_t port);
    static Address ipc(std::string_view system, std::string_view name);
    static Address local(std::string_view system);

    // The whole text must be an address. Errors: BAD_ADDRESS, with the text and what is wrong with it.
    static Result<Address> parse(std::string_view text);

    std::string text() const;
    bool has_host() const { return !host.empty(); }

    // Host and port come first: members of one cluster are ordered by them alone, ports as numbers.
    friend bool operator<(const Address &a, const Address &b) {
        return std::tie(a.host, a.port, a.system, a.protocol) < std::tie(b.host, b.port, b.system, b.protocol);
    }
    friend bool operator==(const Address &a, const Address &b) {
        return a.port == b.port && a.host == b.host && a.system == b.system && a.protocol == b.protocol;
    }
};

// One life of a node: a restarted one has the same address and another uid.
struct UniqueAddress {
    Address address;
    uint64_t uid = 0;

    friend bool operator<(const UniqueAddress &a, const UniqueAddress &b) {
        return std::tie(a.address, a.uid) < std::tie(b.address, b.uid);
    }
    friend bool operator==(const UniqueAddress &a, const UniqueAddress &b) {
        return a.uid == b.uid && a.address == b.address;
    }
};

}  // namespace motet

template <> struct std::hash<motet::Address> {
    size_t operator()(const motet::Address &address) const noexcept {
        const std::hash<std::string> text;
        return (text(address.host) * 31 + address.port) * 31 + text(address.system);
    }
};
