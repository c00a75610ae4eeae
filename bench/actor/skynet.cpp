// actor.skynet: a tree of actors, each with ten children, down to a million leaves; each leaf tells its parent its
// number, each parent tells its own the sum, and ends. Source: A. Temerev, "Skynet 1M concurrency microbenchmark",
// 2016.
#include <cstring>

#include "bench/actor/figures.h"
#include "bench/actor/stage.h"

namespace motet::bench {
namespace {

constexpr int64_t kLeaves = 1'000'000;
constexpr int64_t kFanOut = 10;

// What a parent tells a child: the leaves below it. What a child answers: their sum.
struct Task {
    int64_t first;
    int64_t leaves;
};
struct Sum {
    int64_t sum;
};

struct Tree {
    Stage stage;
    motet_props_t *props = nullptr;
    int64_t result = 0;
};

struct Node {
    int64_t sum = 0;
    int64_t waiting = 0;
};

Tree *tree = nullptr;

template <class Value> Value read(const motet_message_t *message) {
    Value value;
    std::memcpy(&value, motet_message_data(message), sizeof value);
    return value;
}

template <class Value>
int32_t tell(motet_context_t *context, const motet_ref_t *target, motet_type_t type, const Value &value) {
    return motet_context_tell(context, target, type, reinterpret_cast<const uint8_t *>(&value), sizeof value);
}

int32_t end_with(motet_context_t *context, int64_t sum) {
    motet_ref_stop(motet_context_self(context));
    return tell(context, motet_context_parent(context), tree->stage.credit, Sum{sum});
}

int32_t divide(motet_context_t *context, Node &node, const Task &task) {
    node.waiting = kFanOut;
    for (int64_t i = 0; i < kFanOut; ++i) {
        motet_ref_t *child = nullptr;
        int64_t leaves = task.leaves / kFanOut;
        check(motet_ref_spawn(motet_context_self(context), tree->props, nullptr, &child));
        int32_t code = tell(context, child, tree->stage.ball, Task{task.first + i * leaves, leaves});
        motet_ref_free(child);
        if (code != MOTET_OK) {
            return code;
        }
    }
    return MOTET_OK;
}

int32_t add_up(motet_context_t *context, const motet_message_t *message, void *state) {
    auto &node = *static_cast<Node *>(state);
    motet_type_t type = motet_message_type(message);
    if (type == tree->stage.ball) {
        auto task = read<Task>(message);
        return task.leaves == 1 ? end_with(context, task.first) : divide(context, node, task);
    }
    if (type != tree->stage.credit) {
        return MOTET_E_UNHANDLED;
    }
    node.sum += read<Sum>(message).sum;
    return --node.waiting > 0 ? MOTET_OK : end_with(context, node.sum);
}

// The parent of the first node.
int32_t keep_result(motet_context_t *context, const motet_message_t *message, void *) {
    motet_type_t type = motet_message_type(message);
    if (type == tree->stage.ball) {
        motet_ref_t *child = nullptr;
        check(motet_ref_spawn(motet_context_self(context), tree->props, nullptr, &child));
        int32_t code = tell(context, child, tree->stage.ball, Task{0, kLeaves});
        motet_ref_free(child);
        return code;
    }
    if (type != tree->stage.credit) {
        return MOTET_E_UNHANDLED;
    }
    tree->result = read<Sum>(message).sum;
    tree->stage.raise();
    return MOTET_OK;
}

double skynet_seconds() {
    Tree whole;
    tree = &whole;
    whole.props = motet_props_new(add_up, nullptr);
    motet_props_state(
        whole.props,
        [](motet_context_t *, void *, void **state) -> int32_t {
            *state = new Node;
            return MOTET_OK;
        },
        [](void *state) { delete static_cast<Node *>(state); }, nullptr, nullptr);
    motet_ref_t *root = whole.stage.spawn(keep_result, nullptr);
    auto start = std::chrono::steady_clock::now();
    whole.stage.tell(root, whole.stage.ball);
    whole.stage.await();
    double seconds = seconds_since(start);
    whole.stage.close();
    motet_props_free(whole.props);
    motet_ref_free(root);
    if (whole.result != kLeaves * (kLeaves - 1) / 2) {
        std::fprintf(stderr, "bench: the leaves add up to %lld\n", static_cast<long long>(whole.result));
        std::exit(1);
    }
    return seconds;
}

}  // namespace

void print_skynet(const char *name) { print_median(name, "s", skynet_seconds); }

}  // namespace motet::bench
