#include "bench/remote/load.h"

#include <algorithm>

#include "bench/figure.h"

namespace motet::bench {
namespace {

motet_type_t type(motet_system_t *system, const char *name) {
    motet_type_t number = motet_system_type(system, name);
    check(int64_t{number});
    return number;
}

}  // namespace

Node::Node() {
    motet_config_t *config = motet_config_new();
    check(motet_config_set(config, "system.name", "bench"));
    check(motet_config_set(config, "cluster.enabled", "off"));
    check(motet_config_set(config, "log.level", "warning"));
    check(motet_system_start(config, &system));
    motet_config_free(config);
    data = type(system, "bench.Data");
    last = type(system, "bench.Last");
    credit = type(system, "bench.Credit");
    question = type(system, "bench.Question");
}

Node::~Node() { motet_system_free(system); }

void Node::close() { check(motet_system_close(system, 10'000)); }

motet_ref_t *Node::spawn(motet_receive_fn receive, const char *name, void *state) {
    motet_props_t *props = motet_props_new(receive, state);
    motet_ref_t *ref = nullptr;
    check(motet_system_spawn(system, props, name, &ref));
    motet_props_free(props);
    return ref;
}

std::string Node::path(const motet_ref_t *ref) const {
    char path[512];
    check(motet_ref_path(ref, path, sizeof path));
    return path;
}

int32_t receive(motet_context_t *context, const motet_message_t *message, void *node) {
    const Node &here = *static_cast<Node *>(node);
    const motet_type_t type = motet_message_type(message);
    if (type == here.data) {
        return MOTET_OK;
    }
    if (type == here.last) {
        return motet_context_reply(context, here.credit, nullptr, 0);
    }
    if (type == here.question) {
        return motet_context_reply(context, here.data, motet_message_data(message), motet_message_size(message));
    }
    return MOTET_E_UNHANDLED;
}

Run::Run(Node &node, const std::vector<motet_ref_t *> &receivers, const Load &load)
    : node_(node), load_(load), payload_(load.size), busy_(receivers.size()) {
    for (const motet_ref_t *receiver : receivers) {
        const int64_t share = load.messages / static_cast<int64_t>(receivers.size());
        Sender &sender = senders_.emplace_back(Sender{*this, receiver, share});
        motet_ref_t *ref = node.spawn(spend_credit, nullptr, &sender);
        for (int64_t i = 0; i < load.under_way; ++i) {
            check(motet_ref_tell(ref, nullptr, node.credit, nullptr, 0, load.trace,
                                 load.trace == nullptr ? 0 : MOTET_TRACE_SIZE));
        }
        motet_ref_free(ref);
    }
}

int32_t Run::spend_credit(motet_context_t *context, const motet_message_t *message, void *state) {
    Sender &sender = *static_cast<Sender *>(state);
    Run &run = sender.run;
    if (motet_message_type(message) != run.node_.credit) {
        return MOTET_E_UNHANDLED;
    }
    if (motet_message_sender(message) != nullptr) {  // earned by a batch
        --sender.under_way;
    }
    if (run.stopped_.load(std::memory_order_relaxed)) {
        sender.to_send = 0;
    }
    if (sender.to_send == 0) {
        if (sender.under_way == 0 && !sender.over) {
            sender.over = true;
            run.busy_.fetch_sub(1, std::memory_order_release);
            run.busy_.notify_one();
        }
        return MOTET_OK;
    }
    ++sender.under_way;
    for (int64_t left = std::min(run.load_.batch, sender.to_send); left > 0; --left, --sender.to_send) {
        check(int64_t{motet_context_tell(context, sender.receiver, left == 1 ? run.node_.last : run.node_.data,
                                         run.payload_.data(), run.payload_.size())});
    }
    return MOTET_OK;
}

void Run::wait() {
    for (size_t busy = busy_.load(std::memory_order_acquire); busy != 0; busy = busy_.load(std::memory_order_acquire)) {
        busy_.wait(busy, std::memory_order_acquire);
    }
}

}  // namespace motet::bench
