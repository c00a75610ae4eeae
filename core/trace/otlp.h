// Spans as OTLP JSON, the text form of the OpenTelemetry protocol.
// Knows: field names and spelling. Must never know: where the text goes.
// Source: OpenTelemetry protocol specification, JSON Protobuf encoding.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/trace/span.h"

namespace motet {

// One ExportTraceServiceRequest, on one line and without its end. resource: attributes of the process that made them.
std::string otlp_json(std::span<const std::unique_ptr<Span>> spans, const std::vector<Attribute> &resource);

}  // namespace motet
