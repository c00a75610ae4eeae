// Figures of remoting between two processes, through the C interface.
#include <atomic>
#include <deque>
#include <vector>

#include "bench/figure.h"
#include "bench/remote/peer.h"
#include "bench/remote/plain.h"

namespace motet::bench {
namespace {

constexpr size_t kSize = 100;
constexpr uint8_t kPayload[kSize] = {};

// The receiver gives the sender credit for this many messages at a time, so that every queue between stays bounded.
constexpr int64_t kCredit = 1000;
constexpr int64_t kCreditsUnderWay = 50;

struct Node {
    Node() {
        motet_config_t *config = motet_config_new();
        check(motet_config_set(config, "system.name", "bench"));
        check(motet_config_set(config, "cluster.enabled", "off"));
        check(motet_config_set(config, "log.level", "warning"));
        check(motet_system_start(config, &system));
        motet_config_free(config);
        data = type("bench.Data");
        question = type("bench.Question");
        credit = type("bench.Credit");
    }

    ~Node() { motet_system_free(system); }

    // No handler runs afterwards: what the actors' states point to may go.
    void close() { check(motet_system_close(system, 10'000)); }

    motet_type_t type(const char *name) {
        motet_type_t number = motet_system_type(system, name);
        check(int64_t{number});
        return number;
    }

    motet_ref_t *spawn(motet_receive_fn receive, const char *name, void *state) {
        motet_props_t *props = motet_props_new(receive, state);
        motet_ref_t *ref = nullptr;
        check(motet_system_spawn(system, props, name, &ref));
        motet_props_free(props);
        return ref;
    }

    motet_system_t *system = nullptr;
    motet_type_t data = 0;
    motet_type_t question = 0;
    motet_type_t credit = 0;
};

struct Receiver {
    Node &node;
    int64_t received = 0;
};

int32_t count_or_answer(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &receiver = *static_cast<Receiver *>(state);
    if (motet_message_type(message) == receiver.node.question) {
        return motet_context_reply(context, receiver.node.data, motet_message_data(message),
                                   motet_message_size(message));
    }
    if (motet_message_type(message) != receiver.node.data) {
        return MOTET_E_UNHANDLED;
    }
    return ++receiver.received % kCredit == 0 ? motet_context_reply(context, receiver.node.credit, nullptr, 0)
                                              : MOTET_OK;
}

struct Sender {
    Sender(Node &own_node, const motet_ref_t *other, int64_t messages, int64_t credits)
        : node(own_node), receiver(other), to_send(messages), to_be_seen(credits) {}

    Node &node;
    const motet_ref_t *receiver;
    int64_t to_send;
    int64_t to_be_seen;  // credits still to come from the receiver
    std::atomic<bool> over{false};
};

int32_t spend_credit(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &sender = *static_cast<Sender *>(state);
    if (motet_message_type(message) != sender.node.credit) {
        return MOTET_E_UNHANDLED;
    }
    bool earned = motet_message_sender(message) != nullptr;
    if (earned && --sender.to_be_seen == 0) {
        sender.over.store(true, std::memory_order_release);
        sender.over.notify_one();
        return MOTET_OK;
    }
    for (int64_t i = 0; i < kCredit && sender.to_send > 0; ++i, --sender.to_send) {
        int32_t code = motet_context_tell(context, sender.receiver, sender.node.data, kPayload, kSize);
        if (code != MOTET_OK) {
            return code;
        }
    }
    return MOTET_OK;
}

double tell_rate(Node &node, const motet_ref_t *receiver, int64_t messages, std::deque<Sender> &senders) {
    Sender &sender = senders.emplace_back(node, receiver, messages, messages / kCredit);
    motet_ref_t *sender_ref = node.spawn(spend_credit, nullptr, &sender);
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < kCreditsUnderWay; ++i) {
        check(motet_ref_tell(sender_ref, nullptr, node.credit, nullptr, 0, nullptr, 0));
    }
    sender.over.wait(false, std::memory_order_acquire);
    double rate = static_cast<double>(messages) / seconds_since(start);
    motet_ref_free(sender_ref);
    return rate;
}

std::vector<double> ask_times(Node &node, const motet_ref_t *receiver, int64_t count) {
    std::vector<double> times;
    for (int64_t i = 0; i < count; ++i) {
        auto start = std::chrono::steady_clock::now();
        motet_future_t *future = nullptr;
        check(motet_ref_ask(receiver, node.question, kPayload, kSize, 5'000, nullptr, 0, &future));
        check(motet_future_wait(future));
        times.push_back(seconds_since(start));
        motet_future_free(future);
    }
    return times;
}

void serve() {
    Node node;
    Receiver receiver{node};
    motet_ref_t *ref = node.spawn(count_or_answer, "receiver", &receiver);
    char path[512];
    check(motet_ref_path(ref, path, sizeof path));
    serve_until_closed({path, serve_plain()});
    node.close();
    motet_ref_free(ref);
}

// This process, the other one, and what connects them.
struct Pair {
    Pair() {
        check(motet_system_ref(node.system, peer.endpoints().actors.c_str(), &receiver));
        ask_times(node, receiver, 100);
    }
    ~Pair() {
        node.close();
        motet_ref_free(receiver);
    }

    Peer peer;
    Node node;
    PlainClient plain{peer.endpoints().plain};
    motet_ref_t *receiver = nullptr;
    std::deque<Sender> senders;
};

void print_tell(const char *name) {
    Pair pair;
    print_median(
        name, "messages/s", [&] { return tell_rate(pair.node, pair.receiver, 1'000'000, pair.senders); }, "libzmq",
        [&] { return pair.plain.rate(1'000'000, kSize); });
}

void print_ask(const char *name) {
    Pair pair;
    print_median(
        name, "us", [&] { return median(ask_times(pair.node, pair.receiver, 3000)) / kMicrosecond; }, "libzmq",
        [&] { return median(pair.plain.round_trips(3000, kSize)) / kMicrosecond; });
}

}  // namespace
}  // namespace motet::bench

int main(int count, char **arguments) {
    using namespace motet::bench;
    if (count == 2 && arguments[1] == std::string("serve")) {
        serve();
        return 0;
    }
    return run({{"remote.tell.100", print_tell}, {"remote.ask.median", print_ask}}, count, arguments);
}
