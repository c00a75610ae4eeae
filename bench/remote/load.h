// Actors that load a connection, and the one that takes what they send.
// Knows: the C interface. Must never know: figures.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <motet/motet.h>

namespace motet::bench {

// A system that listens, with the types of messages that are sent.
class Node {
  public:
    Node();
    ~Node();

    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    // No handler runs afterwards: what the actors' states point to may go.
    void close();

    motet_ref_t *spawn(motet_receive_fn receive, const char *name, void *state);
    std::string path(const motet_ref_t *ref) const;

    motet_system_t *system = nullptr;
    motet_type_t data = 0;
    motet_type_t last = 0;  // of a batch: the receiver answers it with credit for another
    motet_type_t credit = 0;
    motet_type_t question = 0;
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
        int64_t under_way = 0;
        bool over = false;
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
