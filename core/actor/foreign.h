// ForeignDispatcher hands the messages of its actors, in batches, to threads that are not the engine's.
// Knows: claims, and the layout of a delivery. Must never know: the language on the other side.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/dispatch/foreign_queue.h"
#include "core/message/actor_ref.h"
#include "core/trace/span.h"

namespace motet {

class Cell;
class System;

enum class DeliveryKind : int32_t { message = 1, reply = 2, failure = 3, task = 4 };

// One delivery, as motet_delivery_t lays it out.
struct Delivery {
    DeliveryKind kind;
    TypeId type;
    uint64_t actor;
    uint64_t correlation;
    const ActorRef *sender;
    const ActorRef *self;
    uint64_t data_offset;
    uint64_t data_size;
    int32_t index;
    int32_t reserved;
    uint8_t trace[TraceContext::kSize];
    uint8_t padding[6];
};
static_assert(sizeof(Delivery) == 96, "the layout of motet_delivery_t is frozen");

class ForeignDispatcher;

// A batch of deliveries with their payloads, and what must stay alive as long as they do.
class Batch {
  public:
    const std::vector<Delivery> &records() const { return records_; }
    const std::vector<uint8_t> &arena() const { return arena_; }

    // Completes what was not completed yet. Returns how many actors.
    int64_t complete();

  private:
    friend class ForeignDispatcher;
    void clear();
    void add(DeliveryKind kind, TypeId type, Bytes payload);

    std::vector<Delivery> records_;
    std::vector<uint8_t> arena_;
    std::vector<Ref> refs_;
    std::vector<uint64_t> actors_;
    Ptr<ForeignDispatcher> dispatcher_;
};

class ForeignDispatcher final : public RefCounted, public Dispatcher {
  public:
    explicit ForeignDispatcher(System &system);
    ~ForeignDispatcher() override;

    // Dispatcher
    void schedule(Runnable *runnable) override;
    bool shut_down(Nanos timeout) override;

    // Ends polling; its actors stop without their handlers being run again. Idempotent.
    void close();

    // A number for an actor that is made by the name of its type or by a router: the language has not given it one.
    uint64_t next_number() { return kMadeHere | made_here_.fetch_add(1, std::memory_order_relaxed); }

    // Actors of this dispatcher, and routers that are made of its props, begin and end. INVALID for a number that is
    // in use, CLOSED. The language is told of the end of a router as of that of an actor.
    Status add(Cell &cell);
    void remove(const Cell &cell);

    // See motet/dispatcher.h.
    int64_t poll(Batch &batch, int64_t max, Nanos timeout);
    Code complete(uint64_t actor, int64_t handled, Code code, std::string text);
    Code unhandled(uint64_t actor, int32_t index);
    Code ask(ActorRef &target, uint64_t correlation, TypeId type, Bytes payload, Nanos timeout,
             const TraceContext &trace);
    bool offer_task(uint64_t number);  // false: closed
    void wake() { queue_.wake(); }
    Result<int> descriptor() { return queue_.descriptor(); }
    System &system() const { return *system_; }

  private:
    // What is delivered to nobody's mailbox: the end of an ask, a task, or the end of a router.
    struct Reply {
        DeliveryKind kind;
        uint64_t number;  // of the ask, the task or the router
        Status status;
        Envelope *envelope;
        Ptr<Cell> router;
    };

    struct Claim {
        Ptr<Cell> cell;
        std::unique_ptr<Span> span;  // of its last message, when that is recorded
    };

    // Stands in the queue when replies wait.
    struct Replies final : Runnable {
        bool run(int) override { return false; }
    };

    void add_claim(Batch &batch, Cell &cell, size_t most);
    void add_replies(Batch &batch);
    bool add_reply(Reply reply);

    static constexpr uint64_t kMadeHere = uint64_t{1} << 63;

    Ptr<System> system_;
    std::atomic<uint64_t> made_here_{0};
    ForeignQueue queue_;
    Replies replies_ready_;
    std::mutex mutex_;
    std::unordered_map<uint64_t, Claim> claims_;     // under mutex_
    std::unordered_map<uint64_t, Ptr<Cell>> cells_;  // under mutex_
    std::vector<Reply> replies_;                     // under mutex_
    bool closed_ = false;                            // under mutex_
};

}  // namespace motet
