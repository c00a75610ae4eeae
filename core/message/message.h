// Message is the unit: an immutable, counted payload with a type. Envelope is one sending of it: whom it is from and
// which trace it belongs to, linked into exactly one queue.
// Knows: bytes, the number of a type. Must never know: who runs the receiver, or how it is reached.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "core/base/ref_counted.h"
#include "core/trace/context.h"

namespace motet {

class ActorRef;

// The number that a system has given to the name of a message type; see TypeTable.
using TypeId = int32_t;

using Bytes = std::span<const uint8_t>;

constexpr size_t kMaxPayloadSize = size_t{1} << 30;

// A payload with its type. It stands either in a block of its own or right behind the envelope it was first sent in:
// one allocation for the ordinary tell.
class Message {
  public:
    // A message in a block of its own, with one reference; nullptr when memory is exhausted.
    static Message *make(TypeId type, Bytes payload);

    TypeId type() const { return type_; }
    Bytes payload() const { return {reinterpret_cast<const uint8_t *>(this + 1), size_}; }
    uint32_t size() const { return size_; }

    void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
    void release();

  private:
    friend class Envelope;
    Message(TypeId type, Bytes payload, bool embedded);

    std::atomic<uint32_t> references_{1};
    uint32_t size_;
    TypeId type_;
    bool embedded_;  // the block starts at the envelope before it
};

// One sending of a message.
class Envelope {
  public:
    // An envelope with a message of its own, in one block; nullptr when memory is exhausted. Holds sender.
    static Envelope *make(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace);

    // An envelope around a message that others may hold too. Holds both.
    static Envelope *share(Message &message, const ActorRef *sender, const TraceContext &trace);

    // Ends this sending; what else holds the message keeps it.
    void destroy();

    Message &message() const { return *message_; }
    TypeId type() const { return message_->type(); }
    Bytes payload() const { return message_->payload(); }
    const ActorRef *sender() const { return sender_; }
    const TraceContext &trace() const { return trace_; }
    void set_trace(const TraceContext &trace) { trace_ = trace; }

    Envelope *next = nullptr;  // belongs to the queue the envelope is in

  private:
    Envelope(Message &message, const ActorRef *sender, const TraceContext &trace);
    ~Envelope() = default;

    Message *message_;
    const ActorRef *sender_;
    TraceContext trace_;
};

static_assert(sizeof(Envelope) + sizeof(Message) + 16 <= 96, "a queued message of 16 bytes fits in 96");

// A queue of envelopes in order of arrival, for one thread.
class EnvelopeList {
  public:
    bool empty() const { return head_ == nullptr; }
    Envelope *front() const { return head_; }

    void push_back(Envelope *envelope) {
        envelope->next = nullptr;
        *tail_ = envelope;
        tail_ = &envelope->next;
    }

    void push_front(Envelope *envelope) {
        envelope->next = head_;
        if (!head_) {
            tail_ = &envelope->next;
        }
        head_ = envelope;
    }

    Envelope *pop_front() {
        Envelope *first = head_;
        if (first) {
            head_ = first->next;
            if (!head_) {
                tail_ = &head_;
            }
        }
        return first;
    }

    EnvelopeList() = default;
    EnvelopeList(const EnvelopeList &) = delete;
    EnvelopeList &operator=(const EnvelopeList &) = delete;

  private:
    Envelope *head_ = nullptr;
    Envelope **tail_ = &head_;
};

}  // namespace motet
