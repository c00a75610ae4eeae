#include "core/message/wire.h"

#include <bit>

namespace motet::wire {

namespace {

constexpr uint8_t kMagic[4] = {'M', 'O', 'T', 'T'};

// The flags of an envelope.
constexpr uint8_t kTargetLiteral = 0x01;
constexpr uint8_t kHasSender = 0x02;
constexpr uint8_t kSenderLiteral = 0x04;
constexpr uint8_t kTypeLiteral = 0x08;
constexpr uint8_t kHasSections = 0x10;
constexpr uint8_t kSameTrace = 0x20;
constexpr uint8_t kKnownFlags = 0x3f;

// The optional sections of an envelope.
constexpr uint8_t kTraceSection = 0x01;
constexpr uint8_t kHopsSection = 0x03;
constexpr uint8_t kSelectionSection = 0x82;
constexpr size_t kSectionHeaderSize = 3;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are in memory");

template <typename T> void put(uint8_t *&at, T value) {
    std::memcpy(at, &value, sizeof(T));
    at += sizeof(T);
}

void put_bytes(uint8_t *&at, const void *bytes, size_t size) {
    if (size > 0) {
        std::memcpy(at, bytes, size);
        at += size;
    }
}

void put_text(uint8_t *&at, std::string_view text) {
    put<uint16_t>(at, static_cast<uint16_t>(text.size()));
    put_bytes(at, text.data(), text.size());
}

// Writes the header of a record and returns where its body goes.
uint8_t *start_record(ByteBuffer &out, RecordKind kind, size_t size) {
    uint8_t *at = out.extend(kRecordHeaderSize + size);
    put<uint8_t>(at, static_cast<uint8_t>(kind));
    put<uint32_t>(at, static_cast<uint32_t>(size));
    return at;
}

// Reads from the front of some bytes; once they run short it stays failed and gives zeros.
class Reader {
  public:
    explicit Reader(Bytes bytes) : rest_(bytes) {}

    template <typename T> T number() {
        T value = 0;
        if (const Bytes bytes = take(sizeof(T)); !bytes.empty()) {
            std::memcpy(&value, bytes.data(), sizeof(T));
        }
        return value;
    }

    Bytes take(size_t size) {
        if (rest_.size() < size) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const Bytes taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    std::string_view text() { return as_text(take(number<uint16_t>())); }
    Bytes rest() { return take(rest_.size()); }
    bool at_end() const { return rest_.empty(); }
    bool failed() const { return failed_; }

    static std::string_view as_text(Bytes bytes) {
        return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
    }

  private:
    Bytes rest_;
    bool failed_ = false;
};

bool good_text(std::string_view text, size_t max) { return !text.empty() && text.size() <= max && is_printable(text); }

size_t name_size(const Name &name) { return name.literal ? 2 + name.text.size() : 4; }

void put_name(uint8_t *&at, const Name &name) {
    if (name.literal) {
        put_text(at, name.text);
    } else {
        put<uint32_t>(at, name.number);
    }
}

Name read_name(Reader &reader, bool literal) {
    return literal ? Name::of(reader.text()) : Name::numbered(reader.number<uint32_t>());
}

size_t sections_size(const Envelope &envelope) {
    size_t size = 0;
    for (const size_t content : {envelope.trace.size(), envelope.selection.size(), envelope.hops.size()}) {
        size += content > 0 ? kSectionHeaderSize + content : 0;
    }
    return size;
}

void put_section(uint8_t *&at, uint8_t id, const void *bytes, size_t size) {
    if (size > 0) {
        put<uint8_t>(at, id);
        put<uint16_t>(at, static_cast<uint16_t>(size));
        put_bytes(at, bytes, size);
    }
}

Problem read_sections(Bytes bytes, Envelope &envelope) {
    Reader reader(bytes);
    while (!reader.at_end()) {
        const uint8_t id = reader.number<uint8_t>();
        const Bytes content = reader.take(reader.number<uint16_t>());
        if (reader.failed()) {
            return "envelope: a section is cut short";
        }
        if (id == kTraceSection) {
            if (content.size() != kTraceSize) {
                return "envelope: a trace context that is not 26 bytes";
            }
            envelope.trace = content;
        } else if (id == kSelectionSection) {
            envelope.selection = Reader::as_text(content);
            if (!good_text(envelope.selection, kMaxPath)) {
                return "envelope: a selection that is empty, too long or not printable";
            }
        } else if (id == kHopsSection) {
            envelope.hops = Reader::as_text(content);
            if (!good_text(envelope.hops, kMaxHops)) {
                return "envelope: hops that are empty, too long or not printable";
            }
        } else if (id >= kMustUnderstand) {
            return "envelope: an unknown section that must be understood";
        }
    }
    return nullptr;
}

}  // namespace

bool is_printable(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c > 0x7e) {
            return false;
        }
    }
    return true;
}

