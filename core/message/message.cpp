#include "core/message/message.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "core/base/block_pool.h"
#include "core/base/ref_bank.h"
#include "core/message/actor_ref.h"

namespace motet {

static void copy_payload(Message *message, Bytes payload) {
    if (payload.data() != nullptr && !payload.empty()) {
        std::memcpy(static_cast<void *>(message + 1), payload.data(), payload.size());
    }
}

// Where the message of a letter stands; and where one in a block of its own does, so that its payload is aligned too.
static constexpr std::size_t kInLetter = sizeof(Letter) - sizeof(Message);
static constexpr std::size_t kInBlock = 4;
static_assert((kInLetter + sizeof(Message)) % 8 == 0 && (kInBlock + sizeof(Message)) % 8 == 0);

Message::Message(TypeId type, Bytes payload, bool in_letter)
    : size_(static_cast<uint32_t>(payload.size()) & INT32_MAX), in_letter_(in_letter), type_(type) {
    copy_payload(this, payload);
}

Message *Message::make(TypeId type, Bytes payload) {
    void *block = allocate_block(kInBlock + sizeof(Message) + payload.size());
    return block ? new (static_cast<char *>(block) + kInBlock) Message(type, payload, false) : nullptr;
}

void Message::release() {
    // The only holder need not tell anyone.
    if (references_.load(std::memory_order_acquire) != 1 && references_.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    std::size_t before = in_letter_ ? kInLetter : kInBlock;
    free_block(reinterpret_cast<char *>(this) - before, before + sizeof(Message) + size_);
}

Envelope::Envelope(Message &message, const ActorRef *sender, const TraceContext &trace)
    : message_(&message), sender_(sender), trace_(trace) {
    if (sender) {
        RefBank::retain(*sender);
    }
}

Envelope *Envelope::make(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    void *block = allocate_block(sizeof(Letter) + payload.size());
    return block ? new (block) Letter(type, payload, sender, trace) : nullptr;
}

Envelope *Envelope::make_unfilled(TypeId type, size_t size, const ActorRef *sender, const TraceContext &trace) {
    return make(type, Bytes(static_cast<const uint8_t *>(nullptr), size), sender, trace);
}

Envelope *Envelope::certain(TypeId type, Bytes payload, const ActorRef *sender, const TraceContext &trace) {
    Envelope *envelope = make(type, payload, sender, trace);
    return envelope ? envelope : throw std::bad_alloc();
}

Envelope *Envelope::share(Message &message, const ActorRef *sender, const TraceContext &trace) {
    void *block = allocate_block(sizeof(Envelope));
    if (!block) {
        return nullptr;
    }
    message.retain();
    return new (block) Envelope(message, sender, trace);
}

Envelope *Envelope::copy() const {
    Envelope *same = share(*message_, sender_, trace_);
    if (same && hops_) {
        RefBank::retain(*hops_);
        same->hops_ = hops_;
    }
    if (same) {
        same->passed_ = passed_;
    }
    return same;
}

void Envelope::pass(const Ptr<const Hop> &by) {
    if (passed_ == 0) {
        RefBank::retain(*by);
        hops_ = by.get();
    } else if (passed_ < Hops::kKept) {
        try {
            Ptr<const Hop> longer = make_counted<Hop>(by->who(), Ptr<const Hop>(hops_));
            RefBank::release(*std::exchange(hops_, longer.detach()));
        } catch (const std::bad_alloc &) {  // then it is only counted
        }
    }
    passed_ += passed_ < UINT16_MAX ? 1 : 0;
}

void Envelope::set_hops(const Hops &hops) {
    for (const std::string &who : hops.first) {
        pass(make_counted<Hop>(who));
    }
    passed_ = std::max(passed_, hops.all);
}

Hops Envelope::hops() const {
    Hops hops{{}, passed_};
    for (const Hop *hop = hops_; hop; hop = hop->before()) {
        hops.first.insert(hops.first.begin(), hop->who());
    }
    return hops;
}

void Envelope::destroy() {
    if (sender_) {
        RefBank::release(*sender_);
    }
    if (hops_) [[unlikely]] {
        RefBank::release(*hops_);
    }
    Message *message = message_;
    if (reinterpret_cast<char *>(message) != reinterpret_cast<char *>(this) + kInLetter) {
        free_block(this, sizeof(Envelope));
    }
    message->release();
}

}  // namespace motet
