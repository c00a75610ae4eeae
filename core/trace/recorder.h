// SpanRecorder decides what is recorded, gives ids, and holds finished spans until somebody takes them.
// Knows: sampling, and its bound. Must never know: threads, files, formats.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/trace/span.h"

namespace motet {

// Every method may be called from any thread; none waits for another.
class SpanRecorder {
  public:
    // Off: no span is ever recorded, contexts are passed on all the same. ratio: the share of new traces that are
    // sampled. capacity: finished spans held at most.
    SpanRecorder(bool on, double ratio, size_t capacity, uint64_t seed);
    ~SpanRecorder();

    SpanRecorder(const SpanRecorder &) = delete;
    SpanRecorder &operator=(const SpanRecorder &) = delete;

    // Whether a span with this context, or below it, is recorded here: all that tracing costs when it is off.
    bool records(const TraceContext &context) const { return on_ && context.sampled(); }

    // The context of a new trace. Called where the user asks for a trace, never for a message that has none.
    TraceContext root();

    // The context of a span below parent: parent itself when nothing is recorded, so that no trace points to a span
    // that nobody wrote.
    TraceContext below(const TraceContext &parent);

    // Starts a span below parent, or the first span of a new trace when parent is none. To be given to finish().
    std::unique_ptr<Span> start(std::string_view name, SpanKind kind, const TraceContext &parent, Now now);

    // Ends a span and queues it, unless it is not to be recorded or the queue is full, which is counted.
    void finish(std::unique_ptr<Span> span, Now now, Code code = Code::OK, std::string_view message = {});

    // Takes what is queued, in the order in which it was finished.
    std::vector<std::unique_ptr<Span>> take();

    uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

    // Counts spans that were taken and lost.
    void count_dropped(uint64_t spans) { dropped_.fetch_add(spans, std::memory_order_relaxed); }

  private:
    Random random();

    const bool on_;
    const uint64_t threshold_;  // of the 56 random bits of a trace id; below it a trace is not sampled
    const size_t capacity_;
    const uint64_t seed_;
    std::atomic<uint64_t> draws_{0};
    std::atomic<size_t> queued_{0};
    std::atomic<Span *> head_{nullptr};  // a stack, the last finished on top
    std::atomic<uint64_t> dropped_{0};
};

}  // namespace motet
