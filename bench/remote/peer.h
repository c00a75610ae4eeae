// The other process of remote figures: this same program, started again as a server.
// Knows: pipes. Must never know: figures.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace motet::bench {

class Peer {
  public:
    // Starts this program with a role and what that takes, and waits until it serves.
    explicit Peer(const char *role, const std::string &argument = "");

    // Closes its standard input, which ends it, and waits.
    ~Peer();

    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    // What it says of itself, one line each.
    const std::vector<std::string> &lines() const { return lines_; }
    pid_t process() const { return process_; }

  private:
    pid_t process_ = -1;
    int input_ = -1;
    std::vector<std::string> lines_;
};

// The server's side: prints the lines and waits until its standard input is closed.
void serve_until_closed(const std::vector<std::string> &lines);

}  // namespace motet::bench
