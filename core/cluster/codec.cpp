#include "core/cluster/codec.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <msgpack.hpp>
#include <set>

#include "core/cluster/state.h"

namespace motet {

namespace {

using Packer = msgpack::packer<msgpack::sbuffer>;

constexpr size_t kMaxReason = 512;

// Keys of a packet. The kind is the index of the body in the variant; both are frozen once released.
enum Key : uint32_t { kKind, kFrom, kTo, kFirstOfBody };
enum MemberKey : uint32_t {
    kAddress,
    kUid,
    kStatus,
    kIncarnation,
    kUpNumber,
    kRoles,
    kVersion,
    kObserved,
    kAccusations
};

void pack_bytes(Packer &packer, const void *data, size_t size) {
    packer.pack_bin(static_cast<uint32_t>(size));
    packer.pack_bin_body(static_cast<const char *>(data), static_cast<uint32_t>(size));
}

void pack_words(Packer &packer, const std::vector<uint64_t> &words) {
    std::vector<uint8_t> bytes;
    for (const uint64_t word : words) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<uint8_t>(word >> shift));
        }
    }
    pack_bytes(packer, bytes.data(), bytes.size());
}

void pack_id(Packer &packer, const Id128 &id) { pack_words(packer, {id.high, id.low}); }

void pack_member(Packer &packer, const Member &member) {
    packer.pack_map(9);
    packer.pack(uint32_t{kAddress}).pack(member.node.address.text());
    packer.pack(uint32_t{kUid}).pack(member.node.uid);
    packer.pack(uint32_t{kStatus}).pack(static_cast<uint32_t>(member.status));
    packer.pack(uint32_t{kIncarnation}).pack(member.incarnation);
    packer.pack(uint32_t{kUpNumber}).pack(member.up_number);
    packer.pack(uint32_t{kRoles}).pack(member.roles);
    packer.pack(uint32_t{kVersion}).pack(member.version);
    packer.pack(uint32_t{kObserved}).pack(member.observed);
    packer.pack(uint32_t{kAccusations}).pack_array(static_cast<uint32_t>(member.accusations.size() * 3));
    for (const Accusation &accusation : member.accusations) {
        packer.pack(accusation.subject).pack(accusation.incarnation).pack(accusation.silence_ms);
    }
}

// Writes the fields of each body under the keys from kFirstOfBody on.
struct BodyPacker {
    Packer &packer;
    uint64_t from, to;
    uint32_t kind;

    void head(uint32_t fields) {
        packer.pack_map(3 + fields);
        packer.pack(uint32_t{kKind}).pack(kind);
        packer.pack(uint32_t{kFrom}).pack(from);
        packer.pack(uint32_t{kTo}).pack(to);
    }
    Packer &field(uint32_t index) { return packer.pack(kFirstOfBody + index); }

    void operator()(const Hello &hello) {
        head(3);
        field(0).pack(hello.protocol);
        field(1).pack(hello.system);
        pack_id(field(2), hello.cluster);
    }
    void operator()(const Offer &offer) {
        head(3);
        field(0).pack(offer.member);
        pack_id(field(1), offer.cluster);
        field(2).pack(offer.note.substr(0, kMaxReason));
    }
    void operator()(const Join &join) {
        head(4);
        field(0).pack(join.protocol);
        pack_member(field(1), join.joiner);
        field(2).pack(join.requirements.enforced);
        field(3).pack_array(static_cast<uint32_t>(join.requirements.by_key.size() * 3));
        for (const auto &[key, requirement] : join.requirements.by_key) {
            packer.pack(key).pack(requirement.value).pack(requirement.enforced);
        }
    }
    void operator()(const Refusal &refusal) {
        head(2);
        field(0).pack(static_cast<int32_t>(refusal.code));
        field(1).pack(refusal.reason.substr(0, kMaxReason));
    }
    void operator()(const Gossip &gossip) {
        head(7);
        pack_id(field(0), gossip.cluster);
        pack_id(field(1), gossip.fingerprint);
        field(2).pack(gossip.welcome);
        field(3).pack(gossip.answers);
        field(4).pack_array(static_cast<uint32_t>(gossip.members.size()));
        for (const Member &member : gossip.members) {
            pack_member(packer, member);
        }
        pack_bytes(field(5), gossip.seen.data(), gossip.seen.size());
        pack_words(field(6), gossip.buckets);
    }
    void operator()(const Heartbeat &heartbeat) {
        head(2);
        field(0).pack(heartbeat.sequence);
        field(1).pack(heartbeat.origin);
    }
    void operator()(const HeartbeatReply &reply) {
        head(3);
        field(0).pack(reply.sequence);
        field(1).pack(reply.origin);
        field(2).pack(reply.subject);
    }
    void operator()(const ProbeRequest &request) {
        head(2);
        field(0).pack(request.sequence);
        field(1).pack(request.subject);
    }
    void operator()(const Farewell &) { head(0); }
};

