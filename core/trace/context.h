// TraceContext says which trace a message belongs to, in W3C terms; every envelope carries one.
// Knows: its four fields, their 26 bytes and their text form. Must never know: spans, recorders, who sent the message.
// Source: W3C Trace Context, level 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/random.h"

namespace motet {

struct TraceContext {
    // The frozen byte layout: 1 format (0), 16 trace id, 8 span id, 1 flags.
    static constexpr size_t kSize = 26;
    static constexpr uint8_t kSampled = 1;  // the sender may have recorded it
    static constexpr uint8_t kRandom = 2;   // the low 7 bytes of the trace id are random
    static constexpr size_t kTraceparentSize = 55;

    // The ids as numbers whose most significant byte comes first on the wire.
    uint64_t trace_high = 0;
    uint64_t trace_low = 0;
    uint64_t span = 0;
    uint8_t flags = 0;

    bool none() const { return (trace_high | trace_low) == 0; }
    bool sampled() const { return (flags & kSampled) != 0; }

    // Starts a new trace with a first span.
    static TraceContext root(Random &random, bool sampled);

    // A new span of the same trace, with the same flags; none stays none.
    TraceContext child(Random &random) const;

    // Writes kSize bytes.
    void to_bytes(uint8_t *bytes) const;

    // Reads what to_bytes() wrote. None for any other size or format, and for an id that is zero.
    static TraceContext from_bytes(const uint8_t *bytes, size_t size);

    // A traceparent header value; empty for none.
    std::string to_traceparent() const;

    // Reads a traceparent header value; nothing when it is malformed, which means: start a new trace.
    static std::optional<TraceContext> from_traceparent(std::string_view text);

    bool operator==(const TraceContext &) const = default;
};

// Lowercase hex digits of an id, as W3C and OTLP write it.
std::string trace_id_hex(const TraceContext &context);
std::string span_id_hex(uint64_t span);

}  // namespace motet
