#include "bench/actor/queue.h"

#include <atomic>
#include <new>
#include <thread>

#include "bench/figure.h"
#include "core/base/block_pool.h"

namespace motet::bench {
namespace {

// As large as an envelope with 16 bytes of payload.
struct Node {
    std::atomic<Node *> next{nullptr};
    int64_t number;
    char rest[80];
};
static_assert(sizeof(Node) == 96);

Node *make_node(int64_t number) {
    Node *node = new (allocate_block(sizeof(Node))) Node;
    node->number = number;
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

void return_ball(Player &player, const Node &ball) { player.other->queue.push(make_node(ball.number - 1)); }

struct Counter {
    int64_t handled = 0;
};

using CountHandler = void (*)(Counter &, const Node &);

void count(Counter &counter, const Node &) { ++counter.handled; }

// Read at run time, so that the compiler cannot look through the pointer.
volatile Handler player_handler = return_ball;
volatile CountHandler counter_handler = count;

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
                more = node->number > 0;
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
    constexpr int64_t kUnderWay = 10000;
    constexpr int64_t kReport = 1000;
    Queue queue;
    Counter counter;
    alignas(64) std::atomic<int64_t> handled{0};
    CountHandler handler = counter_handler;
    auto start = std::chrono::steady_clock::now();
    std::thread producer([&] {
        for (int64_t sent = 0; sent < messages; ++sent) {
            while (sent % kReport == 0 && sent - handled.load(std::memory_order_acquire) >= kUnderWay) {
                std::this_thread::yield();
            }
            queue.push(make_node(sent));
        }
    });
    while (counter.handled < messages) {
        Node *node = queue.pop();
        if (node == nullptr) {
            std::this_thread::yield();
            continue;
        }
        handler(counter, *node);
        free_node(node);
        if (counter.handled % kReport == 0) {
            handled.store(counter.handled, std::memory_order_release);
        }
    }
    double rate = static_cast<double>(messages) / seconds_since(start);
    producer.join();
    return rate;
}

}  // namespace motet::bench
