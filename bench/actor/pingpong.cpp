// actor.pingpong.*: pairs of actors that return a message to each other, one under way in each pair.
#include <deque>

#include "bench/actor/figures.h"
#include "bench/actor/queue.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

// The pairs that still play.
struct Match {
    Stage &stage;
    std::atomic<int> playing;
};

struct Player {
    Match &match;
    int64_t left;  // balls to return
};

int32_t return_ball(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &player = *static_cast<Player *>(state);
    Stage &stage = player.match.stage;
    if (motet_message_type(message) != stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    if (player.left == 0) {
        if (player.match.playing.fetch_sub(1) == 1) {
            stage.raise();
        }
        return MOTET_OK;
    }
    --player.left;
    return motet_context_reply(context, stage.ball, motet_message_data(message), motet_message_size(message));
}

double pingpong_rate(int pairs, int64_t messages) {
    Stage stage({{"actor.threads", "2"}});
    Match match{stage, pairs};
    std::deque<Player> players;
    std::vector<motet_ref_t *> refs;
    for (int i = 0; i < 2 * pairs; ++i) {
        players.push_back({match, messages / (2 * pairs)});
        refs.push_back(stage.spawn(return_ball, &players.back()));
    }
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < pairs; ++i) {
        check(motet_ref_tell(refs[2 * i], refs[2 * i + 1], stage.ball, kPayload, sizeof kPayload, nullptr, 0));
    }
    stage.await();
    double rate = static_cast<double>(messages) / seconds_since(start);
    stage.close();
    for (motet_ref_t *ref : refs) {
        motet_ref_free(ref);
    }
    return rate;
}

}  // namespace

void print_pingpong_1(const char *name) {
    print_median(
        name, "messages/s", [] { return pingpong_rate(1, 2'000'000); }, "floor", [] { return floor_rate(5'000'000); });
}

void print_pingpong_8(const char *name) {
    print_median(
        name, "messages/s", [] { return pingpong_rate(8, 4'000'000); }, "floor", [] { return floor_rate(5'000'000); });
}

}  // namespace motet::bench
