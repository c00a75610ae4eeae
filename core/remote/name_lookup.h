// NameLookup finds the numeric address of a host without blocking the thread that asks.
// Knows: the resolver of the operating system. Must never know: ports, connections.
#pragma once

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
    // Begins to ask.
    explicit NameLookup(const std::string &host);

    // Gives the query up. A resolver that is in the middle of it finishes in memory of its own.
    ~NameLookup();

    // Nothing as long as the answer is not there. Errors: as above.
    std::optional<Result<std::string>> answer() const;

    NameLookup(const NameLookup &) = delete;
    NameLookup &operator=(const NameLookup &) = delete;

  private:
    struct Query;
    std::unique_ptr<Query> query_;
};

}  // namespace motet
