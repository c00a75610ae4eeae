#include "core/trace/otlp.h"

#include "core/base/json.h"

namespace motet {
namespace {

void put_attributes(std::string &out, const std::vector<Attribute> &attributes) {
    out += "\"attributes\":[";
    bool first = true;
    for (const auto &[key, value] : attributes) {
        out += first ? "{\"key\":" : ",{\"key\":";
        first = false;
        put_json_text(out, key);
        if (const auto *number = std::get_if<int64_t>(&value)) {
            out += ",\"value\":{\"intValue\":\"" + std::to_string(*number) + "\"}}";
        } else {
            out += ",\"value\":{\"stringValue\":";
            put_json_text(out, std::get<std::string>(value));
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
    put_json_text(out, span.name);
    out += ",\"kind\":" + std::to_string(static_cast<int>(span.kind));
    out += ",\"startTimeUnixNano\":\"" + std::to_string(span.start.wall);
    out += "\",\"endTimeUnixNano\":\"" + std::to_string(span.start.wall + span.duration) + "\",";
    put_attributes(out, span.attributes);
    out += ",\"status\":{";
    if (span.code != Code::OK) {
        out += "\"code\":2,\"message\":";
        put_json_text(out, std::string(code_name(span.code)) + (span.message.empty() ? "" : ": ") + span.message);
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
