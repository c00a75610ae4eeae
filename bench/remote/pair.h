// Pair: this process, the other one, and what connects them.
// Knows: both ends. Must never know: figures.
#pragma once

#include <list>

#include "bench/remote/load.h"
#include "bench/remote/peer.h"
#include "bench/remote/plain.h"

namespace motet::bench {

constexpr size_t kReceivers = 1'000;
constexpr size_t kSmall = 100;

class Pair {
  public:
    // keys: the directory of those that encrypt; none for plain connections.
    explicit Pair(size_t receivers = 1, const std::string &keys = "");
    ~Pair();

    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;

    Node &node() { return node_; }
    const Peer &peer() const { return peer_; }
    PlainClient &plain() { return plain_; }

    // The path of an actor there, "/system" or the like.
    std::string path(const std::string &local) const { return peer_.lines()[0] + local; }

    Run &start(const Load &load) { return runs_.emplace_back(node_, receivers_, load); }

    // Messages in a second, until the other side has seen the last.
    double tell_rate(const Load &load);

    // Seconds of each of so many asks, of an actor that is sent nothing else.
    std::vector<double> ask_times(int64_t count);

  private:
    motet_ref_t *find(const std::string &name);

    Peer peer_;
    Node node_;
    PlainClient plain_{peer_.lines()[1]};
    motet_ref_t *asked_;
    std::vector<motet_ref_t *> receivers_;
    std::list<Run> runs_;
};

// The other end of a pair, until its standard input is closed.
void serve_pair(const std::string &keys);

}  // namespace motet::bench
