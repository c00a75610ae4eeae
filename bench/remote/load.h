// Actors that load a connection, and the one that takes what they send.
// Knows: the C interface. Must never know: figures.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "bench/remote/keys.h"
#include "bench/system.h"

namespace motet::bench {

// A system that listens, with the types of messages that are sent.
struct Node : System {
    // keys: the directory of those that encrypt; none for plain connections.
    explicit Node(const std::string &keys = "")
        : System({{"system.name", "bench"},
                  {"cluster.enabled", "off"},
                  {"remote.curve.enabled", keys.empty() ? "off" : "on"},
                  {"remote.curve.key-file", keys.empty() ? "" : Keys::key_file(keys).c_str()},
                  {"remote.curve.peers-file", keys.empty() ? "" : Keys::peers_file(keys).c_str()}}) {}

    std::string address() const {
        char text[512];
        check(motet_system_address(get(), text, sizeof text));
        return text;
    }

    const motet_type_t data = type("bench.Data");
    const motet_type_t last = type("bench.Last");  // of a batch: the receiver answers it with credit for another
    const motet_type_t credit = type("bench.Credit");
    const motet_type_t question = type("bench.Question");
};

// Handles what is sent to a receiver, whose state is its node.
int32_t receive(motet_context_t *context, const motet_message_t *message, void *node);

// What one sender sends. It has a bounded number of batches under way, so that no queue between overflows.
struct Load {
    int64_t messages = 1'000'000;
    size_t size = 100;
    int64_t batch = 1'000;
    int64_t under_way = 50;          // batches
    const uint8_t *trace = nullptr;  // context of every message, MOTET_TRACE_SIZE bytes
};

// Senders at work, one for each receiver. Must outlive the node's close.
class Run {
  public:
    Run(Node &node, const std::vector<motet_ref_t *> &receivers, const Load &load);

    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    // Returns when everything has been sent and taken, or everything until now after stop().
    void wait();
    void stop() { stopped_.store(true, std::memory_order_relaxed); }

  private:
    struct Sender {
        Run &run;
        const motet_ref_t *receiver;
        int64_t to_send;
        int64_t credits;  // that are to come
    };
    static int32_t spend_credit(motet_context_t *context, const motet_message_t *message, void *sender);

    Node &node_;
    const Load load_;
    const std::vector<uint8_t> payload_;
    std::atomic<size_t> busy_;
    std::atomic<bool> stopped_{false};
    std::deque<Sender> senders_;
};

}  // namespace motet::bench
