// Figures of remoting between two processes, through the C interface.
#include <list>
#include <string_view>

#include "bench/figure.h"
#include "bench/remote/load.h"
#include "bench/remote/peer.h"
#include "bench/remote/plain.h"

namespace motet::bench {
namespace {

constexpr double kMegabyte = 1e6;
constexpr size_t kReceivers = 1'000;
constexpr size_t kSmall = 100;
constexpr int64_t kQuestions = 3'000;

// The receivers are called receiver-0 and so on; the peer tells the path of them without the number.
void serve() {
    Node node;
    std::vector<motet_ref_t *> receivers;
    for (size_t i = 0; i < kReceivers; ++i) {
        receivers.push_back(node.spawn(receive, &node, ("receiver-" + std::to_string(i)).c_str()));
    }
    char path[512];
    check(motet_ref_path(receivers.front(), path, sizeof path));
    const std::string_view first = path;
    serve_until_closed({std::string(first.substr(0, first.rfind('-') + 1)), serve_plain()});
    node.close();
    for (motet_ref_t *ref : receivers) {
        motet_ref_free(ref);
    }
}

// This process, the other one, and what connects them.
class Pair {
  public:
    explicit Pair(size_t receivers = 1) {
        for (size_t i = 0; i < receivers; ++i) {
            motet_ref_t *ref = nullptr;
            const std::string path = peer_.endpoints().actors + std::to_string(i);
            check(motet_system_resolve(node_.get(), path.c_str(), 5'000, &ref));
            receivers_.push_back(ref);
        }
        ask_times(100);
    }

    ~Pair() {
        node_.close();
        for (motet_ref_t *ref : receivers_) {
            motet_ref_free(ref);
        }
    }

    PlainClient &plain() { return plain_; }
    motet_system_t *system() { return node_.get(); }

    Run &start(const Load &load) { return runs_.emplace_back(node_, receivers_, load); }

    // Messages in a second, until the other side has seen the last.
    double tell_rate(const Load &load) {
        auto start_time = std::chrono::steady_clock::now();
        start(load).wait();
        return static_cast<double>(load.messages) / seconds_since(start_time);
    }

    std::vector<double> ask_times(int64_t count) {
        const uint8_t payload[kSmall] = {};
        std::vector<double> times;
        for (int64_t i = 0; i < count; ++i) {
            auto start_time = std::chrono::steady_clock::now();
            motet_future_t *future = nullptr;
            check(motet_ref_ask(receivers_.front(), node_.question, payload, kSmall, 5'000, nullptr, 0, &future));
            check(motet_future_wait(future));
            times.push_back(seconds_since(start_time));
            motet_future_free(future);
        }
        return times;
    }

  private:
    Peer peer_;
    Node node_;
    PlainClient plain_{peer_.endpoints().plain};
    std::vector<motet_ref_t *> receivers_;
    std::list<Run> runs_;
};

void print_rate(const char *name, size_t pairs, const Load &load) {
    Pair pair(pairs);
    print_median(
        name, "messages/s", [&] { return pair.tell_rate(load); }, "libzmq",
        [&] { return pair.plain().rate(load.messages, load.size); });
}

void print_tell(const char *name) { print_rate(name, 1, {.size = kSmall}); }

void print_tell_many(const char *name) { print_rate(name, kReceivers, {.size = kSmall, .batch = 10, .under_way = 5}); }

void print_tell_10000(const char *name) {
    print_rate(name, 1, {.messages = 100'000, .size = 10'000, .batch = 20, .under_way = 20});
}

void print_large(const char *name) {
    constexpr size_t kFrame = 65'536;  // the yardstick's
    constexpr Load kLoad = {.messages = 8, .size = 64 * 1024 * 1024, .batch = 1, .under_way = 1};
    Pair pair;
    print_median(
        name, "MB/s", [&] { return pair.tell_rate(kLoad) * kLoad.size / kMegabyte; }, "libzmq",
        [&] { return pair.plain().rate(kLoad.messages * kLoad.size / kFrame, kFrame) * kFrame / kMegabyte; });
}

void print_traced(const char *name) {
    Pair pair;
    motet_span_t *span = nullptr;
    check(motet_span_start(pair.system(), "bench", nullptr, 0, &span));
    print_median(
        name, "messages/s", [&] { return pair.tell_rate({.trace = motet_span_trace(span)}); }, "untraced",
        [&] { return pair.tell_rate({}); });
    motet_span_end(span, MOTET_OK, nullptr);
}

void print_ask(const char *name, double share) {
    Pair pair;
    print_median(
        name, "us", [&] { return quantile(pair.ask_times(kQuestions), share) / kMicrosecond; }, "libzmq",
        [&] { return quantile(pair.plain().round_trips(kQuestions, kSmall), share) / kMicrosecond; });
}

void print_ask_median(const char *name) { print_ask(name, 0.5); }
void print_ask_p99(const char *name) { print_ask(name, 0.99); }

// The lane of large messages is never empty meanwhile.
void print_ask_flooded(const char *name) {
    Pair pair;
    auto ask = [&] { return median(pair.ask_times(kQuestions / 10)) / kMicrosecond; };
    auto ask_flooded = [&] {
        Run &flood = pair.start({.messages = INT64_MAX, .size = 1024 * 1024, .batch = 1, .under_way = 8});
        const double value = ask();
        flood.stop();
        flood.wait();
        return value;
    };
    print_median(name, "us", ask_flooded, "idle", ask);
}

}  // namespace
}  // namespace motet::bench

int main(int count, char **arguments) {
    using namespace motet::bench;
    if (count == 2 && arguments[1] == std::string("serve")) {
        serve();
        return 0;
    }
    return run({{"remote.tell.100", print_tell},
                {"remote.tell.100.many", print_tell_many},
                {"remote.tell.10000", print_tell_10000},
                {"remote.large", print_large},
                {"remote.trace", print_traced},
                {"remote.ask.median", print_ask_median},
                {"remote.ask.p99", print_ask_p99},
                {"remote.ask.flooded", print_ask_flooded}},
               count, arguments);
}
