#include "core/cluster/event_body.h"

#include <msgpack.hpp>

#include "core/message/type_table.h"

namespace motet {

namespace {

using Packer = msgpack::packer<msgpack::sbuffer>;
using Kind = ClusterEvent::Kind;

void pack_address(Packer &packer, const std::optional<Address> &address) {
    if (address) {
        packer.pack(address->text());
    } else {
        packer.pack_nil();
    }
}

void pack_member(Packer &packer, const Member &member, std::optional<MemberStatus> previous) {
    packer.pack_map(7);
    packer.pack("address").pack(member.node.address.text());
    packer.pack("uid").pack(member.node.uid);
    packer.pack("status").pack(status_name(member.status));
    packer.pack("previous_status");
    if (previous) {
        packer.pack(status_name(*previous));
    } else {
        packer.pack_nil();
    }
    packer.pack("roles").pack(member.roles);
    packer.pack("up_number").pack(member.up_number);
    packer.pack("version").pack(member.version);
}

ByteVector bytes_of(const msgpack::sbuffer &buffer) {
    const auto *begin = reinterpret_cast<const uint8_t *>(buffer.data());
    return {begin, begin + buffer.size()};
}

}  // namespace

TypeId type_of(Kind kind) {
    static_assert(types::member_joined + static_cast<int>(Kind::member_removed) == types::member_removed);
    static_assert(types::member_joined + static_cast<int>(Kind::join_refused) == types::join_refused);
    static_assert(types::member_joined + static_cast<int>(Kind::shutting_down) == types::cluster_shutting_down);
    return types::member_joined + static_cast<TypeId>(kind);
}

ByteVector encode_event(const ClusterEvent &event) {
    msgpack::sbuffer buffer;
    Packer packer(buffer);
    if (event.kind == Kind::leader_changed) {
        packer.pack_map(1).pack("leader");
        pack_address(packer, event.address);
    } else if (event.kind == Kind::join_refused) {
        packer.pack_map(3).pack("address");
        pack_address(packer, event.address);
        packer.pack("code").pack(static_cast<int32_t>(event.code));
        packer.pack("error").pack(event.error);
    } else if (event.kind == Kind::role_leader_changed) {
        packer.pack_map(2).pack("role").pack(event.role).pack("leader");
        pack_address(packer, event.address);
    } else if (event.kind == Kind::convergence_blocked) {
        packer.pack_map(1).pack("members").pack_array(static_cast<uint32_t>(event.blockers.size()));
        for (const Address &blocker : event.blockers) {
            packer.pack(blocker.text());
        }
    } else if (event.kind == Kind::shutting_down) {
        packer.pack_map(1).pack("downed").pack(event.downed);
    } else {
        pack_member(packer, event.member, event.previous);
    }
    return bytes_of(buffer);
}

ByteVector encode_state(const ClusterSnapshot &snapshot) {
    msgpack::sbuffer buffer;
    Packer packer(buffer);
    packer.pack_map(4);
    packer.pack("members").pack_array(static_cast<uint32_t>(snapshot.members.size()));
    for (const Member &member : snapshot.members) {
        pack_member(packer, member, std::nullopt);
    }
    packer.pack("unreachable").pack_array(static_cast<uint32_t>(snapshot.unreachable.size()));
    for (const Member &member : snapshot.members) {
        if (snapshot.unreachable.count(member.uid()) != 0) {
            packer.pack(member.node.address.text());
        }
    }
    packer.pack("leader");
    pack_address(packer, snapshot.leader);
    packer.pack("role_leaders").pack_map(static_cast<uint32_t>(snapshot.role_leaders.size()));
    for (const auto &[role, leader] : snapshot.role_leaders) {
        packer.pack(role).pack(leader.text());
    }
    return bytes_of(buffer);
}

}  // namespace motet
