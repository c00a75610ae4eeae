#include "core/trace/recorder.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace motet {
namespace {

constexpr Now kStart{1000, 5'000'000};
constexpr Now kEnd{1700, 1};  // the wall clock was set back meanwhile

TEST(SpanRecorder, RecordsWhatIsSampled) {
    SpanRecorder recorder(true, 1.0, 10, 7);
    auto span = recorder.start("send", SpanKind::producer, TraceContext{}, kStart);
    TraceContext root = span->context;
    EXPECT_TRUE(root.sampled());
    auto below = recorder.start("process", SpanKind::consumer, root, kStart);
    recorder.finish(std::move(below), kEnd, Code::FAILED, "it broke");
    recorder.finish(std::move(span), kEnd);
    auto spans = recorder.take();
    ASSERT_EQ(spans.size(), 2u);
    EXPECT_EQ(spans[0]->name, "process");
    EXPECT_EQ(spans[0]->parent, root.span);
    EXPECT_EQ(spans[0]->context.trace_low, root.trace_low);
    EXPECT_NE(spans[0]->context.span, root.span);
    EXPECT_EQ(spans[0]->code, Code::FAILED);
    EXPECT_EQ(spans[0]->message, "it broke");
    EXPECT_EQ(spans[0]->duration, 700);
    EXPECT_EQ(spans[1]->parent, 0u);
    EXPECT_TRUE(recorder.take().empty());
}

TEST(SpanRecorder, OffPassesContextsOnAndRecordsNothing) {
    SpanRecorder recorder(false, 1.0, 10, 7);
    auto span = recorder.start("send", SpanKind::producer, TraceContext{}, kStart);
    EXPECT_FALSE(span->context.none());
    EXPECT_FALSE(recorder.records(span->context));
    EXPECT_EQ(recorder.below(span->context), span->context);
    EXPECT_TRUE(recorder.below(TraceContext{}).none());
    recorder.finish(std::move(span), kEnd);
    EXPECT_TRUE(recorder.take().empty());
}

TEST(SpanRecorder, ChildrenFollowTheFirst) {
    SpanRecorder never(true, 0.0, 10, 7), always(true, 1.0, 10, 7);
    TraceContext unsampled = never.root();
    EXPECT_FALSE(unsampled.sampled());
    EXPECT_FALSE(always.below(unsampled).sampled());
    EXPECT_TRUE(never.below(always.root()).sampled());
}

TEST(SpanRecorder, SamplesTheShareAskedFor) {
    SpanRecorder recorder(true, 0.25, 10, 7), wider(true, 0.75, 10, 7);
    int sampled = 0;
    for (int i = 0; i < 10000; ++i) {
        bool narrow = recorder.root().sampled(), wide = wider.root().sampled();
        sampled += narrow;
        EXPECT_TRUE(wide || !narrow) << "the same trace must not be kept by the stricter ratio alone";
    }
    EXPECT_NEAR(sampled, 2500, 150);
}

TEST(SpanRecorder, DropsAndCountsWhenFull) {
    SpanRecorder recorder(true, 1.0, 2, 7);
    for (int i = 0; i < 5; ++i) {
        recorder.finish(recorder.start("s", SpanKind::internal, TraceContext{}, kStart), kEnd);
    }
    EXPECT_EQ(recorder.dropped(), 3u);
    EXPECT_EQ(recorder.take().size(), 2u);
    recorder.finish(recorder.start("s", SpanKind::internal, TraceContext{}, kStart), kEnd);
    EXPECT_EQ(recorder.take().size(), 1u);
    EXPECT_EQ(recorder.dropped(), 3u);
}

TEST(SpanRecorder, ManyThreadsLoseAndDoubleNothing) {
    constexpr int kThreads = 4, kSpans = 2000;
    SpanRecorder recorder(true, 1.0, kThreads * kSpans, 7);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kSpans; ++i) {
                recorder.finish(recorder.start("s", SpanKind::internal, TraceContext{}, kStart), kEnd);
            }
        });
    }
    std::set<uint64_t> seen;
    auto take = [&] {
        for (const auto &span : recorder.take()) {
            seen.insert(span->context.span);
        }
    };
    for (int i = 0; i < 100; ++i) {
        take();
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    take();
    EXPECT_EQ(seen.size(), static_cast<size_t>(kThreads * kSpans));
    EXPECT_EQ(recorder.dropped(), 0u);
}

TEST(Span, IsBounded) {
    Span span(std::string(5000, 'n'), SpanKind::internal, TraceContext{}, 0, kStart);
    for (size_t i = 0; i < Span::kMaxAttributes + 10; ++i) {
        span.set("key", std::string(5000, 'v'));
    }
    span.end(kEnd, Code::FAILED, std::string(5000, 'm'));
    EXPECT_EQ(span.name.size(), Span::kMaxText);
    EXPECT_EQ(span.message.size(), Span::kMaxText);
    EXPECT_EQ(span.attributes.size(), Span::kMaxAttributes);
    EXPECT_EQ(std::get<std::string>(span.attributes[0].second).size(), Span::kMaxText);
}

}  // namespace
}  // namespace motet
