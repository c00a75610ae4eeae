// The wire grammar: how frames and the records in them are written and read. docs/wire-protocol.md describes every
// byte. Knows: bytes and numbers. Must never know: sockets, associations, actors.
//
// What is read comes from the network: every length is checked against what is there and against a named limit, and
// what is decoded is a view into the frame.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/byte_buffer.h"

namespace motet::wire {

constexpr uint8_t kVersion = 1;        // of the protocol spoken here
constexpr uint8_t kOldestVersion = 1;  // that is still understood
constexpr size_t kHeaderSize = 40;
constexpr size_t kTraceSize = 26;
constexpr size_t kMaxTypeName = 255;
constexpr size_t kMaxPath = 2048;
constexpr size_t kMaxHops = 4096;
constexpr size_t kMaxSystemContent = 64 * 1024;
constexpr size_t kMaxHandshake = 4096;    // bytes after the header of a HELLO, WELCOME or REJECT
constexpr size_t kMaxOpenLarge = 8;       // messages that go in pieces at a time
constexpr size_t kLargeHeaderSize = 16;   // bytes of a large record before its envelope
constexpr size_t kMaxTableSize = 65'536;  // numbers in one table

enum class FrameKind : uint8_t { hello = 1, welcome = 2, reject = 3, records = 4 };
enum class Lane : uint8_t { control = 0, ordinary = 1, large = 2 };
constexpr size_t kLanes = 3;

struct FrameHeader {
    uint8_t version = kVersion;
    FrameKind kind = FrameKind::records;
    Lane lane = Lane::control;
    uint64_t from = 0;      // uid of the life that sends
    uint64_t to = 0;        // uid of the life it is meant for; 0 in a HELLO
    uint64_t sequence = 0;  // of the frames from this life to that one on this lane, from 1
    uint32_t epoch = 0;     // of the number tables of this lane

    friend bool operator==(const FrameHeader &, const FrameHeader &) = default;
};

// A frame that is not well formed is described by a static text; nullptr means that all is well.
using Problem = const char *;

// Reads the header and checks that the rest has the size it tells. A foreign version is a problem but in a handshake
// frame, whose form is the same in all versions.
Problem read_frame(Bytes frame, FrameHeader &header, Bytes &body);

// Makes room for a header at the front of an empty buffer; finish_frame writes it when the body is complete.
void begin_frame(ByteBuffer &frame);
void finish_frame(ByteBuffer &frame, const FrameHeader &header);

// Whoever does not know a kind from kMustUnderstand upward refuses the rest of the frame; below it, skips the record.
constexpr uint8_t kMustUnderstand = 0x80;
constexpr size_t kRecordHeaderSize = 5;

enum class RecordKind : uint8_t {
    heartbeat = 0x01,
    heartbeat_ack = 0x02,
    ack = 0x03,
    new_tables = 0x04,
    goodbye = 0x05,
    define_type = 0x81,
    define_target = 0x82,
    define_sender = 0x83,
    envelope = 0x84,
    system = 0x85,
    large = 0x86,
    piece = 0x87,
};

struct Record {
    uint8_t kind = 0;
    Bytes body;
};

// Goes through the records of a frame's body.
class RecordReader {
  public:
    explicit RecordReader(Bytes body) : rest_(body) {}

    // False at the end and at a problem.
    bool next(Record &record);
    Problem problem() const { return problem_; }

  private:
    Bytes rest_;
    Problem problem_ = nullptr;
};

// A name that goes by its number once it is defined, or stands there in full.
struct Name {
    bool literal = false;
    uint32_t number = 0;
    std::string_view text;

    static Name numbered(uint32_t number) { return {false, number, {}}; }
    static Name of(std::string_view text) { return {true, 0, text}; }
    friend bool operator==(const Name &, const Name &) = default;
};

struct Define {
    uint32_t number = 0;
    std::string_view text;
};

struct Envelope {
    Name target;  // a path of the receiving node, from "/"
    bool has_sender = false;
    Name sender;  // a path of the sending node, from "/", or a full path
    Name type;
    Bytes trace;                 // empty or kTraceSize bytes
    bool same_trace = false;     // that of the last envelope before it in its frame that has one; then trace is empty
    std::string_view hops;       // who passed it on, as Hops::to_text() writes them; empty for nobody
    std::string_view selection;  // the elements still to walk from the target, separated by "/"; empty for none
    Bytes payload;
};

enum class SystemKind : uint8_t {
    watch = 1,
    unwatch = 2,
    terminated = 3,
    create = 4,  // watchee: the actor, on the receiving node; watcher: who stands for it on the sending one
    order = 5,   // likewise
    report = 6,  // the other way round
};
constexpr uint8_t kExistenceConfirmed = 1;
constexpr uint8_t kAddressTerminated = 2;

struct System {
    uint64_t sequence = 0;
    SystemKind kind = SystemKind::watch;
    uint8_t flags = 0;
    uint64_t after = 0;        // terminated: the frame of the ordinary lane that comes first; 0: none
    uint64_t after_large = 0;  // terminated: the same of the large lane
    Bytes trace;               // empty or kTraceSize bytes
    std::string_view watchee;  // from "/", on whichever of the two nodes it is: that which is watched is on the
    std::string_view watcher;  // receiving node of a watch and an unwatch, on the sending one of a terminated
    Bytes content;             // what else there is to say; of the kinds up to terminated nothing
};

// The beginning of a message in pieces; names stand in its envelope in full, and the payload is the first piece.
struct Large {
    uint32_t number = 0;  // by which the other pieces name it
    uint32_t size = 0;    // of its whole payload
    uint64_t after = 0;   // the frame of the ordinary lane that comes before it
    Envelope envelope;
};

struct Piece {
    uint32_t number = 0;
    Bytes bytes;
};

struct NewTables {
    Lane lane = Lane::ordinary;
    uint32_t epoch = 0;
};

void write_define(ByteBuffer &out, RecordKind kind, const Define &define);
void write_envelope(ByteBuffer &out, const Envelope &envelope);
void write_large(ByteBuffer &out, const Large &large);
void write_piece(ByteBuffer &out, const Piece &piece);
void write_system(ByteBuffer &out, const System &system);
void write_number(ByteBuffer &out, RecordKind kind, uint64_t number);  // heartbeat, heartbeat_ack, ack
void write_new_tables(ByteBuffer &out, const NewTables &request);
void write_text(ByteBuffer &out, RecordKind kind, std::string_view text);  // goodbye: a reason

// Each reads the body of a record of its kind.
Problem read_define(Bytes body, size_t max_text, Define &define);
Problem read_envelope(Bytes body, Envelope &envelope);
Problem read_large(Bytes body, Large &large);
Problem read_piece(Bytes body, Piece &piece);
Problem read_system(Bytes body, System &system);
Problem read_number(Bytes body, uint64_t &number);
Problem read_new_tables(Bytes body, NewTables &request);
Problem read_text(Bytes body, std::string_view &text);

// The bytes a record of this envelope takes.
size_t envelope_size(const Envelope &envelope);

// Where a path or name goes literally, it must be 1 to max bytes of printable ASCII.
bool is_printable(std::string_view text);

}  // namespace motet::wire
