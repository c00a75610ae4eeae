// Figures of local actors, through the C interface.
#include <atomic>
#include <vector>

#include "bench/actor/queue.h"
#include "bench/figure.h"

namespace motet::bench {
namespace {

constexpr uint8_t kPayload[16] = {};

// A system without remoting, its message types, and a flag that an actor raises when a round is over.
struct Stage {
    Stage() {
        motet_config_t *config = motet_config_new();
        check(motet_config_set(config, "remote.enabled", "off"));
        check(motet_config_set(config, "log.level", "warning"));
        check(motet_system_start(config, &system));
        motet_config_free(config);
        ball = type("bench.Ball");
        credit = type("bench.Credit");
    }

    ~Stage() { motet_system_free(system); }

    // No handler runs afterwards: what the actors' states point to may go.
    void close() { check(motet_system_close(system, 10'000)); }

    motet_type_t type(const char *name) {
        motet_type_t number = motet_system_type(system, name);
        check(int64_t{number});
        return number;
    }

    motet_ref_t *spawn(motet_receive_fn receive, void *state) {
        motet_props_t *props = motet_props_new(receive, state);
        motet_ref_t *ref = nullptr;
        check(motet_system_spawn(system, props, nullptr, &ref));
        motet_props_free(props);
        return ref;
    }

    void raise() {
        over.store(true, std::memory_order_release);
        over.notify_one();
    }

    void await() {
        over.wait(false, std::memory_order_acquire);
        over.store(false, std::memory_order_relaxed);
    }

    motet_system_t *system = nullptr;
    motet_type_t ball = 0;
    motet_type_t credit = 0;
    std::atomic<bool> over{false};
};

struct Player {
    Stage &stage;
    int64_t left = 0;  // balls to return; set while no ball is under way
};

int32_t return_ball(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &player = *static_cast<Player *>(state);
    if (motet_message_type(message) != player.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    if (player.left == 0) {
        player.stage.raise();
        return MOTET_OK;
    }
    --player.left;
    return motet_context_reply(context, player.stage.ball, motet_message_data(message), motet_message_size(message));
}

double pingpong_rate(int64_t messages) {
    Stage stage;
    Player left{stage}, right{stage};
    left.left = right.left = messages / 2;
    motet_ref_t *left_ref = stage.spawn(return_ball, &left);
    motet_ref_t *right_ref = stage.spawn(return_ball, &right);
    auto start = std::chrono::steady_clock::now();
    check(motet_ref_tell(left_ref, right_ref, stage.ball, kPayload, sizeof kPayload, nullptr, 0));
    stage.await();
    double rate = static_cast<double>(messages) / seconds_since(start);
    stage.close();
    motet_ref_free(left_ref);
    motet_ref_free(right_ref);
    return rate;
}

// The receiver gives the sender credit for this many messages at a time, so that its mailbox stays bounded.
constexpr int64_t kCredit = 1000;
constexpr int64_t kCreditsUnderWay = 10;

struct Receiver {
    Stage &stage;
    int64_t left;
};

int32_t count_ball(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &receiver = *static_cast<Receiver *>(state);
    if (motet_message_type(message) != receiver.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    if (--receiver.left % kCredit != 0) {
        return MOTET_OK;
    }
    if (receiver.left == 0) {
        receiver.stage.raise();
        return MOTET_OK;
    }
    return motet_context_reply(context, receiver.stage.credit, nullptr, 0);
}

struct Sender {
    Stage &stage;
    motet_ref_t *receiver;
    int64_t left;
};

int32_t spend_credit(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &sender = *static_cast<Sender *>(state);
    if (motet_message_type(message) != sender.stage.credit) {
        return MOTET_E_UNHANDLED;
    }
    for (int64_t i = 0; i < kCredit && sender.left > 0; ++i, --sender.left) {
        int32_t code = motet_context_tell(context, sender.receiver, sender.stage.ball, kPayload, sizeof kPayload);
        if (code != MOTET_OK) {
            return code;
        }
    }
    return MOTET_OK;
}

double tell_rate(int64_t messages) {
    Stage stage;
    Receiver receiver{stage, messages};
    motet_ref_t *receiver_ref = stage.spawn(count_ball, &receiver);
    Sender sender{stage, receiver_ref, messages};
    motet_ref_t *sender_ref = stage.spawn(spend_credit, &sender);
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < kCreditsUnderWay; ++i) {
        check(motet_ref_tell(sender_ref, nullptr, stage.credit, nullptr, 0, nullptr, 0));
    }
    stage.await();
    double rate = static_cast<double>(messages) / seconds_since(start);
    stage.close();
    motet_ref_free(sender_ref);
    motet_ref_free(receiver_ref);
    return rate;
}

}  // namespace
}  // namespace motet::bench

int main(int count, char **names) {
    using namespace motet::bench;
    const std::vector<Figure> figures = {
        {"actor.pingpong.1",
         [] {
             print_figure(
                 "actor.pingpong.1", "messages/s", [] { return pingpong_rate(2'000'000); }, "floor",
                 [] { return floor_rate(10'000'000); });
         }},
        {"actor.tell.1to1",
         [] {
             print_figure(
                 "actor.tell.1to1", "messages/s", [] { return tell_rate(3'000'000); }, "cross",
                 [] { return cross_rate(10'000'000); });
         }},
    };
    return run(figures, count, names);
}