Problem read_frame(Bytes frame, FrameHeader &header, Bytes &body) {
    if (frame.size() < kHeaderSize) {
        return "frame: shorter than a header";
    }
    if (std::memcmp(frame.data(), kMagic, sizeof(kMagic)) != 0) {
        return "frame: not ours, it does not begin with MOTT";
    }
    Reader reader(frame.subspan(sizeof(kMagic)));
    header.version = reader.number<uint8_t>();
    const uint8_t kind = reader.number<uint8_t>();
    const uint8_t lane = reader.number<uint8_t>();
    const uint8_t flags = reader.number<uint8_t>();
    header.from = reader.number<uint64_t>();
    header.to = reader.number<uint64_t>();
    header.sequence = reader.number<uint64_t>();
    header.epoch = reader.number<uint32_t>();
    const uint32_t size = reader.number<uint32_t>();
    if (kind < static_cast<uint8_t>(FrameKind::hello) || kind > static_cast<uint8_t>(FrameKind::records)) {
        return "frame: of an unknown kind";
    }
    header.kind = static_cast<FrameKind>(kind);
    const bool handshake = header.kind != FrameKind::records;
    if (!handshake && (header.version < kOldestVersion || header.version > kVersion)) {
        return "frame: of a protocol version that is not spoken here";
    }
    if (lane >= kLanes) {
        return "frame: of an unknown lane";
    }
    header.lane = static_cast<Lane>(lane);
    if (flags != 0) {
        return "frame: with unknown flags";
    }
    body = frame.subspan(kHeaderSize);
    if (body.size() != size) {
        return "frame: of another size than its header tells";
    }
    if (handshake && size > kMaxHandshake) {
        return "frame: a handshake above 4096 bytes";
    }
    return nullptr;
}

void begin_frame(ByteBuffer &frame) { frame.extend(kHeaderSize); }

void finish_frame(ByteBuffer &frame, const FrameHeader &header) {
    uint8_t *at = frame.data();
    put_bytes(at, kMagic, sizeof(kMagic));
    put<uint8_t>(at, header.version);
    put<uint8_t>(at, static_cast<uint8_t>(header.kind));
    put<uint8_t>(at, static_cast<uint8_t>(header.lane));
    put<uint8_t>(at, 0);
    put<uint64_t>(at, header.from);
    put<uint64_t>(at, header.to);
    put<uint64_t>(at, header.sequence);
    put<uint32_t>(at, header.epoch);
    put<uint32_t>(at, static_cast<uint32_t>(frame.size() - kHeaderSize));
}

bool RecordReader::next(Record &record) {
    if (rest_.empty()) {
        return false;
    }
    Reader reader(rest_);
    record.kind = reader.number<uint8_t>();
    const uint32_t size = reader.number<uint32_t>();
    record.body = reader.take(size);
    if (reader.failed()) {
        problem_ = "frame: a record is cut short";
        rest_ = {};
        return false;
    }
    rest_ = rest_.subspan(kRecordHeaderSize + size);
    return true;
}

void write_define(ByteBuffer &out, RecordKind kind, const Define &define) {
    uint8_t *at = start_record(out, kind, 4 + define.text.size());
    put<uint32_t>(at, define.number);
    put_bytes(at, define.text.data(), define.text.size());
}

Problem read_define(Bytes body, size_t max_text, Define &define) {
    Reader reader(body);
    define.number = reader.number<uint32_t>();
    define.text = Reader::as_text(reader.rest());
    if (reader.failed() || !good_text(define.text, max_text)) {
        return "definition: a name that is empty, too long or not printable";
    }
    return define.number < kMaxTableSize ? nullptr : "definition: a number of 65536 or above";
}

