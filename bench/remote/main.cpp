// Figures of remoting between two processes, through the C interface.
#include <thread>

#include "bench/process.h"
#include "bench/remote/crowd.h"
#include "bench/remote/keys.h"
#include "bench/remote/pair.h"

namespace motet::bench {
namespace {

constexpr double kMegabyte = 1e6;
constexpr int64_t kQuestions = 3'000;
constexpr Load kLarge = {.messages = 8, .size = 64 * 1024 * 1024, .batch = 1, .under_way = 2};

void print_rate(const char *name, size_t pairs, const Load &load) {
    Pair pair(pairs);
    print_median(
        name, "messages/s", [&] { return pair.tell_rate(load); }, "libzmq",
        [&] { return pair.plain().rate(load.messages, load.size); });
}

void print_tell(const char *name) { print_rate(name, 1, {.size = kSmall}); }

// Nanoseconds of processor time in both processes for each of so many messages, in threads whose names begin so.
double processor_time(const Pair &pair, int64_t messages, std::string_view thread, const std::function<void()> &work) {
    auto used = [&] {
        double seconds = 0;
        for (const pid_t process : {getpid(), pair.peer().process()}) {
            for (const auto &[name, time] : thread_seconds(process)) {
                seconds += name.starts_with(thread) ? time : 0;
            }
        }
        return seconds;
    };
    const double before = used();
    work();
    return (used() - before) / static_cast<double>(messages) / kNanosecond;
}

constexpr Load kCounted = {.messages = 3'000'000, .size = kSmall};  // enough for the clock of the operating system

double processor_time_of_tells(Pair &pair, std::string_view thread) {
    return processor_time(pair, kCounted.messages, thread, [&] { pair.tell_rate(kCounted); });
}

void print_cpu(const char *name) {
    Pair pair;
    auto plain = [&] { pair.plain().rate(kCounted.messages, kCounted.size); };
    print_median(
        name, "ns/message", [&] { return processor_time_of_tells(pair, ""); }, "libzmq",
        [&] { return processor_time(pair, kCounted.messages, "", plain); });
}

void print_cpu_of(const char *name, std::string_view thread) {
    Pair pair;
    print_median(name, "ns/message", [&] { return processor_time_of_tells(pair, thread); });
}

void print_cpu_workers(const char *name) { print_cpu_of(name, "motet-default"); }
void print_cpu_io(const char *name) { print_cpu_of(name, "motet-io"); }
void print_cpu_zmq(const char *name) { print_cpu_of(name, "ZMQ"); }

void print_tell_many(const char *name) { print_rate(name, kReceivers, {.size = kSmall, .batch = 10, .under_way = 5}); }

void print_tell_10000(const char *name) {
    print_rate(name, 1, {.messages = 100'000, .size = 10'000, .batch = 20, .under_way = 20});
}

void print_large(const char *name) {
    constexpr size_t kFrame = 65'536;  // the yardstick's
    Pair pair;
    print_median(
        name, "MB/s", [&] { return pair.tell_rate(kLarge) * kLarge.size / kMegabyte; }, "libzmq",
        [&] { return pair.plain().rate(kLarge.messages * kLarge.size / kFrame, kFrame) * kFrame / kMegabyte; });
}

// What the sender holds besides the message itself, and what the receiver does: the larger of the two.
void print_large_memory(const char *name) {
    Pair pair;
    pair.tell_rate(kLarge);
    std::vector<double> grown;
    for (const pid_t process : {getpid(), pair.peer().process()}) {
        forget_most(process);
        grown.push_back(-memory_of(process).resident);
    }
    pair.tell_rate(kLarge);
    grown[0] += memory_of(getpid()).most - static_cast<double>(kLarge.size);
    grown[1] += memory_of(pair.peer().process()).most;
    print_figure(name, *std::max_element(grown.begin(), grown.end()) / kMegabyte, "MB",
                 {"message", static_cast<double>(kLarge.size) / kMegabyte});
}

void print_tell_curve(const char *name) {
    const Keys keys;
    Pair encrypted(1, keys.directory());
    Pair plain;
    print_median(
        name, "messages/s", [&] { return encrypted.tell_rate({}); }, "unencrypted",
        [&] { return plain.tell_rate({}); });
}

void print_traced(const char *name) {
    Pair pair;
    motet_span_t *span = nullptr;
    check(motet_span_start(pair.node().get(), "bench", nullptr, 0, &span));
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

// An actor that watches one on the other node, and must not be told that it has ended.
int32_t trust_the_watched(motet_context_t *, const motet_message_t *message, void *) {
    if (motet_message_type(message) == MOTET_TYPE_TERMINATED) {
        std::fprintf(stderr, "bench: a node that works was taken for dead\n");
        std::exit(1);
    }
    return MOTET_E_UNHANDLED;
}

// Heartbeats go on the connection of what is told to actors below "/system", and so does the question to one.
void print_heartbeat(const char *name) {
    constexpr std::chrono::seconds kFlood(60);
    constexpr std::chrono::milliseconds kPause(10);
    Pair pair;
    motet_ref_t *watcher = pair.node().spawn(trust_the_watched, nullptr);
    motet_ref_t *watched = nullptr;
    check(motet_system_ref(pair.node().get(), pair.path("/user/receiver-0").c_str(), &watched));
    check(int64_t{motet_ref_watch(watcher, watched)});
    Run &flood = pair.start({.messages = INT64_MAX});
    std::vector<double> times;
    for (auto start = std::chrono::steady_clock::now(); seconds_since(start) < Seconds(kFlood).count();) {
        auto asked = std::chrono::steady_clock::now();
        motet_ref_t *found = nullptr;
        check(motet_system_resolve(pair.node().get(), pair.path("/system").c_str(), 60'000, &found));
        times.push_back(seconds_since(asked));
        motet_ref_free(found);
        std::this_thread::sleep_for(kPause);
    }
    flood.stop();
    flood.wait();
    print_figure(name, quantile(times, 0.999) / kMillisecond, "ms");
    motet_ref_free(watched);
    motet_ref_free(watcher);
}

}  // namespace
}  // namespace motet::bench

int main(int count, char **arguments) {
    using namespace motet::bench;
    const std::string role = count == 3 ? arguments[1] : "";
    if (role == "serve" || role == "crowd") {
        (role == "serve" ? serve_pair : serve_crowd)(arguments[2]);
        return 0;
    }
    return run({{"remote.tell.100", print_tell},
                {"remote.tell.100.many", print_tell_many},
                {"remote.tell.10000", print_tell_10000},
                {"remote.tell.100.curve", print_tell_curve},
                {"remote.cpu", print_cpu},
                {"remote.cpu.workers", print_cpu_workers},
                {"remote.cpu.io", print_cpu_io},
                {"remote.cpu.zmq", print_cpu_zmq},
                {"remote.large", print_large},
                {"remote.large.memory", print_large_memory},
                {"remote.trace", print_traced},
                {"remote.ask.median", print_ask_median},
                {"remote.ask.p99", print_ask_p99},
                {"remote.ask.flooded", print_ask_flooded},
                {"remote.heartbeat.p999", print_heartbeat},
                {"remote.idle.memory", print_idle_memory},
                {"remote.idle.cpu", print_idle_cpu},
                {"remote.idle.cpu.watching", print_watching_cpu}},
               count, arguments);
}
