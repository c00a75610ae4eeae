// Frames and every record in them. What was read is written again, and must then read the same.
#include <cstring>
#include <string>

#include "core/message/wire.h"
#include "core/message/wire_text.h"
#include "tests/fuzz/fuzz.h"

namespace motet {
namespace {

using fuzz::require;
using namespace wire;

Bytes body_of(const ByteBuffer &record) { return record.view().subspan(kRecordHeaderSize); }

bool same_bytes(Bytes left, Bytes right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin());
}

void envelope(Bytes body) {
    wire::Envelope read;
    if (read_envelope(body, read) != nullptr) {
        return;
    }
    ByteBuffer out;
    write_envelope(out, read);
    require(out.size() == envelope_size(read), "an envelope has the size that it is said to have");
    wire::Envelope again;
    require(read_envelope(body_of(out), again) == nullptr, "an envelope that was written can be read");
    require(again.target == read.target && again.type == read.type && again.has_sender == read.has_sender &&
                (!read.has_sender || again.sender == read.sender) && again.selection == read.selection &&
                again.hops == read.hops && same_bytes(again.trace, read.trace) && again.same_trace == read.same_trace &&
                same_bytes(again.payload, read.payload),
            "an envelope comes back as it was");
}

void system(Bytes body) {
    System read;
    if (read_system(body, read) != nullptr) {
        return;
    }
    ByteBuffer out;
    write_system(out, read);
    require(same_bytes(body_of(out), body), "a system message comes back as it was");
}

void large(Bytes body) {
    Large read;
    if (read_large(body, read) != nullptr) {
        return;
    }
    ByteBuffer out;
    write_large(out, read);
    Large again;
    require(read_large(body_of(out), again) == nullptr && again.number == read.number && again.size == read.size &&
                again.after == read.after && same_bytes(again.envelope.payload, read.envelope.payload),
            "a large message comes back as it was");
}

void any_record(Bytes body) {
    Define define;
    NewTables request;
    uint64_t number = 0;
    std::string_view text;
    envelope(body);
    system(body);
    large(body);
    if (Piece piece; read_piece(body, piece) == nullptr) {
        require(!piece.bytes.empty() && piece.bytes.size() < body.size(), "a piece stands within the bytes");
    }
    for (const size_t most : {kMaxTypeName, kMaxPath}) {
        if (read_define(body, most, define) == nullptr) {
            require(define.number < kMaxTableSize && !define.text.empty() && define.text.size() <= most,
                    "a definition is within its limits");
        }
    }
    if (read_number(body, number) == nullptr) {
        require(body.size() == sizeof(number), "a number has 8 bytes");
    }
    if (read_new_tables(body, request) == nullptr) {
        require(static_cast<size_t>(request.lane) < kLanes, "new tables are for a lane that there is");
    }
    if (read_text(body, text) == nullptr) {
        require(text.size() <= kMaxPath && is_printable(text), "a reason can be printed");
    }
}

void frame(Bytes bytes) {
    FrameHeader header;
    Bytes body;
    if (read_frame(bytes, header, body) != nullptr) {
        return;
    }
    require(body.size() + kHeaderSize == bytes.size(), "a frame is a header and its body");
    RecordReader reader(body);
    size_t size = 0;
    for (Record record; reader.next(record);) {
        size += kRecordHeaderSize + record.body.size();
        any_record(record.body);
    }
    require(size == body.size() || reader.problem() != nullptr, "records fill a frame, or one is cut short");
}

}  // namespace
}  // namespace motet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    motet::frame({data, size});
    motet::fuzz::require(!motet::wire::describe({data, size}).empty(), "there is something to say of a frame");
    motet::any_record({data, size});
    if (size >= motet::wire::kHeaderSize) {  // with a size that fits, so that the records are reached
        std::string mended(motet::fuzz::as_text(data, size));
        const auto rest = static_cast<uint32_t>(size - motet::wire::kHeaderSize);
        std::memcpy(mended.data() + motet::wire::kHeaderSize - sizeof(rest), &rest, sizeof(rest));
        motet::frame({reinterpret_cast<const uint8_t *>(mended.data()), size});
    }
    return 0;
}
