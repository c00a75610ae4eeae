// Mailbox is the queue of an actor, and says who must schedule the actor.
//
// Many threads push; one at a time, the runner, takes. The newest node stays in the queue while it is handled: taking
// it and becoming idle is then one atomic step, so that a message to an idle actor costs two of them in all.
//
// What last_ says:
//   kIdle     nothing is queued and nobody runs the actor; whoever pushes must schedule it
//   kRunning  nothing is queued, but the actor is scheduled or runs
//   kClosed   the actor has stopped for good
//   a node    the newest; the actor is scheduled or runs
//
// Knows: nodes, a bound. Must never know: what stands in a node, who runs the actor.
// Source of the idea: D. Vyukov, "Intrusive MPSC node-based queue", 2010.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/message/message.h"

namespace motet {

class Mailbox {
  public:
    enum class Pushed : uint8_t { queued, woken, full, closed };

    // bound: how many messages may wait behind the one that makes the actor ready; kNoBound: any number.
    explicit Mailbox(uint32_t bound) : room_(bound), bound_(bound) {}

    static constexpr uint32_t kNoBound = INT32_MAX;

    // From any thread. woken: the caller must schedule the actor. full, closed: the node is still the caller's. What is
    // never refused for want of room does not count.
    template <bool kCounts = true, typename Node> Pushed push(Node &node) {
        static_assert(kCounted<Node> || !kCounts);
        QueueNode *last = last_.load(std::memory_order_relaxed);
        bool counted = false;
        do {
            if (last == kClosed) [[unlikely]] {
                uncount(counted);
                return Pushed::closed;
            }
            if (kCounts && !counted && !is_mark(last)) {
                counted = true;
                uint32_t before = accepted_.fetch_add(1, std::memory_order_relaxed);
                if (!has_room(before, room_.load(std::memory_order_relaxed)) && !make_room(before)) [[unlikely]] {
                    uncount(counted);
                    return Pushed::full;
                }
            }
            if constexpr (kCounted<Node>) {
                node.counted = counted;
            }
            node.next.store(nullptr, std::memory_order_relaxed);
        } while (!last_.compare_exchange_weak(last, &node, std::memory_order_acq_rel, std::memory_order_relaxed));
        (is_mark(last) ? first_ : last->next).store(&node, std::memory_order_release);
        return last == kIdle ? Pushed::woken : Pushed::queued;
    }

    // About how many messages wait; from any thread.
    uint32_t waiting() const {
        auto waiting =
            static_cast<int32_t>(accepted_.load(std::memory_order_relaxed) - taken_.load(std::memory_order_relaxed));
        return waiting > 0 ? static_cast<uint32_t>(waiting) : 0;
    }

    bool closed() const { return last_.load(std::memory_order_acquire) == kClosed; }
    bool is_idle() const { return last_.load(std::memory_order_relaxed) == kIdle; }

    // All that follows is for the runner.

    // The oldest node; nullptr: none. It stays in the queue until it is removed.
    QueueNode *front() const { return first_.load(std::memory_order_acquire); }

    // Removes the front.
    void remove(QueueNode &front) { (void)remove(front, kRunning); }

    // Removes the front and becomes idle if nothing is behind it. True: it has, and the actor is no longer the
    // caller's.
    bool remove_and_idle(QueueNode &front) { return remove(front, kIdle); }

    // Becomes idle, unless something is queued. REQUIRES: there was no front.
    bool idle() {
        QueueNode *running = kRunning;
        if (last_.compare_exchange_strong(running, kIdle, std::memory_order_acq_rel, std::memory_order_relaxed)) {
            return true;
        }
        await(first_);
        return false;
    }

    // Makes the caller the runner of an actor that is idle, when it is sure that nobody else schedules it.
    void seize() {
        QueueNode *idle = kIdle;
        (void)last_.compare_exchange_strong(idle, kRunning, std::memory_order_acq_rel, std::memory_order_relaxed);
    }

    // Takes no more, unless something is queued.
    bool close() {
        QueueNode *running = kRunning;
        return last_.compare_exchange_strong(running, kClosed, std::memory_order_acq_rel, std::memory_order_relaxed);
    }

    // Counts a message that was pushed as handled, or as waiting again.
    template <typename Node> void count_taken(const Node &node) { count(node, 1); }
    template <typename Node> void count_returned(const Node &node) { count(node, UINT32_MAX); }

  private:
    static inline QueueNode *const kIdle = reinterpret_cast<QueueNode *>(1);
    static inline QueueNode *const kRunning = reinterpret_cast<QueueNode *>(2);
    static inline QueueNode *const kClosed = reinterpret_cast<QueueNode *>(3);

    static bool is_mark(const QueueNode *last) { return reinterpret_cast<uintptr_t>(last) <= 3; }

    void uncount(bool counted) {
        if (counted) {
            accepted_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    // Numbers go round; messages that came later may have been taken already.
    static bool has_room(uint32_t accepted, uint32_t room) { return static_cast<int32_t>(accepted - room) < 0; }

    // Looks how far the runner has come, which senders otherwise do not: it would cost both a line of the cache.
    bool make_room(uint32_t accepted) {
        uint32_t room = taken_.load(std::memory_order_relaxed) + bound_;
        room_.store(room, std::memory_order_relaxed);
        return has_room(accepted, room);
    }

    // Whether nodes of this kind remember that they count.
    template <typename Node> static constexpr bool kCounted = requires(Node node) { node.counted; };

    template <typename Node> void count(const Node &node, uint32_t taken) {
        if (node.counted) {
            taken_.store(taken_.load(std::memory_order_relaxed) + taken, std::memory_order_relaxed);
        }
    }

    bool remove(QueueNode &front, QueueNode *mark) {
        QueueNode *after = front.next.load(std::memory_order_acquire);
        if (!after) {
            first_.store(nullptr, std::memory_order_relaxed);
            QueueNode *last = &front;
            if (last_.compare_exchange_strong(last, mark, std::memory_order_acq_rel, std::memory_order_relaxed)) {
                return mark == kIdle;
            }
            after = await(front.next);
        }
        first_.store(after, std::memory_order_relaxed);
        return false;
    }

    // Another thread is between the two steps of a push.
    static QueueNode *await(const std::atomic<QueueNode *> &link);

    // What senders write.
    std::atomic<QueueNode *> last_{kRunning};  // a new actor is scheduled by who makes it
    std::atomic<uint32_t> accepted_{0};        // counted messages that ever came
    std::atomic<uint32_t> room_;               // up to this number they need not look at taken_

    // What the runner writes.
    std::atomic<QueueNode *> first_{nullptr};  // or who pushes when nothing is queued
    std::atomic<uint32_t> taken_{0};           // of those accepted, the ones handled
    const uint32_t bound_;
};

}  // namespace motet
