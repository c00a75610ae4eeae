// The three frames of the handshake: HELLO, WELCOME and REJECT, as MessagePack maps whose unknown keys are skipped.
// Knows: what nodes tell each other first. Must never know: sockets, what is decided on it.
#pragma once

#include <optional>
#include <string>

#include "core/message/address.h"
#include "core/message/wire.h"

namespace motet::wire {

// What the sender of a HELLO says of itself, and whom it takes the receiver for.
struct Hello {
    UniqueAddress from;
    Address to;
    uint8_t oldest_version = kOldestVersion;
    uint8_t version = kVersion;
    std::string cookie;
};

struct Welcome {
    UniqueAddress from;
    Address called;              // as in the HELLO that it answers
    uint8_t version = kVersion;  // the one to speak
};

enum class RejectCode : uint8_t {
    wrong_address = 1,   // the receiver has another address than it was called by
    wrong_version = 2,   // the ranges of protocol versions do not overlap
    wrong_cookie = 3,    // the cookies differ
    quarantined = 4,     // this life of the sender is quarantined
    no_handshake = 5,    // records came from a life that is not known, or for one that is past: shake hands again
    no_new_peers = 6,    // the receiver takes no new peers
    wrong_identity = 7,  // the sender has not proved to be the node at its address
    unknown = 255,       // a code of a later version
};

struct Reject {
    UniqueAddress from;
    std::optional<Address> called;  // as in the HELLO that it answers, if it answers one
    RejectCode code = RejectCode::unknown;
    std::string reason;  // a sentence that names the values
};

// Each writes a whole frame. to: the uid of the receiver, 0 where it is not known.
ByteBuffer write_hello(const Hello &hello, Lane lane);
ByteBuffer write_welcome(const Welcome &welcome, Lane lane, uint64_t to);
ByteBuffer write_reject(const Reject &reject, Lane lane, uint64_t to);

// Each reads the body of its frame. Errors: MALFORMED, with what is wrong.
Result<Hello> read_hello(const FrameHeader &header, Bytes body);
Result<Welcome> read_welcome(const FrameHeader &header, Bytes body);
Result<Reject> read_reject(const FrameHeader &header, Bytes body);

}  // namespace motet::wire
