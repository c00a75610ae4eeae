#include "core/message/message.h"

#include <cstring>
#include <limits>
#include <new>

#include "core/base/block_pool.h"
#include "core/message/actor_ref.h"

namespace motet {

static void copy_payload(Message *message, Bytes payload) {
    if (!payload.empty()) {
        std::memcpy(static_cast<void *>(message + 1), payload.data(), payload.size());
    }
}

Message::Message(TypeId type, Bytes payload, bool embedded)
    : size_(static_cast<uint32_t>(payload.size())), type_(type), embedded_(embedded) {
    copy_payload(this, payload);
}

Message *Message::make(TypeId type, Bytes payload) {
    void *block = allocate_block(sizeof(Message) + payload.size());
    return block ? new (block) Message(type, payload, false) : nullptr;
}

void Message::release() {
    // The only holder need not tell anyone.
    if (references_.load(std::memory_order_acquire) != 1 && references_.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    std::size_t size = sizeof(Message) + size_;
    char *block = reinterpret_cast<char *>(this);
    if (embedded_) {
        block -= sizeof(Envelope);
        size += sizeof(Envelope);
    }
    free_block(block, size);
}

Envelope::Envelope(Message &message, const ActorRef *sender, const TraceContext &trace)
    : message_(&message), sender_(sender), trace_(trace) {
    if (sender) {
        sender->retain();
    }
}

Envelope *Envelope::make(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    void *block = allocate_block(sizeof(Envelope) + sizeof(Message) + payload.size());
    if (!block) {
        return nullptr;
    }
    auto *message = new (static_cast<char *>(block) + sizeof(Envelope)) Message(type, payload, true);
    return new (block) Envelope(*message, sender, trace);
}

Envelope *Envelope::share(Message &message, const ActorRef *sender, const TraceContext &trace) {
    void *block = allocate_block(sizeof(Envelope));
    if (!block) {
        return nullptr;
    }
    message.retain();
    return new (block) Envelope(message, sender, trace);
}

void Envelope::destroy() {
    if (sender_) {
        sender_->release();
        sender_ = nullptr;
    }
    Message *message = message_;
    if (!message->embedded_ || reinterpret_cast<char *>(message) != reinterpret_cast<char *>(this + 1)) {
        free_block(this, sizeof(Envelope));
    }
    message->release();
}

}  // namespace motet