size_t envelope_size(const Envelope &envelope) {
    const size_t sections = sections_size(envelope);
    return kRecordHeaderSize + 1 + name_size(envelope.target) + (envelope.has_sender ? name_size(envelope.sender) : 0) +
           name_size(envelope.type) + (sections > 0 ? 2 + sections : 0) + envelope.payload.size();
}

static void put_envelope(uint8_t *at, const Envelope &envelope) {
    const size_t sections = sections_size(envelope);
    put<uint8_t>(at, static_cast<uint8_t>((envelope.target.literal ? kTargetLiteral : 0) |
                                          (envelope.has_sender ? kHasSender : 0) |
                                          (envelope.has_sender && envelope.sender.literal ? kSenderLiteral : 0) |
                                          (envelope.type.literal ? kTypeLiteral : 0) |
                                          (sections > 0 ? kHasSections : 0) | (envelope.same_trace ? kSameTrace : 0)));
    put_name(at, envelope.target);
    if (envelope.has_sender) {
        put_name(at, envelope.sender);
    }
    put_name(at, envelope.type);
    if (sections > 0) {
        put<uint16_t>(at, static_cast<uint16_t>(sections));
        put_section(at, kTraceSection, envelope.trace.data(), envelope.trace.size());
        put_section(at, kSelectionSection, envelope.selection.data(), envelope.selection.size());
        put_section(at, kHopsSection, envelope.hops.data(), envelope.hops.size());
    }
    put_bytes(at, envelope.payload.data(), envelope.payload.size());
}

void write_envelope(ByteBuffer &out, const Envelope &envelope) {
    put_envelope(start_record(out, RecordKind::envelope, envelope_size(envelope) - kRecordHeaderSize), envelope);
}

Problem read_envelope(Bytes body, Envelope &envelope) {
    Reader reader(body);
    const uint8_t flags = reader.number<uint8_t>();
    if ((flags & ~kKnownFlags) != 0 || (flags & (kHasSender | kSenderLiteral)) == kSenderLiteral) {
        return "envelope: with unknown flags";
    }
    envelope = {};
    envelope.target = read_name(reader, (flags & kTargetLiteral) != 0);
    envelope.has_sender = (flags & kHasSender) != 0;
    if (envelope.has_sender) {
        envelope.sender = read_name(reader, (flags & kSenderLiteral) != 0);
    }
    envelope.type = read_name(reader, (flags & kTypeLiteral) != 0);
    const Bytes sections = (flags & kHasSections) != 0 ? reader.take(reader.number<uint16_t>()) : Bytes{};
    if (reader.failed()) {
        return "envelope: cut short";
    }
    if ((envelope.target.literal && !good_text(envelope.target.text, kMaxPath)) ||
        (envelope.has_sender && envelope.sender.literal && !good_text(envelope.sender.text, kMaxPath))) {
        return "envelope: a path that is empty, too long or not printable";
    }
    if (envelope.type.literal && !good_text(envelope.type.text, kMaxTypeName)) {
        return "envelope: a type that is empty, too long or not printable";
    }
    envelope.payload = reader.rest();
    envelope.same_trace = (flags & kSameTrace) != 0;
    if (const Problem problem = read_sections(sections, envelope)) {
        return problem;
    }
    return envelope.same_trace && !envelope.trace.empty() ? "envelope: with two trace contexts" : nullptr;
}

void write_large(ByteBuffer &out, const Large &large) {
    const size_t size = envelope_size(large.envelope) - kRecordHeaderSize;
    uint8_t *at = start_record(out, RecordKind::large, kLargeHeaderSize + size);
    put<uint32_t>(at, large.number);
    put<uint32_t>(at, large.size);
    put<uint64_t>(at, large.after);
    put_envelope(at, large.envelope);
}

Problem read_large(Bytes body, Large &large) {
    Reader reader(body);
    large.number = reader.number<uint32_t>();
    large.size = reader.number<uint32_t>();
    large.after = reader.number<uint64_t>();
    const Bytes envelope = reader.rest();
    if (reader.failed()) {
        return "large message: cut short";
    }
    if (const Problem problem = read_envelope(envelope, large.envelope)) {
        return problem;
    }
    const Envelope &read = large.envelope;
    if (!read.target.literal || !read.type.literal || (read.has_sender && !read.sender.literal)) {
        return "large message: a name that does not stand there in full";
    }
    if (read.same_trace) {
        return "large message: a trace context that does not stand there";
    }
    return read.payload.size() <= large.size ? nullptr : "large message: a first piece above its size";
}

