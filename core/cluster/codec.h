// Codec: the packets by which membership machines talk, as bytes. Every packet is a MessagePack map with small numbers
// as keys; keys that are not known are skipped, so that a later version may add some.
// Knows: the layout and its limits. Must never know: what a packet means.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/status.h"
#include "core/cluster/compatibility.h"
#include "core/cluster/member.h"

namespace motet {

constexpr uint32_t kClusterProtocol = 1;
constexpr size_t kMaxPacket = 8 * 1024;

using PacketBytes = std::vector<uint8_t>;

// Joining, step 1: is there a cluster behind this seed?
struct Hello {
    uint32_t protocol = kClusterProtocol;
    std::string system;
    Id128 cluster;  // the one it belongs to already; zero: none
};

// The answer: whether this node is a member itself and could let others in.
struct Offer {
    bool member = false;
    Id128 cluster;
    std::string note;  // what differs, but does not keep the asker out
};

// Step 2: let me in.
struct Join {
    uint32_t protocol = kClusterProtocol;
    Member joiner;
    Requirements requirements;
};

struct Refusal {
    Code code = Code::REFUSED;
    std::string reason;
};

// News, and how far the sender is. The first one that reaches a joiner also welcomes it.
struct Gossip {
    Id128 cluster;
    Id128 fingerprint;
    bool welcome = false;
    uint32_t answers = 0;  // how many answers led to this one; 0: it is none itself
    std::vector<Member> members;
    std::vector<uint8_t> seen;      // empty when converged
    std::vector<uint64_t> buckets;  // present when the sender does not know why the fingerprints differ
};

// Are you alive? Asked by origin, or on its behalf.
struct Heartbeat {
    uint32_t sequence = 0;
    uint64_t origin = 0;
};

struct HeartbeatReply {
    uint32_t sequence = 0;
    uint64_t origin = 0;
    uint64_t subject = 0;  // who is alive
};

// Ask the subject for me whether it is alive.
struct ProbeRequest {
    uint32_t sequence = 0;
    uint64_t subject = 0;
};

// The last word of a node that ends.
struct Farewell {};

using Body = std::variant<Hello, Offer, Join, Refusal, Gossip, Heartbeat, HeartbeatReply, ProbeRequest, Farewell>;

struct Packet {
    uint64_t from = 0;  // uid of the sender
    uint64_t to = 0;    // uid of the receiver; 0 when the sender cannot know it yet
    Body body;
};

// Never longer than kMaxPacket: an assertion, since whoever builds a packet sizes it.
PacketBytes encode(const Packet &packet);

// Errors: MALFORMED, TOO_LARGE, VERSION_MISMATCH (a packet of a kind not known), with what is wrong.
Result<Packet> decode(std::span<const uint8_t> bytes);

// What one member takes in a Gossip; to size it.
size_t encoded_size(const Member &member);

// What a Gossip takes besides members, seen and buckets, at most.
constexpr size_t kGossipOverhead = 128;

}  // namespace motet
