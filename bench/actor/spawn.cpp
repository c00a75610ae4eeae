// actor.spawn: how many actors a second a parent spawns, lets become idle, and stops.
#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

constexpr int64_t kBatch = 1000;

struct Parent {
    Stage &stage;
    motet_props_t *child;
    int64_t batches;  // still to come
    std::vector<motet_ref_t *> children;
    const motet_ref_t *self = nullptr;
    std::atomic<int64_t> changed{0};  // children that have started, then those that have stopped
};

// A child does nothing; the last one of a batch to start, and to stop, tells the parent.
int32_t begin_or_end(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &parent = *static_cast<Parent *>(state);
    motet_type_t type = motet_message_type(message);
    if (type != MOTET_TYPE_PRE_START && type != MOTET_TYPE_POST_STOP) {
        return MOTET_E_UNHANDLED;
    }
    if (parent.changed.fetch_add(1) + 1 < kBatch) {
        return MOTET_OK;
    }
    parent.changed.store(0);
    return motet_context_tell(context, parent.self, parent.stage.ball, kPayload, sizeof kPayload);
}

void spawn_batch(Parent &parent) {
    for (int64_t i = 0; i < kBatch; ++i) {
        motet_ref_t *child = nullptr;
        check(motet_ref_spawn(parent.self, parent.child, nullptr, &child));
        parent.children.push_back(child);
    }
}

void stop_batch(Parent &parent) {
    for (motet_ref_t *child : parent.children) {
        check(int64_t{motet_ref_stop(child)});
        motet_ref_free(child);
    }
    parent.children.clear();
}

int32_t spawn_and_stop(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &parent = *static_cast<Parent *>(state);
    if (motet_message_type(message) != parent.stage.ball) {
        return MOTET_E_UNHANDLED;
    }
    parent.self = motet_context_self(context);
    if (!parent.children.empty()) {
        stop_batch(parent);
    } else if (parent.batches-- > 0) {
        spawn_batch(parent);
    } else {
        parent.stage.raise();
    }
    return MOTET_OK;
}

double spawn_rate(int64_t actors) {
    Stage stage({{"actor.threads", "2"}});
    Parent parent{stage, nullptr, actors / kBatch, {}};
    parent.child = motet_props_new(begin_or_end, &parent);
    motet_ref_t *ref = stage.spawn(spawn_and_stop, &parent);
    auto start = std::chrono::steady_clock::now();
    stage.tell(ref, stage.ball);
    stage.await();
    double rate = static_cast<double>(actors) / seconds_since(start);
    stage.close();
    motet_props_free(parent.child);
    motet_ref_free(ref);
    return rate;
}

}  // namespace

void print_spawn(const char *name) {
    print_median(name, "actors/s", [] { return spawn_rate(300'000); });
}

}  // namespace motet::bench