void write_piece(ByteBuffer &out, const Piece &piece) {
    uint8_t *at = start_record(out, RecordKind::piece, sizeof(piece.number) + piece.bytes.size());
    put<uint32_t>(at, piece.number);
    put_bytes(at, piece.bytes.data(), piece.bytes.size());
}

Problem read_piece(Bytes body, Piece &piece) {
    Reader reader(body);
    piece.number = reader.number<uint32_t>();
    piece.bytes = reader.rest();
    return reader.failed() || piece.bytes.empty() ? "piece: without a number or bytes" : nullptr;
}

void write_system(ByteBuffer &out, const System &system) {
    const size_t size =
        8 + 1 + 1 + 8 + 8 + kTraceSize + 2 + system.watchee.size() + 2 + system.watcher.size() + system.content.size();
    uint8_t *at = start_record(out, RecordKind::system, size);
    put<uint64_t>(at, system.sequence);
    put<uint8_t>(at, static_cast<uint8_t>(system.kind));
    put<uint8_t>(at, system.flags);
    put<uint64_t>(at, system.after);
    put<uint64_t>(at, system.after_large);
    if (system.trace.empty()) {
        std::memset(at, 0, kTraceSize);
        at += kTraceSize;
    } else {
        put_bytes(at, system.trace.data(), kTraceSize);
    }
    put_text(at, system.watchee);
    put_text(at, system.watcher);
    put_bytes(at, system.content.data(), system.content.size());
}

Problem read_system(Bytes body, System &system) {
    Reader reader(body);
    system.sequence = reader.number<uint64_t>();
    system.kind = static_cast<SystemKind>(reader.number<uint8_t>());
    system.flags = reader.number<uint8_t>();
    system.after = reader.number<uint64_t>();
    system.after_large = reader.number<uint64_t>();
    system.trace = reader.take(kTraceSize);
    system.watchee = reader.text();
    system.watcher = reader.text();
    system.content = reader.rest();
    const bool empty = system.kind <= SystemKind::terminated;
    if (reader.failed() || system.content.size() > (empty ? 0 : kMaxSystemContent)) {
        return "system message: of the wrong size";
    }
    if (system.sequence == 0) {
        return "system message: without a sequence number";
    }
    if (!good_text(system.watchee, kMaxPath) || !good_text(system.watcher, kMaxPath)) {
        return "system message: a path that is empty, too long or not printable";
    }
    return nullptr;
}

void write_number(ByteBuffer &out, RecordKind kind, uint64_t number) {
    uint8_t *at = start_record(out, kind, 8);
    put<uint64_t>(at, number);
}

Problem read_number(Bytes body, uint64_t &number) {
    Reader reader(body);
    number = reader.number<uint64_t>();
    return reader.failed() || !reader.at_end() ? "number: not of 8 bytes" : nullptr;
}

void write_new_tables(ByteBuffer &out, const NewTables &request) {
    uint8_t *at = start_record(out, RecordKind::new_tables, 5);
    put<uint8_t>(at, static_cast<uint8_t>(request.lane));
    put<uint32_t>(at, request.epoch);
}

Problem read_new_tables(Bytes body, NewTables &request) {
    Reader reader(body);
    const uint8_t lane = reader.number<uint8_t>();
    request.epoch = reader.number<uint32_t>();
    if (reader.failed() || !reader.at_end() || lane >= kLanes) {
        return "request for new tables: of the wrong size or for an unknown lane";
    }
    request.lane = static_cast<Lane>(lane);
    return nullptr;
}

void write_text(ByteBuffer &out, RecordKind kind, std::string_view text) {
    uint8_t *at = start_record(out, kind, text.size());
    put_bytes(at, text.data(), text.size());
}

Problem read_text(Bytes body, std::string_view &text) {
    text = Reader::as_text(body);
    return text.size() <= kMaxPath && is_printable(text) ? nullptr : "reason: too long or not printable";
}

}  // namespace motet::wire
