#include "tests/unit/message/wire_description.h"

namespace motet::wire::testing {

namespace {

Bytes bytes_of(const std::vector<uint8_t> &bytes) { return {bytes.data(), bytes.size()}; }

Json describe_name(const Name &name) { return name.literal ? Json(std::string(name.text)) : Json(name.number); }

Name name_from(const Json &json) {
    return json.is_string() ? Name::of(json.get_ref<const std::string &>()) : Name::numbered(json.get<uint32_t>());
}

Json describe_envelope(const Envelope &envelope) {
    Json json = {{"kind", "envelope"}, {"target", describe_name(envelope.target)}};
    if (envelope.has_sender) {
        json["sender"] = describe_name(envelope.sender);
    }
    json["type"] = describe_name(envelope.type);
    if (!envelope.trace.empty()) {
        json["trace"] = to_hex(envelope.trace);
    }
    if (envelope.same_trace) {
        json["same-trace"] = true;
    }
    if (!envelope.selection.empty()) {
        json["selection"] = std::string(envelope.selection);
    }
    if (!envelope.hops.empty()) {
        json["hops"] = std::string(envelope.hops);
    }
    json["payload"] = to_hex(envelope.payload);
    return json;
}

Problem describe_record(const Record &record, Json &json) {
    const auto named = [&](const char *kind) { json = {{"kind", kind}}; };
    Define define;
    Envelope envelope;
    System system;
    Large large;
    Piece piece;
    NewTables request;
    uint64_t number = 0;
    std::string_view text;
    Problem problem = nullptr;
    switch (static_cast<RecordKind>(record.kind)) {
    case RecordKind::define_type:
    case RecordKind::define_target:
    case RecordKind::define_sender:
        problem = read_define(record.body, kMaxPath, define);
        named(record.kind == 0x81 ? "define-type" : record.kind == 0x82 ? "define-target" : "define-sender");
        json["number"] = define.number;
        json["name"] = std::string(define.text);
        return problem;
    case RecordKind::envelope:
        problem = read_envelope(record.body, envelope);
        json = problem ? Json() : describe_envelope(envelope);
        return problem;
    case RecordKind::system:
        problem = read_system(record.body, system);
        named("system");
        json["sequence"] = system.sequence;
        json["system-kind"] = static_cast<int>(system.kind);
        json["flags"] = system.flags;
        json["after"] = system.after;
        json["after-large"] = system.after_large;
        json["trace"] = to_hex(system.trace);
        json["watchee"] = std::string(system.watchee);
        json["watcher"] = std::string(system.watcher);
        if (!system.content.empty()) {
            json["content"] = to_hex(system.content);
        }
        return problem;
    case RecordKind::large:
        if ((problem = read_large(record.body, large)) == nullptr) {
            named("large");
            json["number"] = large.number;
            json["size"] = large.size;
            json["after"] = large.after;
            json["envelope"] = describe_envelope(large.envelope);
        }
        return problem;
    case RecordKind::piece:
        problem = read_piece(record.body, piece);
        named("piece");
        json["number"] = piece.number;
        json["bytes"] = to_hex(piece.bytes);
        return problem;
    case RecordKind::heartbeat:
    case RecordKind::heartbeat_ack:
    case RecordKind::ack:
        problem = read_number(record.body, number);
        named(record.kind == 1 ? "heartbeat" : record.kind == 2 ? "heartbeat-ack" : "ack");
        json["number"] = number;
        return problem;
    case RecordKind::new_tables:
        problem = read_new_tables(record.body, request);
        named("new-tables");
        json["lane"] = static_cast<int>(request.lane);
        json["epoch"] = request.epoch;
        return problem;
    case RecordKind::goodbye:
        problem = read_text(record.body, text);
        named("goodbye");
        json["reason"] = std::string(text);
        return problem;
    }
    if (record.kind >= kMustUnderstand) {
        return "record: of an unknown kind that must be understood";
    }
    json = {{"kind", "unknown"}, {"number", record.kind}, {"body", to_hex(record.body)}};
    return nullptr;
}

// Calls write with the envelope that is described.
template <typename Write> void with_envelope(const Json &json, Write write) {
    const std::vector<uint8_t> payload = from_hex(json.at("payload"));
    const std::vector<uint8_t> trace = from_hex(json.value("trace", ""));
    const std::string selection = json.value("selection", "");
    const std::string hops = json.value("hops", "");
    Envelope envelope;
    envelope.target = name_from(json.at("target"));
    envelope.has_sender = json.contains("sender");
    if (envelope.has_sender) {
        envelope.sender = name_from(json.at("sender"));
    }
    envelope.type = name_from(json.at("type"));
    envelope.trace = bytes_of(trace);
    envelope.same_trace = json.value("same-trace", false);
    envelope.selection = selection;
    envelope.hops = hops;
    envelope.payload = bytes_of(payload);
    write(envelope);
}

void build_record(ByteBuffer &out, const Json &json) {
    const std::string kind = json.at("kind");
    const auto text = [&](const char *key) { return std::string_view(json.at(key).get_ref<const std::string &>()); };
    if (kind == "define-type" || kind == "define-target" || kind == "define-sender") {
        const RecordKind record = kind == "define-type"     ? RecordKind::define_type
                                  : kind == "define-target" ? RecordKind::define_target
                                                            : RecordKind::define_sender;
        write_define(out, record, {json.at("number"), text("name")});
    } else if (kind == "envelope") {
        with_envelope(json, [&](const Envelope &envelope) { write_envelope(out, envelope); });
    } else if (kind == "large") {
        with_envelope(json.at("envelope"), [&](const Envelope &envelope) {
            write_large(out, {json.at("number"), json.at("size"), json.at("after"), envelope});
        });
    } else if (kind == "piece") {
        const std::vector<uint8_t> bytes = from_hex(json.at("bytes"));
        write_piece(out, {json.at("number"), bytes_of(bytes)});
    } else if (kind == "system") {
        const std::vector<uint8_t> trace = from_hex(json.at("trace"));
        const std::vector<uint8_t> content = from_hex(json.value("content", ""));
        const int system_kind = json.at("system-kind");
        write_system(out,
                     {json.at("sequence"), static_cast<SystemKind>(system_kind), json.at("flags"), json.at("after"),
                      json.at("after-large"), bytes_of(trace), text("watchee"), text("watcher"), bytes_of(content)});
    } else if (kind == "heartbeat" || kind == "heartbeat-ack" || kind == "ack") {
        const RecordKind record = kind == "heartbeat"       ? RecordKind::heartbeat
                                  : kind == "heartbeat-ack" ? RecordKind::heartbeat_ack
                                                            : RecordKind::ack;
        write_number(out, record, json.at("number"));
    } else if (kind == "new-tables") {
        const int lane = json.at("lane");
        write_new_tables(out, {static_cast<Lane>(lane), json.at("epoch")});
    } else if (kind == "unknown") {
        const std::vector<uint8_t> body = from_hex(json.at("body"));
        const int number = json.at("number");
        write_text(out, static_cast<RecordKind>(number), {reinterpret_cast<const char *>(body.data()), body.size()});
    } else {
        write_text(out, RecordKind::goodbye, text("reason"));
    }
}

Json describe_handshake(const FrameHeader &header, Bytes body, Json json) {
    if (header.kind == FrameKind::hello) {
        const Result<Hello> hello = read_hello(header, body);
        if (!hello.ok()) {
            return {{"problem", hello.status().message()}};
        }
        json["address"] = hello.value().from.address.text();
        json["addressed-to"] = hello.value().to.text();
        json["oldest-version"] = hello.value().oldest_version;
        json["newest-version"] = hello.value().version;
        json["cookie"] = hello.value().cookie;
    } else if (header.kind == FrameKind::welcome) {
        const Result<Welcome> welcome = read_welcome(header, body);
        if (!welcome.ok()) {
            return {{"problem", welcome.status().message()}};
        }
        json["address"] = welcome.value().from.address.text();
        json["called"] = welcome.value().called.text();
        json["chosen-version"] = welcome.value().version;
    } else {
        const Result<Reject> reject = read_reject(header, body);
        if (!reject.ok()) {
            return {{"problem", reject.status().message()}};
        }
        json["address"] = reject.value().from.address.text();
        if (reject.value().called) {
            json["called"] = reject.value().called->text();
        }
        json["code"] = static_cast<int>(reject.value().code);
        json["reason"] = reject.value().reason;
    }
    return json;
}

}  // namespace

std::string to_hex(Bytes bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string hex;
    for (const uint8_t byte : bytes) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

std::vector<uint8_t> from_hex(const std::string &hex) {
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

Json describe(Bytes frame) {
    static const char *const kinds[] = {"", "hello", "welcome", "reject", "records"};
    FrameHeader header;
    Bytes body;
    if (const Problem problem = read_frame(frame, header, body)) {
        return {{"problem", problem}};
    }
    Json json = {{"version", header.version},
                 {"frame", kinds[static_cast<int>(header.kind)]},
                 {"lane", static_cast<int>(header.lane)},
                 {"from", header.from},
                 {"to", header.to}};
    if (header.kind != FrameKind::records) {
        return describe_handshake(header, body, json);
    }
    json["sequence"] = header.sequence;
    json["epoch"] = header.epoch;
    json["records"] = Json::array();
    RecordReader reader(body);
    Record record;
    while (reader.next(record)) {
        Json described;
        if (const Problem problem = describe_record(record, described)) {
            return {{"problem", problem}};
        }
        json["records"].push_back(std::move(described));
    }
    return reader.problem() ? Json{{"problem", reader.problem()}} : json;
}

ByteBuffer build(const Json &json) {
    const std::string kind = json.at("frame");
    const int lane_number = json.at("lane");
    const Lane lane = static_cast<Lane>(lane_number);
    const uint64_t from = json.at("from");
    const uint64_t to = json.at("to");
    const auto address = [&](const char *key) { return Address::parse(json.at(key).get<std::string>()).value(); };
    if (kind == "hello") {
        return write_hello({{address("address"), from},
                            address("addressed-to"),
                            json.at("oldest-version"),
                            json.at("newest-version"),
                            json.at("cookie")},
                           lane);
    }
    if (kind == "welcome") {
        return write_welcome({{address("address"), from}, address("called"), json.at("chosen-version")}, lane, to);
    }
    if (kind == "reject") {
        const int code = json.at("code");
        Reject reject{{address("address"), from}, std::nullopt, static_cast<RejectCode>(code), json.at("reason")};
        if (json.contains("called")) {
            reject.called = address("called");
        }
        return write_reject(reject, lane, to);
    }
    ByteBuffer frame;
    begin_frame(frame);
    for (const Json &record : json.at("records")) {
        build_record(frame, record);
    }
    finish_frame(frame,
                 {json.at("version"), FrameKind::records, lane, from, to, json.at("sequence"), json.at("epoch")});
    return frame;
}

}  // namespace motet::wire::testing
