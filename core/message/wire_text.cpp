#include "core/message/wire_text.h"

#include <cinttypes>
#include <cstdio>

#include "core/message/handshake.h"
#include "core/trace/context.h"

namespace motet::wire {

namespace {

constexpr size_t kShown = 32;  // bytes of a payload

constexpr const char *kFrames[] = {"", "HELLO", "WELCOME", "REJECT", "RECORDS"};
constexpr const char *kLaneNames[] = {"control", "ordinary", "large"};
constexpr const char *kSystems[] = {"", "watch", "unwatch", "terminated", "create", "order", "report"};

std::string hex(uint64_t number) {
    char digits[17];
    std::snprintf(digits, sizeof(digits), "%016" PRIx64, number);
    return digits;
}

// The first bytes as digits, and as text where they are printable.
std::string shown(Bytes bytes) {
    const Bytes first = bytes.first(std::min(bytes.size(), kShown));
    std::string text = std::to_string(bytes.size()) + " bytes";
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < first.size(); ++i) {
        text += i == 0 ? ": " : " ";
        text += {digits[first[i] >> 4], digits[first[i] & 15]};
    }
    if (first.size() < bytes.size()) {
        text += " ...";
    }
    const std::string_view letters(reinterpret_cast<const char *>(first.data()), first.size());
    return letters.empty() || !is_printable(letters) ? text : text + " \"" + std::string(letters) + "\"";
}

std::string name(const Name &name) { return name.literal ? std::string(name.text) : "#" + std::to_string(name.number); }

std::string envelope_text(const Envelope &envelope) {
    std::string text = "to " + name(envelope.target);
    if (!envelope.selection.empty()) {
        text += " selecting " + std::string(envelope.selection);
    }
    text += " from " + (envelope.has_sender ? name(envelope.sender) : "nobody") + ", type " + name(envelope.type);
    if (!envelope.hops.empty()) {
        text += ", hops " + std::string(envelope.hops);
    }
    if (!envelope.trace.empty()) {
        text += ", trace " + TraceContext::from_bytes(envelope.trace.data(), envelope.trace.size()).to_traceparent();
    }
    if (envelope.same_trace) {
        text += ", same trace";
    }
    return text + ", " + shown(envelope.payload);
}

std::string system_text(const System &system) {
    const auto kind = static_cast<size_t>(system.kind);
    std::string text = std::to_string(system.sequence) + " " +
                       (kind < std::size(kSystems) ? kSystems[kind] : "of kind " + std::to_string(kind)) + " " +
                       std::string(system.watchee) + " by " + std::string(system.watcher);
    if (system.kind == SystemKind::terminated) {
        text += std::string((system.flags & kExistenceConfirmed) != 0 ? ", it did exist" : ", it never was") +
                ((system.flags & kAddressTerminated) != 0 ? ", its node was lost" : "") + ", after frame " +
                std::to_string(system.after) + " of ordinary and " + std::to_string(system.after_large) + " of large";
    }
    return system.content.empty() ? text : text + ", " + shown(system.content);
}

// What a record says; problem tells what is wrong with it.
std::string record_text(const Record &record, Problem &problem) {
    Define define;
    Envelope envelope;
    System system;
    Large large;
    Piece piece;
    NewTables request;
    uint64_t number = 0;
    std::string_view text;
    const auto numbered = [&](const char *kind) {
        problem = read_number(record.body, number);
        return std::string(kind) + " " + std::to_string(number);
    };
    const auto defined = [&](const char *kind) {
        problem = read_define(record.body, kMaxPath, define);
        return "define-" + std::string(kind) + " #" + std::to_string(define.number) + " = " + std::string(define.text);
    };
    switch (static_cast<RecordKind>(record.kind)) {
    case RecordKind::heartbeat:
        return numbered("heartbeat");
    case RecordKind::heartbeat_ack:
        return numbered("heartbeat-ack");
    case RecordKind::ack:
        return numbered("ack");
    case RecordKind::define_type:
        return defined("type");
    case RecordKind::define_target:
        return defined("target");
    case RecordKind::define_sender:
        return defined("sender");
    case RecordKind::envelope:
        problem = read_envelope(record.body, envelope);
        return problem != nullptr ? "envelope" : "envelope " + envelope_text(envelope);
    case RecordKind::system:
        problem = read_system(record.body, system);
        return problem != nullptr ? "system" : "system " + system_text(system);
    case RecordKind::large:
        problem = read_large(record.body, large);
        return problem != nullptr
                   ? "large"
                   : "large " + std::to_string(large.number) + " of " + std::to_string(large.size) +
                         " bytes, after frame " + std::to_string(large.after) + ", " + envelope_text(large.envelope);
    case RecordKind::piece:
        problem = read_piece(record.body, piece);
        return problem != nullptr ? "piece" : "piece of " + std::to_string(piece.number) + ", " + shown(piece.bytes);
    case RecordKind::new_tables:
        problem = read_new_tables(record.body, request);
        return problem != nullptr
                   ? "new-tables"
                   : std::string("new-tables for lane ") + kLaneNames[static_cast<size_t>(request.lane)] +
                         " after epoch " + std::to_string(request.epoch);
    case RecordKind::goodbye:
        problem = read_text(record.body, text);
        return "goodbye: " + std::string(problem != nullptr ? "" : text);
    }
    problem = record.kind >= kMustUnderstand ? "record: of an unknown kind that must be understood" : nullptr;
    return "record of the unknown kind " + std::to_string(record.kind) + ", " + shown(record.body);
}

std::string handshake_text(const FrameHeader &header, Bytes body) {
    if (header.kind == FrameKind::hello) {
        const Result<Hello> hello = read_hello(header, body);
        return !hello.ok() ? "  " + hello.status().message() + "\n"
                           : "  I am " + hello.value().from.address.text() + ", you are " + hello.value().to.text() +
                                 "; versions " + std::to_string(hello.value().oldest_version) + " to " +
                                 std::to_string(hello.value().version) +
                                 (hello.value().cookie.empty() ? "\n" : ", with a cookie\n");
    }
    if (header.kind == FrameKind::welcome) {
        const Result<Welcome> welcome = read_welcome(header, body);
        return !welcome.ok() ? "  " + welcome.status().message() + "\n"
                             : "  I am " + welcome.value().from.address.text() + "; version " +
                                   std::to_string(welcome.value().version) + "\n";
    }
    const Result<Reject> reject = read_reject(header, body);
    return !reject.ok()
               ? "  " + reject.status().message() + "\n"
               : "  I am " + reject.value().from.address.text() + "; code " +
                     std::to_string(static_cast<int>(reject.value().code)) + ": " + reject.value().reason + "\n";
}

}  // namespace

std::string describe(Bytes frame) {
    FrameHeader header;
    Bytes body;
    if (const Problem problem = read_frame(frame, header, body)) {
        return std::string(problem) + "\n";
    }
    std::string text = std::string(kFrames[static_cast<size_t>(header.kind)]) + " on lane " +
                       kLaneNames[static_cast<size_t>(header.lane)] + ", version " + std::to_string(header.version) +
                       ", from life " + hex(header.from) + " to " + (header.to == 0 ? "any" : hex(header.to));
    if (header.kind != FrameKind::records) {
        return text + "\n" + handshake_text(header, body);
    }
    text += ", frame " + std::to_string(header.sequence) + " in epoch " + std::to_string(header.epoch) + ", " +
            std::to_string(body.size()) + " bytes\n";
    RecordReader reader(body);
    for (Record record; reader.next(record);) {
        Problem problem = nullptr;
        const std::string said = record_text(record, problem);
        text += "  " + said + (problem != nullptr ? "; " + std::string(problem) : "") + "\n";
    }
    return reader.problem() != nullptr ? text + "  " + reader.problem() + "\n" : text;
}

}  // namespace motet::wire
