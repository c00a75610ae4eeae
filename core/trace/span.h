// Span is one piece of work in a trace: what, when, how long, how it ended.
// Knows: its own fields and their limits. Must never know: where it goes when it is finished.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"
#include "core/trace/context.h"

namespace motet {

// The numbers are those of OTLP.
enum class SpanKind : uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

using AttributeValue = std::variant<std::string, int64_t>;
using Attribute = std::pair<std::string, AttributeValue>;

struct Span {
    static constexpr size_t kMaxAttributes = 128;
    static constexpr size_t kMaxText = 4096;  // of a name, a key, a value or a sentence; what is longer is cut

    Span(std::string_view name_of_span, SpanKind kind_of_span, const TraceContext &own, uint64_t parent_span, Now now)
        : context(own), parent(parent_span), kind(kind_of_span), name(name_of_span.substr(0, kMaxText)), start(now) {}

    // Adds an attribute; beyond kMaxAttributes it is left out.
    void set(std::string_view key, AttributeValue value) {
        if (attributes.size() < kMaxAttributes) {
            if (auto *text = std::get_if<std::string>(&value)) {
                text->resize(std::min(text->size(), kMaxText));
            }
            attributes.emplace_back(key.substr(0, kMaxText), std::move(value));
        }
    }

    void end(Now now, Code how = Code::OK, std::string_view sentence = {}) {
        duration = std::max<Nanos>(now.mono - start.mono, 0);
        code = how;
        message = sentence.substr(0, kMaxText);
    }

    TraceContext context;
    uint64_t parent;  // 0 for the first span of a trace
    SpanKind kind;
    std::string name;
    Now start;
    Nanos duration = 0;  // by the monotonic clock
    Code code = Code::OK;
    std::string message;
    std::vector<Attribute> attributes;
    Span *next = nullptr;  // in the queue of SpanRecorder, which owns it there
};

}  // namespace motet
