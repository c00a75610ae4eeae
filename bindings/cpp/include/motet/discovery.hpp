// Discovery: how a node finds others when no seed nodes are written down.
// Knows the C interface's discovery.
// Must never know what knows the addresses.
#pragma once

#include <motet/discovery.h>
#include <motet/request.hpp>

#include <string>
#include <vector>

namespace motet {

// DiscoveryRequest is one question for addresses. It is answered once, on any thread; the first answer counts. When its
// last copy is gone unanswered, that is a failure.
class DiscoveryRequest {
  public:
    explicit DiscoveryRequest(motet_discovery_request_t *raw) : request_(raw) {}

    // The addresses that were found, that of this node perhaps among them.
    void found(const std::vector<std::string> &addresses) const {
        std::string joined;
        for (const std::string &address : addresses) {
            joined += (joined.empty() ? "" : ",") + address;
        }
        request_.answer(Code::ok, joined);
    }

    // What went wrong; the message is for the log.
    void fail(Code code, const std::string &message) const { request_.answer(code, message); }

  private:
    friend class Cluster;
    using Request = detail::Request<motet_discovery_request_t, motet_discovery_request_complete>;
    friend Request;

    Request request_;
};

// Discovery is what a node asks for others, see Cluster::set_discovery(). It is called on threads of the engine: it
// begins to ask and returns at once. What it throws is its failure.
class Discovery {
  public:
    Discovery() = default;
    Discovery(const Discovery &) = delete;
    Discovery &operator=(const Discovery &) = delete;
    virtual ~Discovery() = default;

    virtual void lookup(DiscoveryRequest request) = 0;
};

}  // namespace motet