// Reads a map field by field. The first thing that is wrong is kept; what is read after it is empty.
class MapReader {
  public:
    MapReader(const msgpack::object &object, std::string &error) : error_(error) {
        if (object.type != msgpack::type::MAP) {
            fail("is not a map");
            return;
        }
        for (uint32_t i = 0; i < object.via.map.size; ++i) {
            const msgpack::object_kv &entry = object.via.map.ptr[i];
            if (entry.key.type == msgpack::type::POSITIVE_INTEGER) {
                fields_.emplace_back(entry.key.via.u64, &entry.val);
            }
        }
    }

    uint64_t number(uint32_t key, uint64_t most, const char *name) {
        const msgpack::object *value = find(key, name);
        if (!value || value->type != msgpack::type::POSITIVE_INTEGER || value->via.u64 > most) {
            fail(std::string(name) + " is missing or not a number up to " + std::to_string(most));
            return 0;
        }
        return value->via.u64;
    }
    uint32_t number32(uint32_t key, const char *name) { return static_cast<uint32_t>(number(key, UINT32_MAX, name)); }
    uint64_t number64(uint32_t key, const char *name) { return number(key, UINT64_MAX, name); }

    int64_t negative(uint32_t key, const char *name) {
        const msgpack::object *value = find(key, name);
        if (!value || value->type != msgpack::type::NEGATIVE_INTEGER) {
            fail(std::string(name) + " is missing or not a negative number");
            return -1;
        }
        return value->via.i64;
    }
    bool boolean(uint32_t key, const char *name) {
        const msgpack::object *value = find(key, name);
        if (!value || value->type != msgpack::type::BOOLEAN) {
            fail(std::string(name) + " is missing or not a boolean");
            return false;
        }
        return value->via.boolean;
    }
    std::string text(uint32_t key, size_t most, const char *name) {
        const msgpack::object *value = find(key, name);
        return value ? text_of(*value, most, name) : std::string();
    }
    std::string text_of(const msgpack::object &value, size_t most, const char *name) {
        if (value.type != msgpack::type::STR || value.via.str.size > most) {
            fail(std::string(name) + " is not a text of at most " + std::to_string(most) + " bytes");
            return {};
        }
        return {value.via.str.ptr, value.via.str.size};
    }
    std::vector<uint8_t> bytes(uint32_t key, size_t most, const char *name) {
        const msgpack::object *value = find(key, name);
        if (!value || value->type != msgpack::type::BIN || value->via.bin.size > most) {
            fail(std::string(name) + " is missing or not at most " + std::to_string(most) + " bytes");
            return {};
        }
        const auto *begin = reinterpret_cast<const uint8_t *>(value->via.bin.ptr);
        return {begin, begin + value->via.bin.size};
    }
    std::vector<uint64_t> words(uint32_t key, size_t most, const char *name) {
        const std::vector<uint8_t> raw = bytes(key, most * 8, name);
        std::vector<uint64_t> words(raw.size() / 8);
        for (size_t i = 0; i < words.size() * 8; ++i) {
            words[i / 8] = words[i / 8] << 8 | raw[i];
        }
        return words;
    }
    Id128 id(uint32_t key, const char *name) {
        const std::vector<uint64_t> pair = words(key, 2, name);
        if (pair.size() != 2) {
            fail(std::string(name) + " is not 16 bytes");
            return {};
        }
        return {pair[0], pair[1]};
    }
    // The elements of an array; none when it is not there or has too many.
    std::pair<const msgpack::object *, const msgpack::object *> array(uint32_t key, size_t most, const char *name) {
        const msgpack::object *value = find(key, name);
        if (!value || value->type != msgpack::type::ARRAY || value->via.array.size > most) {
            fail(std::string(name) + " is missing or not an array of at most " + std::to_string(most));
            return {nullptr, nullptr};
        }
        return {value->via.array.ptr, value->via.array.ptr + value->via.array.size};
    }
    const msgpack::object *find(uint32_t key, const char *name) {
        for (const auto &[found, value] : fields_) {
            if (found == key) {
                return value;
            }
        }
        fail(std::string(name) + " is missing");
        return nullptr;
    }
    void fail(std::string what) {
        if (error_.empty()) {
            error_ = std::move(what);
        }
    }

