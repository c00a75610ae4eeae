#include <motet/trace.h>

#include <cstring>

#include "capi/src/guard.h"
#include "core/trace/context.h"

using motet::TraceContext;
using motet::capi::guard_number;

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
