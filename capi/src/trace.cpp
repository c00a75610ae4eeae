#include <motet/trace.h>

#include <cstring>

#include "capi/src/objects.h"
#include "core/trace/context.h"

using motet::TraceContext;
using namespace motet::capi;

static_assert(MOTET_TRACE_SIZE == TraceContext::kSize && MOTET_TRACEPARENT_SIZE == TraceContext::kTraceparentSize);

int64_t motet_trace_format(const uint8_t *trace, size_t trace_size, char *buffer, size_t capacity) {
    return guard_number([&]() -> int64_t {
        if (trace == nullptr || buffer == nullptr || capacity <= MOTET_TRACEPARENT_SIZE) {
            return MOTET_E_INVALID;
        }
        std::string text = TraceContext::from_bytes(trace, trace_size).to_traceparent();
        if (text.empty()) {
            return MOTET_E_INVALID;
        }
        std::memcpy(buffer, text.c_str(), text.size() + 1);
        return static_cast<int64_t>(text.size());
    });
}

int64_t motet_trace_parse(const char *traceparent, uint8_t *buffer, size_t capacity) {
    if (traceparent == nullptr || buffer == nullptr || capacity < MOTET_TRACE_SIZE) {
        return MOTET_E_INVALID;
    }
    auto context = TraceContext::from_traceparent(traceparent);
    if (!context) {
        return MOTET_E_MALFORMED;
    }
    context->to_bytes(buffer);
    return MOTET_TRACE_SIZE;
}

struct motet_span {
    motet::Ptr<motet::System> system;
    std::unique_ptr<motet::Span> span;
    uint8_t trace[MOTET_TRACE_SIZE];
};

motet_error_t *motet_span_start(motet_system_t *system, const char *name, const uint8_t *trace, size_t trace_size,
                                motet_span_t **out) {
    return guard([&]() -> motet::Status {
        if (out == nullptr || name == nullptr) {
            return null_argument(out == nullptr ? "out" : "name");
        }
        *out = nullptr;
        if (!is_trace(trace, trace_size)) {
            return bad_trace(trace_size);
        }
        motet::Result<motet::Ptr<motet::Node>> node = find_node(system);
        if (!node.ok()) {
            return std::move(node.status());
        }
        motet::System &owner = node.value()->system();
        TraceContext parent = to_trace(trace, trace_size);
        auto span = std::make_unique<motet_span>();
        span->system = motet::Ptr<motet::System>(&owner);
        span->span = owner.recorder().start(name, motet::SpanKind::internal, parent, owner.clock().now());
        span->span->context.to_bytes(span->trace);
        *out = span.release();
        return {};
    });
}

const uint8_t *motet_span_trace(const motet_span_t *span) { return span->trace; }

void motet_span_set(motet_span_t *span, const char *key, const char *value) {
    guard_or(0, [&] {
        if (span != nullptr && key != nullptr && value != nullptr) {
            span->span->set(key, std::string(value));
        }
        return 0;
    });
}

void motet_span_end(motet_span_t *span, int32_t code, const char *message) {
    guard_or(0, [&] {
        std::unique_ptr<motet_span> owned(span);
        if (span != nullptr && !forked()) {
            motet::System &system = *span->system;
            system.recorder().finish(std::move(span->span), system.clock().now(), static_cast<motet::Code>(code),
                                     message == nullptr ? "" : message);
        }
        return 0;
    });
}
