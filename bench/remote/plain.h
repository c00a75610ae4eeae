// The yardstick of remote figures: libzmq used plainly. A DEALER in one process, a ROUTER in another, TCP over
// loopback, one message a frame. Knows: libzmq. Must never know: what it is compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace motet::bench {

// Answers any number of clients, on a thread of its own, until the process ends. Returns where it listens.
std::string serve_plain();

class PlainClient {
  public:
    explicit PlainClient(const std::string &endpoint);
    ~PlainClient();

    PlainClient(const PlainClient &) = delete;
    PlainClient &operator=(const PlainClient &) = delete;

    // Messages a second, one way, until the other side has seen the last.
    double rate(int64_t messages, size_t size);

    // Seconds of each of so many round trips.
    std::vector<double> round_trips(int64_t count, size_t size);

  private:
    void *context_;
    void *socket_;
};

}  // namespace motet::bench
