// Message is the unit: an immutable, counted payload with a type. Envelope is one sending of it: whom it is from and
// which trace it belongs to, linked into exactly one queue.
// Knows: bytes, the number of a type. Must never know: who runs the receiver, or how it is reached.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "core/base/ref_counted.h"
#include "core/message/hop.h"
#include "core/trace/context.h"

namespace motet {

class ActorRef;

// The number that a system has given to the name of a message type; see TypeTable.
using TypeId = int32_t;

using Bytes = std::span<const uint8_t>;

constexpr size_t kMaxPayloadSize = size_t{1} << 30;

// A payload with its type. It stands either in a block of its own or in that of the envelope it was first sent in (see
// Letter): one allocation for the ordinary tell. The payload follows it, at a multiple of 8.
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
    friend class Letter;
    Message(TypeId type, Bytes payload, bool in_letter);

    uint32_t size_ : 31;  // first: who reads the trace of a letter reads this too, and nothing that changes
    uint32_t in_letter_ : 1;
    std::atomic<uint32_t> references_{1};
    TypeId type_;
};

// What stands in the queue of a mailbox.
struct QueueNode {
    std::atomic<QueueNode *> next{nullptr};  // the one that came after it; belongs to the queue the node is in
};

// One sending of a message.
class Envelope : public QueueNode {
  public:
    // An envelope with a message of its own, in one block; nullptr when memory is exhausted. Holds sender.
    static Envelope *make(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace);

    // As make(), with a payload of so many bytes that is filled afterwards, through unfilled().
    static Envelope *make_unfilled(TypeId type, size_t size, const ActorRef *sender, const TraceContext &trace);

    // As make(), but throws std::bad_alloc.
    static Envelope *certain(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace);

    // An envelope around a message that others may hold too. Holds both.
    static Envelope *share(Message &message, const ActorRef *sender, const TraceContext &trace);

    // Another sending of the same message, with the same sender, trace and hops; nullptr when memory is exhausted.
    Envelope *copy() const;

    // Ends this sending; what else holds the message keeps it.
    void destroy();

    Message &message() const { return *message_; }
    TypeId type() const { return message_->type(); }
    Bytes payload() const { return message_->payload(); }
    // Where a payload is filled that nobody has seen yet.
    uint8_t *unfilled() { return const_cast<uint8_t *>(payload().data()); }
    const ActorRef *sender() const { return sender_; }
    const TraceContext &trace() const { return trace_; }
    void set_trace(const TraceContext &trace) {  // not what stands in its padding
        trace_.trace_high = trace.trace_high;
        trace_.trace_low = trace.trace_low;
        trace_.span = trace.span;
        trace_.flags = trace.flags;
    }

    // Notes who passes it on.
    void pass(const Ptr<const Hop> &by);
    void set_hops(const Hops &hops);
    bool passed_on() const { return passed_ != 0; }
    Hops hops() const;

  protected:
    Envelope(Message &message, const ActorRef *sender, const TraceContext &trace);
    ~Envelope() = default;

  private:
    Message *message_;
    const ActorRef *sender_;
    const Hop *hops_ = nullptr;  // the last of those that are kept
    [[no_unique_address]] TraceContext trace_;

  public:
    bool counted = false;  // against the bound of the mailbox it is in; belongs to that

  private:
    uint16_t passed_ = 0;  // how often it was passed on
};

// An envelope with its message, which begins in the padding at the end of the envelope.
class Letter final : public Envelope {
  private:
    friend class Envelope;
    friend class Message;
    Letter(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace)
        : Envelope(message_, sender, trace), message_(type, payload, true) {}

    Message message_;
};

static_assert(sizeof(Envelope) <= 64, "a line of the cache");
static_assert(sizeof(Letter) + 16 <= 88, "a queued message of 16 bytes fits in 88");

// A queue of envelopes in order of arrival, for one thread, in the space of a pointer: the last one, whose next is the
// first.
class EnvelopeList {
  public:
    bool empty() const { return last_ == nullptr; }
    Envelope *front() const { return last_ ? after(last_) : nullptr; }

    void push_back(Envelope *envelope) {
        push_front(envelope);
        last_ = envelope;
    }

    void push_front(Envelope *envelope) {
        if (last_) {
            link(envelope, after(last_));
            link(last_, envelope);
        } else {
            link(envelope, envelope);
            last_ = envelope;
        }
    }

    Envelope *pop_front() {
        if (!last_) [[likely]] {
            return nullptr;
        }
        Envelope *first = after(last_);
        if (first == last_) {
            last_ = nullptr;
        } else {
            link(last_, after(first));
        }
        return first;
    }

    EnvelopeList() = default;
    EnvelopeList(const EnvelopeList &) = delete;
    EnvelopeList &operator=(const EnvelopeList &) = delete;

  private:
    static Envelope *after(const Envelope *envelope) {
        return static_cast<Envelope *>(envelope->next.load(std::memory_order_relaxed));
    }
    static void link(Envelope *envelope, Envelope *next) { envelope->next.store(next, std::memory_order_relaxed); }

    Envelope *last_ = nullptr;
};

}  // namespace motet
