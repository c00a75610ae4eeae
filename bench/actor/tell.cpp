// actor.tell.*: one-way messages from busy actors to one. The receiver gives each sender credit for some messages at a
// time, so that its mailbox stays bounded.
#include <cstring>
#include <deque>

#include "bench/actor/figures.h"
#include "bench/actor/queue.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

constexpr int64_t kCredit = 1000;
constexpr int64_t kCreditsUnderWay = 10;

// Sends as many messages as it has credit for, and asks for more with the last of them.
struct Sender {
    Stage &stage;
    const motet_ref_t *receiver;
    int64_t left;
};

int32_t spend_credit(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &sender = *static_cast<Sender *>(state);
    Stage &stage = sender.stage;
    if (motet_message_type(message) != stage.credit) {
        return MOTET_E_UNHANDLED;
    }
    for (int64_t i = 1; i <= kCredit && sender.left > 0; ++i, --sender.left) {
        motet_type_t type = i < kCredit ? stage.ball : stage.credit;
        int32_t code = motet_context_tell(context, sender.receiver, type, kPayload, sizeof kPayload);
        if (code != MOTET_OK) {
            return code;
        }
    }
    return MOTET_OK;
}

struct Receiver {
    Stage &stage;
    int64_t left;
    int64_t sum = 0;
};

int32_t count_ball(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &receiver = *static_cast<Receiver *>(state);
    Stage &stage = receiver.stage;
    motet_type_t type = motet_message_type(message);
    if (type != stage.ball && type != stage.credit) {
        return MOTET_E_UNHANDLED;
    }
    int64_t number = 0;
    std::memcpy(&number, motet_message_data(message), sizeof number);
    receiver.sum += number;
    if (--receiver.left == 0) {
        stage.raise();
        return MOTET_OK;
    }
    return type == stage.credit ? motet_context_reply(context, stage.credit, nullptr, 0) : MOTET_OK;
}

double tell_rate(int senders, int64_t messages) {
    Stage stage({{"actor.threads", "2"}});
    Receiver receiver{stage, messages};
    std::deque<Sender> states;
    std::vector<motet_ref_t *> refs;
    motet_ref_t *receiver_ref = stage.spawn(count_ball, &receiver);
    for (int i = 0; i < senders; ++i) {
        states.push_back({stage, receiver_ref, messages / senders});
        refs.push_back(stage.spawn(spend_credit, &states.back()));
    }
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < kCreditsUnderWay; ++i) {
        for (motet_ref_t *ref : refs) {
            stage.tell(ref, stage.credit);
        }
    }
    stage.await();
    double rate = static_cast<double>(messages) / seconds_since(start);
    stage.close();
    for (motet_ref_t *ref : refs) {
        motet_ref_free(ref);
    }
    motet_ref_free(receiver_ref);
    return rate;
}

}  // namespace

void print_tell_1to1(const char *name) {
    print_median(
        name, "messages/s", [] { return tell_rate(1, 3'000'000); }, "cross", [] { return cross_rate(5'000'000); });
}

void print_tell_4to1(const char *name) {
    print_median(
        name, "messages/s", [] { return tell_rate(4, 3'000'000); }, "cross", [] { return cross_rate(5'000'000); });
}

}  // namespace motet::bench
