// OwnAddresses knows which addresses mean this node, under whatever name; and where a node of some settings listens.
// Knows: settings, hosts as text. Must never know: sockets, the resolver.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/config/config.h"
#include "core/message/address.h"

namespace motet {

// Where a node listens, and what it says of that to others.
struct ListenPlan {
    std::string bind_host;
    uint16_t bind_port = 0;  // 0: any free one
    std::string host;
    uint16_t port = 0;   // 0: that of the socket
    bool local = false;  // at a local socket, whose name is the host

    // uid: of the node. Errors: BAD_VALUE, with the setting, why it cannot work and what would.
    static Result<ListenPlan> of(const Config &config, uint64_t uid);
};

class OwnAddresses {
  public:
    OwnAddresses() = default;

    // hosts: what else reaches the socket at bound_port.
    OwnAddresses(const Address &advertised, const ListenPlan &plan, uint16_t bound_port,
                 const std::vector<std::string> &hosts);

    bool include(const Address &address) const;

  private:
    std::string protocol_;
    std::string system_;
    std::set<std::pair<std::string, uint16_t>> places_;  // hosts in their one spelling
};

}  // namespace motet
