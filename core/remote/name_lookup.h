// NameLookup finds the numeric address of a host without blocking the thread that asks.
// Knows: the resolver of the operating system. Must never know: ports, connections.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "core/base/status.h"

namespace motet {

// Whether a host is a numeric IPv4 or IPv6 address.
bool is_numeric_host(const std::string &host);

// Asks and waits. Errors: BAD_ADDRESS, with the host and the resolver's reason.
Result<std::string> look_up_host(const std::string &host);

class NameLookup {
  public:
    // Begins to ask, on a thread of its own.
    explicit NameLookup(const std::string &host);

    // Takes the answer; nothing as long as it is not there. Errors: as above, and NO_THREAD.
    std::optional<Result<std::string>> answer();

  private:
    // Shared with the thread that asks, which nothing can hurry: it may outlive this.
    struct Query {
        std::atomic<bool> done{false};
        std::optional<Result<std::string>> answer;  // set before done
    };
    std::shared_ptr<Query> query_;
};

}  // namespace motet
