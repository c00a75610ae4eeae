#include "core/trace/otlp.h"

namespace motet {
namespace {

// The length of the well-formed UTF-8 sequence at the start of text, 0 when it is malformed. Source: Unicode 15, table
// 3-7.
size_t utf8_length(std::string_view text) {
    auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
    auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
    unsigned char lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return tail(1) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        bool overlong = lead == 0xe0 && byte(1) < 0xa0;
        bool surrogate = lead == 0xed && byte(1) > 0x9f;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        bool overlong = lead == 0xf0 && byte(1) < 0x90;
        bool too_high = lead == 0xf4 && byte(1) > 0x8f;
        return tail(1) && tail(2) && tail(3) && !overlong && !too_high ? 4 : 0;
    }
    return 0;
}

void put_text(std::string &out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        size_t length = utf8_length(text);
        unsigned char c = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            out += "\\ufffd";
        } else if (c < 0x20) {
            out += "\\u00";
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
        } else {
            if (c == '"' || c == '\\') {
                out += '\\';
            }
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

void put_attributes(std::string &out, const std::vector<Attribute> &attributes) {
    out += "\"attributes\":[";
    bool first = true;
    for (const auto &[key, value] : attributes) {
        out += first ? "{\"key\":" : ",{\"key\":";
        first = false;
        put_text(out, key);
        if (const auto *number = std::get_if<int64_t>(&value)) {
            out += ",\"value\":{\"intValue\":\"" + std::to_string(*number) + "\"}}";
        } else {
            out += ",\"value\":{\"stringValue\":";
            put_text(out, std::get<std::string>(value));
            out += "}}";
        }
    }
    out += ']';
}

void put_span(std::string &out, const Span &span) {
    out += "{\"traceId\":\"" + trace_id_hex(span.context) + "\",\"spanId\":\"" + span_id_hex(span.context.span);
    if (span.parent != 0) {
        out += "\",\"parentSpanId\":\"" + span_id_hex(span.parent);
    }
    out += "\",\"flags\":" + std::to_string(span.context.flags) + ",\"name\":";
    put_text(out, span.name);
    out += ",\"kind\":" + std::to_string(static_cast<int>(span.kind));
    out += ",\"startTimeUnixNano\":\"" + std::to_string(span.start.wall);
    out += "\",\"endTimeUnixNano\":\"" + std::to_string(span.start.wall + span.duration) + "\",";
    put_attributes(out, span.attributes);
    out += ",\"status\":{";
    if (span.code != Code::OK) {
        out += "\"code\":2,\"message\":";
        put_text(out, std::string(code_name(span.code)) + (span.message.empty() ? "" : ": ") + span.message);
    }
    out += "}}";
}

}  // namespace

std::string otlp_json(std::span<const std::unique_ptr<Span>> spans, const std::vector<Attribute> &resource) {
    std::string out = "{\"resourceSpans\":[{\"resource\":{";
    put_attributes(out, resource);
    out += "},\"scopeSpans\":[{\"scope\":{\"name\":\"motet\"},\"spans\":[";
    for (size_t i = 0; i < spans.size(); ++i) {
        out += i == 0 ? "" : ",";
        put_span(out, *spans[i]);
    }
    return out + "]}]}]}";
}

}  // namespace motet
