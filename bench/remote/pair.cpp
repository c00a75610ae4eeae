#include "bench/remote/pair.h"

namespace motet::bench {

static const char *const kAnswering = "answering";

static std::string receiver_name(size_t number) { return "receiver-" + std::to_string(number); }

Pair::Pair(size_t receivers, const std::string &keys) : peer_("serve", keys), node_(keys), asked_(find(kAnswering)) {
    for (size_t i = 0; i < receivers; ++i) {
        receivers_.push_back(find(receiver_name(i)));
    }
    ask_times(100);
}

Pair::~Pair() {
    node_.close();
    motet_ref_free(asked_);
    for (motet_ref_t *ref : receivers_) {
        motet_ref_free(ref);
    }
}

motet_ref_t *Pair::find(const std::string &name) {
    motet_ref_t *ref = nullptr;
    check(motet_system_ref(node_.get(), path("/user/" + name).c_str(), &ref));
    return ref;
}

double Pair::tell_rate(const Load &load) {
    auto start_time = std::chrono::steady_clock::now();
    start(load).wait();
    return static_cast<double>(load.messages) / seconds_since(start_time);
}

std::vector<double> Pair::ask_times(int64_t count) {
    const uint8_t payload[kSmall] = {};
    std::vector<double> times;
    for (int64_t i = 0; i < count; ++i) {
        auto start_time = std::chrono::steady_clock::now();
        motet_future_t *future = nullptr;
        check(motet_ref_ask(asked_, node_.question, payload, kSmall, 5'000, nullptr, 0, &future));
        check(motet_future_wait(future));
        times.push_back(seconds_since(start_time));
        motet_future_free(future);
    }
    return times;
}

void serve_pair(const std::string &keys) {
    Node node(keys);
    std::vector<motet_ref_t *> receivers;
    for (size_t i = 0; i < kReceivers; ++i) {
        receivers.push_back(node.spawn(receive, &node, receiver_name(i).c_str()));
    }
    receivers.push_back(node.spawn(receive, &node, kAnswering));
    serve_until_closed({node.address(), serve_plain()});
    node.close();
    for (motet_ref_t *ref : receivers) {
        motet_ref_free(ref);
    }
}

}  // namespace motet::bench
