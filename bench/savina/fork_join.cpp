// Fork-join, two programs: a thread outside sends to many actors in turn (throughput); or makes many actors, sends each
// one message, and waits for the end of all (creation). Each message is answered with a small computation.
#include "bench/savina/savina.h"

#include <cmath>
#include <latch>
#include <vector>

namespace {

struct Work {};

}  // namespace

MOTET_MESSAGE(Work, "savina.Work");

namespace {

constexpr std::int64_t kWorkers = 60;
constexpr std::int64_t kMessages = 10'000;  // for each worker
constexpr std::int64_t kCreated = 40'000;

void compute() {
    volatile double angle = 37.2;  // not known to the compiler
    double sine = std::sin(angle);
    savina::expect("a square that is positive", sine * sine > 0, true);
}

// Works on so many messages, then ends.
class Worker {
  public:
    using Messages = motet::Messages<Work, motet::PostStop>;

    Worker(std::int64_t messages, std::latch *ended) : left_(messages), ended_(ended) {}

    void receive(motet::Context &context, const Work &) {
        compute();
        if (--left_ == 0) {
            context.stop();
        }
    }

    void receive(motet::Context &, const motet::PostStop &) { ended_->count_down(); }

  private:
    std::int64_t left_;
    std::latch *ended_;
};

}  // namespace

double savina::fork_join_throughput() {
    std::latch ended(kWorkers);
    motet::System system(config());
    Stopwatch watch;
    std::vector<motet::Ref> workers;
    for (std::int64_t i = 0; i < kWorkers; ++i) {
        workers.push_back(system.spawn(motet::actor<Worker>(kMessages, &ended)));
    }
    for (std::int64_t i = 0; i < kMessages; ++i) {
        for (const motet::Ref &worker : workers) {
            system.tell(worker, Work{});
        }
    }
    ended.wait();
    return watch.seconds();
}

double savina::fork_join_creation() {
    std::latch ended(kCreated);
    motet::System system(config());
    Stopwatch watch;
    motet::Props worker = motet::actor<Worker>(std::int64_t{1}, &ended);
    for (std::int64_t i = 0; i < kCreated; ++i) {
        system.tell(system.spawn(worker), Work{});
    }
    ended.wait();
    return watch.seconds();
}
