// actor.latency.*: from a tell outside of actors to the start of the handler, when actor and workers have been idle for
// a while. The yardstick is a thread that a bare futex wakes.
#include <linux/futex.h>
#include <sys/syscall.h>

#include <thread>

#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kSamples = 1000;
constexpr auto kIdle = 2ms;  // long enough for every thread to fall asleep

// A thread that sleeps on a futex and says when it woke.
class Sleeper {
  public:
    Sleeper() : thread_([this] { run(); }) {}

    ~Sleeper() {
        ended_.store(true);
        wake();
        thread_.join();
    }

    double seconds_to_wake() {
        woke_.store(false);
        auto start = Clock::now();
        wake();
        woke_.wait(false);
        return Seconds(woke_at_ - start).count();
    }

  private:
    void wake() {
        turn_.fetch_add(1);
        syscall(SYS_futex, &turn_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }

    void run() {
        for (uint32_t turn = 0; !ended_.load(); turn = turn_.load()) {
            while (turn_.load() == turn) {
                syscall(SYS_futex, &turn_, FUTEX_WAIT_PRIVATE, turn, nullptr, nullptr, 0);
            }
            woke_at_ = Clock::now();
            woke_.store(true);
            woke_.notify_one();
        }
    }

    std::atomic<uint32_t> turn_{0};
    std::atomic<bool> ended_{false};
    std::atomic<bool> woke_{false};
    Clock::time_point woke_at_;
    std::thread thread_;
};

struct Receiver {
    Stage &stage;
    Clock::time_point started_at;
};

int32_t note_time(motet_context_t *, const motet_message_t *message, void *state) {
    auto now = Clock::now();
    auto &receiver = *static_cast<Receiver *>(state);
    if (motet_message_type(message) != receiver.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    receiver.started_at = now;
    receiver.stage.raise();
    return MOTET_OK;
}

void print_latency(const char *name, double share) {
    Stage stage;
    Sleeper sleeper;
    Receiver receiver{stage, {}};
    motet_ref_t *ref = stage.spawn(note_time, &receiver);
    std::vector<double> latencies, wakes;
    for (int i = 0; i < kSamples; ++i) {
        std::this_thread::sleep_for(kIdle);
        wakes.push_back(sleeper.seconds_to_wake());
        std::this_thread::sleep_for(kIdle);
        auto start = Clock::now();
        stage.tell(ref, stage.ball);
        stage.await();
        latencies.push_back(Seconds(receiver.started_at - start).count());
    }
    print_figure(name, quantile(latencies, share) / kMicrosecond, "us",
                 {"wake", quantile(wakes, share) / kMicrosecond});
    stage.close();
    motet_ref_free(ref);
}

}  // namespace

void print_latency_median(const char *name) { print_latency(name, 0.5); }
void print_latency_p99(const char *name) { print_latency(name, 0.99); }

}  // namespace motet::bench
