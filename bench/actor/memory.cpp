// actor.memory.*: resident bytes of the whole process for each idle actor, and for each message that waits.
#include <thread>

#include "bench/actor/figures.h"
#include "bench/actor/stage.h"
#include "bench/process.h"

namespace motet::bench {
namespace {

struct Crowd {
    Stage stage;
    std::atomic<int64_t> started{0};
    int64_t size = 0;
};

int32_t count_start(motet_context_t *, const motet_message_t *message, void *state) {
    auto &crowd = *static_cast<Crowd *>(state);
    if (motet_message_type(message) != MOTET_TYPE_PRE_START) {
        return MOTET_E_UNHANDLED;
    }
    if (crowd.started.fetch_add(1) + 1 == crowd.size) {
        crowd.stage.raise();
    }
    return MOTET_OK;
}

// Spawns so many more actors, lets go of their refs, and waits until all have started.
void grow(Crowd &crowd, motet_props_t *props, int64_t actors) {
    crowd.size += actors;
    for (int64_t i = 0; i < actors; ++i) {
        motet_ref_t *ref = nullptr;
        check(motet_system_spawn(crowd.stage.get(), props, nullptr, &ref));
        motet_ref_free(ref);
    }
    crowd.stage.await();
}

// The receiver of messages that wait: it stays in its first message until the gate opens.
struct Gate {
    Stage stage{{"actor.mailbox-capacity", "10000000"}};
    std::atomic<bool> open{false};
    int64_t left = 0;
};

int32_t pass_gate(motet_context_t *, const motet_message_t *message, void *state) {
    auto &gate = *static_cast<Gate *>(state);
    motet_type_t type = motet_message_type(message);
    if (type == gate.stage.credit) {
        gate.stage.raise();
        gate.open.wait(false);
        return MOTET_OK;
    }
    if (type != gate.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    if (--gate.left == 0) {
        gate.stage.raise();
    }
    return MOTET_OK;
}

}  // namespace

void print_idle_memory(const char *name) {
    constexpr int64_t kActors = 1'000'000;
    Crowd crowd;
    motet_props_t *props = motet_props_new(count_start, &crowd);
    grow(crowd, props, 1000);
    double before = memory_of(getpid()).resident;
    grow(crowd, props, kActors);
    print_figure(name, (memory_of(getpid()).resident - before) / kActors, "bytes/actor");
    motet_props_free(props);
    crowd.stage.close();
}

void print_message_memory(const char *name) {
    constexpr int64_t kMessages = 3'000'000;
    Gate gate;
    gate.left = kMessages;
    motet_ref_t *ref = gate.stage.spawn(pass_gate, &gate);
    motet_ref_t *sender = gate.stage.spawn(pass_gate, &gate);
    gate.stage.tell(ref, gate.stage.credit);
    gate.stage.await();
    double before = memory_of(getpid()).resident;
    for (int64_t i = 0; i < kMessages; ++i) {
        check(int64_t{motet_ref_tell(ref, sender, gate.stage.ball, kPayload, sizeof kPayload, nullptr, 0)});
    }
    print_figure(name, (memory_of(getpid()).resident - before) / kMessages, "bytes/message");
    gate.open.store(true);
    gate.open.notify_one();
    gate.stage.await();
    gate.stage.close();
    motet_ref_free(ref);
    motet_ref_free(sender);
}

}  // namespace motet::bench
