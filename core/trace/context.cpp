#include "core/trace/context.h"

namespace motet {
namespace {

constexpr uint8_t kFormat = 0;
constexpr uint8_t kKnownFlags = TraceContext::kSampled | TraceContext::kRandom;

void put_number(uint8_t *bytes, uint64_t number) {
    for (int i = 0; i < 8; ++i) {
        bytes[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
    }
}

uint64_t get_number(const uint8_t *bytes) {
    uint64_t number = 0;
    for (int i = 0; i < 8; ++i) {
        number = (number << 8) | bytes[i];
    }
    return number;
}

std::string hex(uint64_t number, size_t digits) {
    std::string text(digits, '0');
    for (size_t i = digits; i-- > 0; number >>= 4) {
        text[i] = "0123456789abcdef"[number & 15];
    }
    return text;
}

// At most 16 digits; W3C allows lowercase only.
std::optional<uint64_t> parse_hex(std::string_view text) {
    uint64_t number = 0;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            number = (number << 4) | static_cast<uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            number = (number << 4) | static_cast<uint64_t>(c - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return number;
}

uint64_t nonzero(Random &random) {
    uint64_t id = 0;
    while (id == 0) {
        id = random.next();
    }
    return id;
}

}  // namespace

TraceContext TraceContext::root(Random &random, bool sampled) {
    TraceContext context;
    context.trace_high = random.next();
    context.trace_low = nonzero(random);
    context.span = nonzero(random);
    context.flags = kRandom | (sampled ? kSampled : 0);
    return context;
}

TraceContext TraceContext::child(Random &random) const {
    TraceContext context = *this;
    if (!none()) {
        context.span = nonzero(random);
    }
    return context;
}

void TraceContext::to_bytes(uint8_t *bytes) const {
    bytes[0] = kFormat;
    put_number(bytes + 1, trace_high);
    put_number(bytes + 9, trace_low);
    put_number(bytes + 17, span);
    bytes[25] = flags;
}

TraceContext TraceContext::from_bytes(const uint8_t *bytes, size_t size) {
    TraceContext context;
    if (bytes == nullptr || size != kSize || bytes[0] != kFormat) {
        return context;
    }
    context.trace_high = get_number(bytes + 1);
    context.trace_low = get_number(bytes + 9);
    context.span = get_number(bytes + 17);
    context.flags = bytes[25] & kKnownFlags;
    return context.none() || context.span == 0 ? TraceContext{} : context;
}

std::string TraceContext::to_traceparent() const {
    return none() ? std::string() : "00-" + trace_id_hex(*this) + "-" + span_id_hex(span) + "-" + hex(flags, 2);
}

std::optional<TraceContext> TraceContext::from_traceparent(std::string_view text) {
    if (text.size() < kTraceparentSize || text[2] != '-' || text[35] != '-' || text[52] != '-') {
        return std::nullopt;
    }
    auto version = parse_hex(text.substr(0, 2));
    auto high = parse_hex(text.substr(3, 16));
    auto low = parse_hex(text.substr(19, 16));
    auto span = parse_hex(text.substr(36, 16));
    auto flags = parse_hex(text.substr(53, 2));
    if (!version || !high || !low || !span || !flags || *version == 0xff || (*high | *low) == 0 || *span == 0) {
        return std::nullopt;
    }
    // A version we do not know may say more after these four parts, but only behind a dash.
    bool longer = text.size() > kTraceparentSize;
    if (longer && (*version == 0 || text[kTraceparentSize] != '-')) {
        return std::nullopt;
    }
    return TraceContext{*high, *low, *span, static_cast<uint8_t>(*flags & kKnownFlags)};
}

std::string trace_id_hex(const TraceContext &context) {
    return hex(context.trace_high, 16) + hex(context.trace_low, 16);
}

std::string span_id_hex(uint64_t span) { return hex(span, 16); }

}  // namespace motet