  private:
    std::string &error_;
    std::vector<std::pair<uint64_t, const msgpack::object *>> fields_;
};

std::vector<Accusation> read_accusations(MapReader &map) {
    const auto [begin, end] = map.array(kAccusations, kMaxAccusations * 3, "accusations");
    std::vector<Accusation> accusations;
    for (const msgpack::object *at = begin; at != end; at += 3) {
        const auto is_number = [&](int index, uint64_t most) {
            return at[index].type == msgpack::type::POSITIVE_INTEGER && at[index].via.u64 <= most;
        };
        if (end - at < 3 || !is_number(0, UINT64_MAX) || !is_number(1, UINT32_MAX) || !is_number(2, kMaxSilence)) {
            map.fail("accusations are not a subject, an incarnation and a silence each");
            return {};
        }
        accusations.push_back(
            {at[0].via.u64, static_cast<uint32_t>(at[1].via.u64), static_cast<uint32_t>(at[2].via.u64)});
    }
    return accusations;
}

Member read_member(const msgpack::object &object, std::string &error) {
    MapReader map(object, error);
    Member member;
    Result<Address> address = Address::parse(map.text(kAddress, 512, "address"));
    if (address.ok()) {
        member.node.address = std::move(address.value());
    } else {
        map.fail(address.status().message());
    }
    member.node.uid = map.number64(kUid, "uid");
    if (member.node.uid == 0) {
        map.fail("uid is 0");
    }
    member.status =
        static_cast<MemberStatus>(map.number(kStatus, static_cast<uint64_t>(MemberStatus::removed), "status"));
    member.incarnation = map.number32(kIncarnation, "incarnation");
    member.up_number = map.number32(kUpNumber, "up number");
    const auto [begin, end] = map.array(kRoles, kMaxRoles, "roles");
    for (const msgpack::object *at = begin; at != end; ++at) {
        member.roles.push_back(map.text_of(*at, kMaxRoleSize, "role"));
    }
    member.version = map.text(kVersion, kMaxVersionSize, "version");
    member.observed = map.number32(kObserved, "observed");
    member.accusations = read_accusations(map);
    return member;
}

Requirements read_requirements(MapReader &map) {
    Requirements requirements;
    requirements.enforced = map.boolean(kFirstOfBody + 2, "enforced");
    const auto [begin, end] = map.array(kFirstOfBody + 3, kMaxRequirements * 3, "requirements");
    for (const msgpack::object *at = begin; at != end; at += 3) {
        if (end - at < 3 || at[2].type != msgpack::type::BOOLEAN) {
            map.fail("requirements are not a key, a value and a boolean each");
            return {};
        }
        requirements.by_key[map.text_of(at[0], kMaxRequirementKey, "key of a requirement")] = {
            map.text_of(at[1], kMaxRequirementValue, "value of a requirement"), at[2].via.boolean};
    }
    return requirements;
}

Gossip read_gossip(MapReader &map, std::string &error) {
    Gossip gossip;
    gossip.cluster = map.id(kFirstOfBody, "cluster");
    gossip.fingerprint = map.id(kFirstOfBody + 1, "fingerprint");
    gossip.welcome = map.boolean(kFirstOfBody + 2, "welcome");
    gossip.answers = map.number32(kFirstOfBody + 3, "answers");
    const auto [begin, end] = map.array(kFirstOfBody + 4, kMaxPacket / 16, "members");
    for (const msgpack::object *at = begin; at != end && error.empty(); ++at) {
        gossip.members.push_back(read_member(*at, error));
    }
    gossip.seen = map.bytes(kFirstOfBody + 5, (kMaxMembers + 7) / 8, "seen");
    gossip.buckets = map.words(kFirstOfBody + 6, kBuckets, "buckets");
    if (!gossip.buckets.empty() && gossip.buckets.size() != kBuckets) {
        map.fail("buckets are not " + std::to_string(kBuckets));
    }
    return gossip;
}

