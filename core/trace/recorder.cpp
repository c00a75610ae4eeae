#include "core/trace/recorder.h"

#include <algorithm>
#include <cmath>

namespace motet {
namespace {

constexpr uint64_t kRandomBits = uint64_t{1} << 56;

// Rejecting below a threshold is the consistent probability sampling of OpenTelemetry: nodes with different ratios
// agree on every trace that the strictest one keeps.
uint64_t rejection_threshold(double ratio) {
    return static_cast<uint64_t>(std::llround((1.0 - std::clamp(ratio, 0.0, 1.0)) * static_cast<double>(kRandomBits)));
}

}  // namespace

SpanRecorder::SpanRecorder(bool on, double ratio, size_t capacity, uint64_t seed)
    : on_(on), threshold_(rejection_threshold(ratio)), capacity_(capacity), seed_(seed) {}

SpanRecorder::~SpanRecorder() { take(); }

// A generator for one draw: threads that draw at the same time share nothing but a count.
Random SpanRecorder::random() { return Random::keyed(seed_, draws_.fetch_add(1, std::memory_order_relaxed)); }

TraceContext SpanRecorder::root() {
    Random generator = random();
    TraceContext context = TraceContext::root(generator, false);
    if (context.trace_low % kRandomBits >= threshold_) {
        context.flags |= TraceContext::kSampled;
    }
    return context;
}

TraceContext SpanRecorder::below(const TraceContext &parent) {
    if (!records(parent)) {
        return parent;
    }
    Random generator = random();
    return parent.child(generator);
}

std::unique_ptr<Span> SpanRecorder::start(std::string_view name, SpanKind kind, const TraceContext &parent, Now now) {
    return std::make_unique<Span>(name, kind, parent.none() ? root() : below(parent), parent.span, now);
}

void SpanRecorder::finish(std::unique_ptr<Span> span, Now now, Code code, std::string_view message) {
    if (!records(span->context)) {
        return;
    }
    if (queued_.fetch_add(1, std::memory_order_relaxed) >= capacity_) {
        queued_.fetch_sub(1, std::memory_order_relaxed);
        count_dropped(1);
        return;
    }
    span->end(now, code, message);
    Span *mine = span.release();
    mine->next = head_.load(std::memory_order_relaxed);
    while (!head_.compare_exchange_weak(mine->next, mine, std::memory_order_release, std::memory_order_relaxed)) {
    }
}

std::vector<std::unique_ptr<Span>> SpanRecorder::take() {
    std::vector<std::unique_ptr<Span>> spans;
    for (Span *span = head_.exchange(nullptr, std::memory_order_acquire); span != nullptr; span = span->next) {
        spans.emplace_back(span);
    }
    std::reverse(spans.begin(), spans.end());
    queued_.fetch_sub(spans.size(), std::memory_order_relaxed);
    return spans;
}

}  // namespace motet
