#include "bench/remote/load.h"

#include <algorithm>

namespace motet::bench {

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
        Sender &sender = senders_.emplace_back(Sender{*this, receiver, share, load.under_way});
        motet_ref_t *ref = node.spawn(spend_credit, &sender);
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
    if (run.stopped_.load(std::memory_order_relaxed)) {
        sender.to_send = 0;
    }
    if (sender.to_send == 0) {
        if (--sender.credits == 0) {
            run.busy_.fetch_sub(1, std::memory_order_release);
            run.busy_.notify_one();
        }
        return MOTET_OK;
    }
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
