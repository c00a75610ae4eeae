#include "bench/actor/queue.h"

#include <pthread.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <new>
#include <thread>

#include "bench/figure.h"
#include "core/base/block_pool.h"

namespace motet::bench {
namespace {

// As large as an envelope with 16 bytes of payload, and as fully written.
struct Node {
    std::atomic<Node *> next;
    std::array<int64_t, 8> header;
    std::array<int64_t, 2> payload;
};
static_assert(sizeof(Node) == 88);

// Read at run time, so that the compiler cannot leave the writing out.
volatile int64_t header_value = 0;

Node *make_node(int64_t number) {
    Node *node = new (allocate_block(sizeof(Node))) Node;
    int64_t value = header_value;
    node->header.fill(value);
    node->payload = {number, number};
    return node;
}

void free_node(Node *node) { free_block(node, sizeof(Node)); }

// Many producers, one consumer. Source: D. Vyukov, "Intrusive MPSC node-based queue", 2010.
class Queue {
  public:
    void push(Node *node) {
        node->next.store(nullptr, std::memory_order_relaxed);
        head_.exchange(node, std::memory_order_acq_rel)->next.store(node, std::memory_order_release);
    }

    Node *pop() {
        Node *tail = tail_;
        Node *next = tail->next.load(std::memory_order_acquire);
        if (tail == &stub_) {
            if (next == nullptr) {
                return nullptr;
            }
            tail_ = tail = next;
            next = next->next.load(std::memory_order_acquire);
        }
        if (next == nullptr) {
            if (head_.load(std::memory_order_acquire) != tail) {
                return nullptr;
            }
            push(&stub_);
            next = tail->next.load(std::memory_order_acquire);
            if (next == nullptr) {
                return nullptr;
            }
        }
        tail_ = next;
        return tail;
    }

  private:
    Node stub_;
    alignas(64) std::atomic<Node *> head_{&stub_};
    alignas(64) Node *tail_ = &stub_;
};

struct Player {
    Queue queue;
    Player *other;
};

using Handler = void (*)(Player &, const Node &);

void return_ball(Player &player, const Node &ball) { player.other->queue.push(make_node(ball.payload[0] - 1)); }

struct Counter {
    int64_t handled = 0;
    int64_t sum = 0;
};

using CountHandler = void (*)(Counter &, const Node &);

void count(Counter &counter, const Node &node) {
    ++counter.handled;
    counter.sum += node.payload[0];
}

// What two threads share. The producer stays within a window of messages, like the actors that are compared.
struct Crossing {
    int64_t messages;
    Queue queue;
    alignas(64) std::atomic<int64_t> handled{0};
};
constexpr int64_t kUnderWay = 10000;
constexpr int64_t kReport = 1000;

// Read at run time, so that the compiler cannot look through the pointer.
volatile Handler player_handler = return_ball;
volatile CountHandler counter_handler = count;

void produce(Crossing &crossing) {
    for (int64_t sent = 0; sent < crossing.messages; ++sent) {
        while (sent % kReport == 0 && sent - crossing.handled.load(std::memory_order_acquire) >= kUnderWay) {
            std::this_thread::yield();
        }
        crossing.queue.push(make_node(sent));
    }
}

void consume(Crossing &crossing) {
    CountHandler handler = counter_handler;
    Counter counter;
    while (counter.handled < crossing.messages) {
        Node *node = crossing.queue.pop();
        if (node == nullptr) {
            std::this_thread::yield();
            continue;
        }
        handler(counter, *node);
        free_node(node);
        if (counter.handled % kReport == 0) {
            crossing.handled.store(counter.handled, std::memory_order_release);
        }
    }
}

// Binds each thread to a core of its own, where there are two: taking turns on one they would hand over by the
// thousand.
void run_apart(std::thread &one, std::thread &other) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) {
        return;
    }
    int core = 0;
    for (std::thread *thread : {&one, &other}) {
        while (!CPU_ISSET(core, &allowed)) {
            ++core;
        }
        cpu_set_t only;
        CPU_ZERO(&only);
        CPU_SET(core++, &only);
        pthread_setaffinity_np(thread->native_handle(), sizeof only, &only);
    }
}

}  // namespace

double floor_rate(int64_t messages) {
    Player left, right;
    left.other = &right;
    right.other = &left;
    Handler handler = player_handler;
    auto start = std::chrono::steady_clock::now();
    left.queue.push(make_node(messages));
    bool more = true;
    while (more) {
        for (Player *player : {&left, &right}) {
            while (Node *node = player->queue.pop()) {
                more = node->payload[0] > 0;
                if (more) {
                    handler(*player, *node);
                }
                free_node(node);
            }
        }
    }
    return static_cast<double>(messages) / seconds_since(start);
}

double cross_rate(int64_t messages) {
    Crossing crossing{messages};
    auto start = std::chrono::steady_clock::now();
    std::thread consumer([&] { consume(crossing); });
    std::thread producer([&] { produce(crossing); });
    run_apart(producer, consumer);
    producer.join();
    consumer.join();
    return static_cast<double>(messages) / seconds_since(start);
}

}  // namespace motet::bench
