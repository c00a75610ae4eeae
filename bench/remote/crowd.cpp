#include "bench/remote/crowd.h"

#include <deque>
#include <sys/resource.h>
#include <thread>

#include "bench/process.h"
#include "bench/remote/load.h"
#include "bench/remote/peer.h"

namespace motet::bench {
namespace {

constexpr int kProcesses = 10;
constexpr int kNodesEach = 100;
constexpr double kNodes = kProcesses * kNodesEach;
constexpr std::chrono::seconds kIdle(10);

// The nodes of other processes, and one here that gets to know them.
class Crowd {
  public:
    Crowd() {
        for (int i = 0; i < kProcesses; ++i) {
            processes_.emplace_back("crowd", std::to_string(kNodesEach));
        }
    }

    ~Crowd() {
        node_.close();
        for (motet_ref_t *ref : guardians_) {
            motet_ref_free(ref);
        }
    }

    // Has the node here associate with every other one.
    void meet() {
        for (const Peer &process : processes_) {
            for (const std::string &address : process.lines()) {
                check(motet_system_resolve(node_.get(), (address + "/user").c_str(), 10'000,
                                           &guardians_.emplace_back(nullptr)));
            }
        }
    }

    // Has an actor here watch one on every other node: heartbeats go from then on.
    void watch() {
        motet_ref_t *watcher = node_.spawn(receive, &node_);
        for (const motet_ref_t *guardian : guardians_) {
            check(int64_t{motet_ref_watch(watcher, guardian)});
        }
        motet_ref_free(watcher);
    }

  private:
    std::deque<Peer> processes_;
    Node node_;
    std::vector<motet_ref_t *> guardians_;
};

double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicrosecond;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void print_cpu(const char *name) {
    std::this_thread::sleep_for(kIdle / 5);  // what the beginning has left to do
    const double before = processor_seconds();
    std::this_thread::sleep_for(kIdle);
    print_figure(name, 100 * (processor_seconds() - before) / Seconds(kIdle).count(), "percent");
}

}  // namespace

void print_idle_memory(const char *name) {
    Crowd crowd;
    const double before = memory_of(getpid()).resident;
    crowd.meet();
    print_figure(name, (memory_of(getpid()).resident - before) / kNodes, "bytes/association");
}

void print_idle_cpu(const char *name) {
    Crowd crowd;
    crowd.meet();
    print_cpu(name);
}

void print_watching_cpu(const char *name) {
    Crowd crowd;
    crowd.meet();
    crowd.watch();
    print_cpu(name);
}

void serve_crowd(const std::string &count) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    std::deque<Node> nodes;
    std::vector<std::string> addresses;
    for (int i = 0; i < std::stoi(count); ++i) {
        addresses.push_back(nodes.emplace_back().address());
    }
    serve_until_closed(addresses);
    for (Node &node : nodes) {
        node.close();
    }
}

}  // namespace motet::bench
