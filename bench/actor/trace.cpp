// actor.trace: what a trace context that travels with a message adds to telling and handling it, with traces not
// exported. Two actors of one worker return messages with and without one, in short turns; the medians are compared.
#include <algorithm>

#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

struct Player {
    Stage &stage;
    int64_t left = 0;
};

int32_t return_ball(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &player = *static_cast<Player *>(state);
    if (motet_message_type(message) != player.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    if (player.left-- == 0) {
        player.stage.raise();
        return MOTET_OK;
    }
    return motet_context_reply(context, player.stage.ball, motet_message_data(message), motet_message_size(message));
}

}  // namespace

void print_trace(const char *name) {
    constexpr int64_t kMessages = 20'000;
    constexpr int kTurns = 200;
    Stage stage({{"actor.threads", "1"}});
    Player left{stage}, right{stage};
    motet_ref_t *left_ref = stage.spawn(return_ball, &left);
    motet_ref_t *right_ref = stage.spawn(return_ball, &right);
    auto seconds_each = [&](const uint8_t *trace, size_t size) {
        left.left = right.left = kMessages / 2;
        auto start = std::chrono::steady_clock::now();
        check(motet_ref_tell(left_ref, right_ref, stage.ball, kPayload, sizeof kPayload, trace, size));
        stage.await();
        return seconds_since(start) / kMessages;
    };
    motet_span_t *span = nullptr;
    check(motet_span_start(stage.get(), "bench", nullptr, 0, &span));
    std::vector<double> with, without;
    for (int i = 0; i < kTurns; ++i) {
        without.push_back(seconds_each(nullptr, 0));
        with.push_back(seconds_each(motet_span_trace(span), MOTET_TRACE_SIZE));
    }
    motet_span_end(span, MOTET_OK, nullptr);
    print_figure(name, std::max(0.0, median(with) - median(without)) / kNanosecond, "ns");
    stage.close();
    motet_ref_free(left_ref);
    motet_ref_free(right_ref);
}

}  // namespace motet::bench
