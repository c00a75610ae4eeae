// NameLookup finds the numeric addresses of a host without blocking the thread that asks.
// Knows: the resolver of the operating system. Must never know: ports, connections.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace motet {

// Asks and waits. All addresses, the best first by the rules of the resolver. Errors: BAD_ADDRESS, with the host and
// the resolver's reason.
Result<std::vector<std::string>> look_up_host(const std::string &host);

// The addresses of the interfaces of this machine that are up.
std::vector<std::string> interface_hosts();

class NameLookup {
  public:
    using Resolver = Result<std::vector<std::string>> (*)(const std::string &host);

    // Begins to ask, on a thread of its own.
    NameLookup(const std::string &host, Resolver resolver);

    // Takes the answer; nothing as long as it is not there. Errors: as above, and NO_THREAD.
    std::optional<Result<std::vector<std::string>>> answer();

  private:
    // Shared with the thread that asks, which nothing can hurry: it may outlive this.
    struct Query {
        std::atomic<bool> done{false};
        std::optional<Result<std::vector<std::string>>> answer;  // set before done
    };
    std::shared_ptr<Query> query_;
};

}  // namespace motet
