// actor.timers: how many pairs of cancelling a timer and scheduling another one actors do a second, while a million of
// them are pending.
#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

constexpr int64_t kActors = 1000;
constexpr int64_t kTimers = 1'000'000;  // of all actors
constexpr int64_t kOwnTimers = kTimers / kActors;
constexpr int64_t kSecond = 1'000'000'000;

struct Clerk {
    Stage &stage;
    std::atomic<int64_t> &busy;  // clerks that are not done
    int64_t rounds;              // to come
    int64_t scheduled = 0;
};

// Timeouts from ten seconds to a minute, none of which comes to be due.
int64_t delay(int64_t number) { return 10 * kSecond + number * 7919 % 50'000 * (kSecond / 1000); }

void schedule(motet_context_t *context, Clerk &clerk, int64_t key) {
    check(int64_t{
        motet_context_timer(context, key, delay(clerk.scheduled++), 0, clerk.stage.ball, kPayload, sizeof kPayload)});
}

// Schedules all timers at first, then cancels and schedules each of them in every round.
int32_t keep_timers(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &clerk = *static_cast<Clerk *>(state);
    if (motet_message_type(message) != clerk.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    bool first = clerk.scheduled == 0;
    for (int64_t key = 0; key < kOwnTimers; ++key) {
        if (!first) {
            check(int64_t{motet_context_timer_cancel(context, key)});
        }
        schedule(context, clerk, key);
    }
    if (!first && --clerk.rounds > 0) {
        return motet_context_tell(context, motet_context_self(context), clerk.stage.ball, nullptr, 0);
    }
    if (clerk.busy.fetch_sub(1) == 1) {
        clerk.stage.raise();
    }
    return MOTET_OK;
}

double timer_rate(int64_t rounds) {
    Stage stage({{"actor.threads", "2"}});
    std::atomic<int64_t> busy{kActors};
    std::vector<Clerk> clerks(kActors, Clerk{stage, busy, rounds});
    std::vector<motet_ref_t *> refs;
    for (Clerk &clerk : clerks) {
        refs.push_back(stage.spawn(keep_timers, &clerk));
        stage.tell(refs.back(), stage.ball);
    }
    stage.await();  // all are pending
    busy = kActors;
    auto start = std::chrono::steady_clock::now();
    for (motet_ref_t *ref : refs) {
        stage.tell(ref, stage.ball);
    }
    stage.await();
    double rate = static_cast<double>(rounds * kTimers) / seconds_since(start);
    stage.close();
    for (motet_ref_t *ref : refs) {
        motet_ref_free(ref);
    }
    return rate;
}

}  // namespace

void print_timers(const char *name) {
    print_median(name, "pairs/s", [] { return timer_rate(4); });
}

}  // namespace motet::bench