Body read_body(uint64_t kind, MapReader &map, std::string &error) {
    const uint32_t first = kFirstOfBody;
    switch (kind) {
    case 0:
        return Hello{map.number32(first, "protocol"), map.text(first + 1, kMaxSystemName, "system"),
                     map.id(first + 2, "cluster")};
    case 1:
        return Offer{map.boolean(first, "member"), map.id(first + 1, "cluster"),
                     map.text(first + 2, kMaxReason, "note")};
    case 2: {
        Join join;
        join.protocol = map.number32(first, "protocol");
        if (const msgpack::object *joiner = map.find(first + 1, "joiner")) {
            join.joiner = read_member(*joiner, error);
        }
        join.requirements = read_requirements(map);
        return join;
    }
    case 3: {
        const int64_t code = std::max<int64_t>(map.negative(first, "code"), INT32_MIN);
        return Refusal{static_cast<Code>(code), map.text(first + 1, kMaxReason, "reason")};
    }
    case 4:
        return read_gossip(map, error);
    case 5:
        return Heartbeat{map.number32(first, "sequence"), map.number64(first + 1, "origin")};
    case 6:
        return HeartbeatReply{map.number32(first, "sequence"), map.number64(first + 1, "origin"),
                              map.number64(first + 2, "subject")};
    case 7:
        return ProbeRequest{map.number32(first, "sequence"), map.number64(first + 1, "subject")};
    default:
        return Farewell{};
    }
}

}  // namespace

PacketBytes encode(const Packet &packet) {
    msgpack::sbuffer buffer;
    Packer packer(buffer);
    std::visit(BodyPacker{packer, packet.from, packet.to, static_cast<uint32_t>(packet.body.index())}, packet.body);
    if (buffer.size() > kMaxPacket) {
        std::fprintf(stderr, "motet: a membership packet of %zu bytes is above the cap of %zu\n", buffer.size(),
                     kMaxPacket);
        std::abort();
    }
    const auto *begin = reinterpret_cast<const uint8_t *>(buffer.data());
    return {begin, begin + buffer.size()};
}

size_t encoded_size(const Member &member) {
    const auto number = [](uint64_t value) -> size_t {
        return value < 128 ? 1 : value < 256 ? 2 : value < 65536 ? 3 : value <= UINT32_MAX ? 5 : 9;
    };
    const auto text = [](size_t size) { return size + (size < 32 ? 1 : size < 256 ? 2 : 3); };
    const auto array = [](size_t size) -> size_t { return size < 16 ? 1 : 3; };
    size_t size = 1 + 9 + text(member.node.address.text().size()) + number(member.node.uid) + 1 +
                  number(member.incarnation) + number(member.up_number) + array(member.roles.size()) +
                  text(member.version.size()) + number(member.observed) + array(member.accusations.size() * 3);
    for (const std::string &role : member.roles) {
        size += text(role.size());
    }
    for (const Accusation &accusation : member.accusations) {
        size += number(accusation.subject) + number(accusation.incarnation) + number(accusation.silence_ms);
    }
    return size;
}

Result<Packet> decode(std::span<const uint8_t> bytes) {
    if (bytes.size() > kMaxPacket) {
        return Status(Code::TOO_LARGE, "a membership packet of " + std::to_string(bytes.size()) +
                                           " bytes is above the cap of " + std::to_string(kMaxPacket));
    }
    msgpack::object_handle handle;
    try {
        const msgpack::unpack_limit limit(kMaxPacket, kMaxPacket, kMaxPacket, kMaxPacket, 0, 8);
        size_t offset = 0;
        handle = msgpack::unpack(reinterpret_cast<const char *>(bytes.data()), bytes.size(), offset, nullptr, nullptr,
                                 limit);
        if (offset != bytes.size()) {
            return Status(Code::MALFORMED, "a membership packet has bytes after its end");
        }
    } catch (const std::exception &) {
        return Status(Code::MALFORMED, "a membership packet is not well-formed MessagePack within the limits");
    }
    std::string error;
    MapReader map(handle.get(), error);
    const uint64_t kind = map.number64(kKind, "kind");
    if (error.empty() && kind >= std::variant_size_v<Body>) {
        return Status(Code::VERSION_MISMATCH, "a membership packet of the unknown kind " + std::to_string(kind));
    }
    Packet packet;
    packet.from = map.number64(kFrom, "from");
    packet.to = map.number64(kTo, "to");
    packet.body = read_body(kind, map, error);
    if (!error.empty()) {
        return Status(Code::MALFORMED, "a membership packet is malformed: " + error);
    }
    return packet;
}

}  // namespace motet
