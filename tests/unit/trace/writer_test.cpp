#include "core/trace/writer.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/trace/otlp.h"

namespace motet {
namespace {

using nlohmann::json;

TEST(OtlpJson, HasTheFieldsOfTheProtocol) {
    auto context = TraceContext::from_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").value();
    std::vector<std::unique_ptr<Span>> spans;
    spans.push_back(
        std::make_unique<Span>("process job", SpanKind::consumer, context, 0xabc, Now{5, 1'700'000'000'000'000'001}));
    spans[0]->set("actor.path", std::string("/user/a"));
    spans[0]->set("actor.mailbox.wait_ns", int64_t{1} << 60);
    spans[0]->end({15, 0}, Code::FAILED, "it broke");
    json line = json::parse(otlp_json(spans, {{"service.name", std::string("motet")}, {"process.pid", int64_t{42}}}));
    json resource = line["resourceSpans"][0]["resource"]["attributes"];
    EXPECT_EQ(resource[0], json::parse(R"({"key":"service.name","value":{"stringValue":"motet"}})"));
    EXPECT_EQ(resource[1], json::parse(R"({"key":"process.pid","value":{"intValue":"42"}})"));
    EXPECT_EQ(line["resourceSpans"][0]["scopeSpans"][0]["spans"][0], json::parse(R"({
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "parentSpanId": "0000000000000abc",
        "flags": 1, "name": "process job", "kind": 5,
        "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000011",
        "attributes": [{"key": "actor.path", "value": {"stringValue": "/user/a"}},
                       {"key": "actor.mailbox.wait_ns", "value": {"intValue": "1152921504606846976"}}],
        "status": {"code": 2, "message": "FAILED: it broke"}})"));
}

TEST(OtlpJson, AnyBytesGiveValidJson) {
    std::string name = "a\"b\\c\n\x01 \xc3\xa9 \xf0\x9f\x8e\xb5";
    for (const char *bad :
         {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f"}) {
        std::vector<std::unique_ptr<Span>> spans;
        spans.push_back(std::make_unique<Span>(name + bad, SpanKind::internal, TraceContext{}, 0, Now{}));
        json line = json::parse(otlp_json(spans, {}));
        std::string read = line["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"];
        EXPECT_TRUE(read.starts_with(name + "\xef\xbf\xbd")) << read;
    }
}

class SpanWriterTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "motet-trace-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    SpanWriter::Options options(Nanos flush_interval) {
        return {directory_ + "/trace.jsonl", flush_interval, {{"service.name", std::string("motet")}}};
    }

    void record(SpanRecorder &recorder, int spans) {
        for (int i = 0; i < spans; ++i) {
            recorder.finish(recorder.start("s", SpanKind::internal, TraceContext{}, Now{}), Now{});
        }
    }

    size_t spans_in_file() {
        std::ifstream file(directory_ + "/trace.jsonl");
        size_t spans = 0;
        for (std::string line; std::getline(file, line);) {
            spans += json::parse(line)["resourceSpans"][0]["scopeSpans"][0]["spans"].size();
        }
        return spans;
    }

    std::string directory_;
    Logger logger_{"test", LogLevel::off};
    SpanRecorder recorder_{true, 1.0, 10000, 7};
};

TEST_F(SpanWriterTest, ClosingWritesWhatIsLeft) {
    auto writer = SpanWriter::start(recorder_, logger_, options(3600 * kSecond));
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    record(recorder_, 1300);
    writer.value().reset();
    EXPECT_EQ(spans_in_file(), 1300u);
    auto again = SpanWriter::start(recorder_, logger_, options(3600 * kSecond));
    ASSERT_TRUE(again.ok());
    record(recorder_, 1);
    again.value().reset();
    EXPECT_EQ(spans_in_file(), 1301u);
}

TEST_F(SpanWriterTest, WritesEverySoOften) {
    auto writer = SpanWriter::start(recorder_, logger_, options(kMillisecond));
    ASSERT_TRUE(writer.ok());
    record(recorder_, 1);
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::filesystem::file_size(directory_ + "/trace.jsonl") == 0) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        std::this_thread::yield();
    }
    writer.value().reset();
    EXPECT_EQ(spans_in_file(), 1u);
}

TEST_F(SpanWriterTest, AFileThatCannotBeOpenedIsNamed) {
    auto bad = options(kSecond);
    bad.path = directory_ + "/none/trace.jsonl";
    auto writer = SpanWriter::start(recorder_, logger_, bad);
    ASSERT_FALSE(writer.ok());
    EXPECT_EQ(writer.status().code(), Code::IO);
    EXPECT_NE(writer.status().message().find("/none/trace.jsonl"), std::string::npos);
}

TEST_F(SpanWriterTest, AFullDiskCostsSpansAndIsCounted) {
    auto full = options(3600 * kSecond);
    full.path = "/dev/full";
    auto writer = SpanWriter::start(recorder_, logger_, full);
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    record(recorder_, 600);
    writer.value().reset();
    EXPECT_EQ(recorder_.dropped(), 600u);
}

}  // namespace
}  // namespace motet
