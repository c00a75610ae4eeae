#include "core/cluster/codec.h"

#include <gtest/gtest.h>

#include <msgpack.hpp>

#include "core/base/random.h"
#include "tests/unit/cluster/fixtures.h"

namespace motet {
namespace {

Member full_member() {
    Member member = accusing(make_member(7, MemberStatus::leaving), {1, 2, UINT64_MAX});
    member.incarnation = 3;
    member.roles = {"frontend", "backend"};
    member.version = "1.2.3";
    return member;
}

std::vector<Packet> one_of_each() {
    Gossip gossip{{1, 2}, {3, UINT64_MAX}};
    gossip.welcome = true;
    gossip.members = {full_member(), make_member(1, MemberStatus::removed)};
    gossip.seen = {0xa5, 1};
    gossip.buckets.assign(kBuckets, 0x0102030405060708u);
    return {
        {1, 0, Hello{1, "Unit", {0, 0}}},
        {1, 2, Offer{true, {5, 6}}},
        {1, 2, Join{1, full_member()}},
        {1, 2, Refusal{Code::JOIN_REFUSED, "no"}},
        {1, 2, gossip},
        {1, 2, Heartbeat{9, 1}},
        {1, 2, HeartbeatReply{9, 1, 2}},
        {1, 2, ProbeRequest{9, 3}},
        {1, 2, Farewell{}},
    };
}

TEST(Codec, EveryPacketComesBackAsItWas) {
    for (const Packet &packet : one_of_each()) {
        const PacketBytes bytes = encode(packet);
        const Result<Packet> decoded = decode(bytes);
        ASSERT_TRUE(decoded.ok()) << decoded.status().message();
        EXPECT_EQ(decoded.value().from, packet.from);
        EXPECT_EQ(decoded.value().to, packet.to);
        EXPECT_EQ(decoded.value().body.index(), packet.body.index());
        EXPECT_EQ(encode(decoded.value()), bytes);
    }
    const Packet join = decode(encode(one_of_each()[2])).value();
    EXPECT_EQ(std::get<Join>(join.body).joiner, full_member());
}

TEST(Codec, NoPacketThatWasCutShortIsTaken) {
    for (const Packet &packet : one_of_each()) {
        const PacketBytes bytes = encode(packet);
        for (size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode({bytes.data(), size}).ok());
        }
        PacketBytes longer = bytes;
        longer.push_back(0);
        EXPECT_FALSE(decode(longer).ok());
    }
}

TEST(Codec, ChangedBytesNeverDoMoreThanBeRefused) {
    Random random(1);
    const std::vector<Packet> packets = one_of_each();
    for (int i = 0; i < 20000; ++i) {
        PacketBytes bytes = encode(packets[random.below(packets.size())]);
        for (uint64_t change = 0; change <= random.below(3); ++change) {
            bytes[random.below(bytes.size())] = static_cast<uint8_t>(random.next());
        }
        const Result<Packet> decoded = decode(bytes);
        if (decoded.ok()) {
            EXPECT_TRUE(decode(encode(decoded.value())).ok());
        } else {
            EXPECT_FALSE(decoded.status().message().empty());
        }
    }
}

TEST(Codec, UnknownKeysAreSkippedAndMissingOnesNamed) {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer(buffer);
    packer.pack_map(6);
    packer.pack(0).pack(5).pack(1).pack(11).pack(2).pack(12).pack(3).pack(4).pack(4).pack(5);
    packer.pack(77).pack("from a later version");
    const auto *data = reinterpret_cast<const uint8_t *>(buffer.data());
    const Result<Packet> decoded = decode({data, buffer.size()});
    ASSERT_TRUE(decoded.ok()) << decoded.status().message();
    EXPECT_EQ(std::get<Heartbeat>(decoded.value().body).sequence, 4u);

    msgpack::sbuffer poor;
    msgpack::packer<msgpack::sbuffer>(poor).pack_map(1).pack(0).pack(5);
    const Result<Packet> refused = decode({reinterpret_cast<const uint8_t *>(poor.data()), poor.size()});
    EXPECT_EQ(refused.status().code(), Code::MALFORMED);
    EXPECT_NE(refused.status().message().find("from is missing"), std::string::npos) << refused.status().message();
}

TEST(Codec, AKindOfALaterVersionIsNamed) {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer>(buffer).pack_map(1).pack(0).pack(200);
    const Result<Packet> refused = decode({reinterpret_cast<const uint8_t *>(buffer.data()), buffer.size()});
    EXPECT_EQ(refused.status().code(), Code::VERSION_MISMATCH);
    EXPECT_NE(refused.status().message().find("200"), std::string::npos);
}

TEST(Codec, NothingAboveTheCapIsTaken) {
    const PacketBytes huge(kMaxPacket + 1, 0xc0);
    EXPECT_EQ(decode(huge).status().code(), Code::TOO_LARGE);
}

TEST(Codec, TheLargestMemberFitsIntoAPacketOfAnyKind) {
    Member member = make_member(UINT64_MAX);
    member.node.address = Address::tcp(std::string(kMaxSystemName, 's'), std::string(kMaxHost, 'h'), 65535);
    member.incarnation = member.up_number = member.observed = UINT32_MAX;
    member.roles.assign(kMaxRoles, std::string(kMaxRoleSize, 'r'));
    member.version = std::string(kMaxVersionSize, 'v');
    member.accusations.assign(kMaxAccusations, {UINT64_MAX, UINT32_MAX, kMaxSilence});
    EXPECT_LE(encoded_size(member) + kGossipOverhead + kBuckets * 8 + (kMaxMembers + 7) / 8, kMaxPacket);
}

TEST(CodecDeathTest, TheEncoderRefusesToExceedTheCap) {
    Gossip gossip;
    gossip.members.assign(200, full_member());
    EXPECT_DEATH(encode({1, 2, gossip}), "above the cap");
}

TEST(Codec, KnowsTheSizeOfAMemberWithoutEncodingIt) {
    const size_t empty = encode({1, 2, Gossip{}}).size();
    for (const size_t many : {0u, 1u, 7u, 8u, 40u, 200u, 300u}) {
        Member member = make_member(many + 1);
        member.node.uid = many % 2 == 0 ? UINT64_MAX : 70000;
        member.incarnation = static_cast<uint32_t>(many * 1000);
        member.version = std::string(std::min<size_t>(many, kMaxVersionSize), 'v');
        for (size_t i = 0; i < std::min<size_t>(many, kMaxRoles); ++i) {
            member.roles.push_back(std::string(1 + i * 2, 'r'));
        }
        for (size_t i = 0; i < std::min<size_t>(many, kMaxAccusations); ++i) {
            member.accusations.push_back({i * i * i, static_cast<uint32_t>(i)});
        }
        Gossip gossip;
        gossip.members.push_back(member);
        EXPECT_EQ(encode({1, 2, gossip}).size() - empty, encoded_size(member)) << many;
    }
}

}  // namespace
}  // namespace motet
