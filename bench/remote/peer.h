// The other process of remote figures: this same program, started again as a server.
// Knows: pipes. Must never know: figures.
#pragma once

#include <string>
#include <sys/types.h>

namespace motet::bench {

// What a server says first on its standard output, one line each.
struct Endpoints {
    std::string actors;  // what the paths of the actors that take and answer begin with
    std::string plain;
};

class Peer {
  public:
    // Starts this program with the argument "serve".
    Peer();

    // Closes its standard input, which ends it, and waits.
    ~Peer();

    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    const Endpoints &endpoints() const { return endpoints_; }

  private:
    pid_t process_ = -1;
    int input_ = -1;
    Endpoints endpoints_;
};

// The server's side: prints the endpoints and waits until its standard input is closed.
void serve_until_closed(const Endpoints &endpoints);

}  // namespace motet::bench
