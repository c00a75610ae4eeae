// Discovery finds the addresses of nodes through which a cluster can be joined, where no seeds are written down.
// Knows: how to ask. Must never know: what is done with the answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/ref_counted.h"
#include "core/message/address.h"

namespace motet {

constexpr size_t kMaxDiscovered = 1000;  // addresses of one answer; what comes beyond is left out

class Discovery : public RefCounted {
  public:
    using Found = std::function<void(Result<std::vector<Address>> addresses)>;

    // Begins to ask and returns at once; found is called once, on any thread, also before that.
    virtual void look_up(Found found) = 0;
};

// By DNS: all addresses (A, AAAA) of a name at one port, or all targets of a service (SRV, "_service._tcp.domain") at
// theirs.
class DnsDiscovery final : public Discovery {
  public:
    DnsDiscovery(std::string system, std::string name, uint16_t port)
        : system_(std::move(system)), name_(std::move(name)), port_(port) {}

    void look_up(Found found) override;

  private:
    Result<std::vector<Address>> ask() const;

    const std::string system_;
    const std::string name_;
    const uint16_t port_;
};

// The targets of an answer of the DNS to a question for SRV records; not those of port 0, nor ".". Errors: MALFORMED.
struct ServiceTarget {
    std::string host;
    uint16_t port;
};
Result<std::vector<ServiceTarget>> read_srv_answer(const std::vector<uint8_t> &answer);

}  // namespace motet
