#include "core/message/type_table.h"

#include <algorithm>

#include "core/message/codec.h"

namespace motet {

static constexpr struct {
    TypeId type;
    const char *name;
} kReserved[] = {
    {types::pre_start, "motet.PreStart"},
    {types::post_stop, "motet.PostStop"},
    {types::pre_restart, "motet.PreRestart"},
    {types::post_restart, "motet.PostRestart"},
    {types::terminated, "motet.Terminated"},
    {types::poison_pill, "motet.PoisonPill"},
    {types::kill, "motet.Kill"},
    {types::identify, "motet.Identify"},
    {types::actor_identity, "motet.ActorIdentity"},
    {types::failure, "motet.Failure"},
    {types::dead_letter, "motet.DeadLetter"},
    {types::mailbox_high_water, "motet.MailboxHighWater"},
    {types::timer_tick, "motet.TimerTick"},
    {types::receive_timeout, "motet.ReceiveTimeout"},
    {types::stopped, "motet.Stopped"},
    {types::remote_child, "motet.RemoteChild"},
    {types::room, "motet.Room"},
    {types::continuation, "motet.Continuation"},
    {types::cluster_state, "motet.cluster.State"},
    {types::member_joined, "motet.cluster.MemberJoined"},
    {types::member_weakly_up, "motet.cluster.MemberWeaklyUp"},
    {types::member_up, "motet.cluster.MemberUp"},
    {types::member_left, "motet.cluster.MemberLeft"},
    {types::member_exited, "motet.cluster.MemberExited"},
    {types::member_downed, "motet.cluster.MemberDowned"},
    {types::member_removed, "motet.cluster.MemberRemoved"},
    {types::member_unreachable, "motet.cluster.MemberUnreachable"},
    {types::member_reachable, "motet.cluster.MemberReachable"},
    {types::leader_changed, "motet.cluster.LeaderChanged"},
    {types::join_refused, "motet.cluster.JoinRefused"},
    {types::member_preparing_for_shutdown, "motet.cluster.MemberPreparingForShutdown"},
    {types::member_ready_for_shutdown, "motet.cluster.MemberReadyForShutdown"},
    {types::role_leader_changed, "motet.cluster.RoleLeaderChanged"},
    {types::convergence_blocked, "motet.cluster.ConvergenceBlocked"},
    {types::cluster_shutting_down, "motet.cluster.ShuttingDown"},
    {types::remoting_error, "motet.remote.Error"},
    {types::associated, "motet.remote.Associated"},
    {types::disassociated, "motet.remote.Disassociated"},
    {types::association_error, "motet.remote.AssociationError"},
    {types::listening, "motet.remote.Listening"},
    {types::quarantined, "motet.remote.Quarantined"},
    {types::this_system_quarantined, "motet.remote.ThisSystemQuarantined"},
    {types::remoting_shut_down, "motet.remote.ShutDown"},
    {types::router_check, "motet.RouterCheck"},
    {types::get_routees, "motet.GetRoutees"},
    {types::routees, "motet.Routees"},
    {types::add_routee, "motet.AddRoutee"},
    {types::remove_routee, "motet.RemoveRoutee"},
    {types::adjust_pool_size, "motet.AdjustPoolSize"},
    {types::broadcast, "motet.Broadcast"},
    {types::consistent_hashable_envelope, "motet.ConsistentHashableEnvelope"},
};

// What was put in is let go of also when the rest cannot be.
TypeTable::TypeTable() : TypeTable(Empty()) {
    for (const auto &reserved : kReserved) {
        put(reserved.type, reserved.name);
    }
}

TypeTable::~TypeTable() {
    for (auto &slot : pages_) {
        Page *page = slot.load();
        if (!page) {
            continue;
        }
        for (auto &name : *page) {
            delete name.load();
        }
        delete page;
    }
}

void TypeTable::put(TypeId type, std::string name) {
    auto &slot = pages_[static_cast<size_t>(type) / kPageSize];
    Page *page = slot.load(std::memory_order_relaxed);
    if (!page) {
        page = new Page{};
        slot.store(page, std::memory_order_release);
    }
    auto kept = std::make_unique<const std::string>(name);
    numbers_.emplace(std::move(name), type);
    (*page)[static_cast<size_t>(type) % kPageSize].store(kept.release(), std::memory_order_release);
}

Result<TypeId> TypeTable::intern(std::string_view name) {
    if (is_engines(name)) {
        for (const auto &reserved : kReserved) {
            if (name == reserved.name && is_sendable(reserved.type)) {
                return reserved.type;
            }
        }
        return Status(Code::INVALID,
                      "message type \"" + std::string(name) + "\": names that start with \"motet.\" are reserved");
    }
    if (!name.empty() && !names_codec_well(name)) {
        return Status(Code::INVALID,
                      "message type \"" + std::string(name.substr(0, 64)) +
                          "\": what stands behind a '+' is a codec's name, of lower-case letters, digits, "
                          "'.', '-' and '_'");
    }
    return intern_any(name);
}

Result<TypeId> TypeTable::intern_any(std::string_view name) {
    bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (name.empty() || name.size() > kMaxNameSize || !printable) {
        return Status(Code::INVALID, "message type \"" + std::string(name.substr(0, 64)) +
                                         "\": a name has 1 to 255 bytes of printable ASCII without spaces");
    }
    std::lock_guard lock(mutex_);
    auto known = numbers_.find(std::string(name));
    if (known != numbers_.end()) {
        return known->second;
    }
    if (static_cast<size_t>(next_) >= kMaxTypes) {
        return Status(Code::TOO_LARGE,
                      "message type \"" + std::string(name) + "\": the system knows 65536 types already");
    }
    put(next_, std::string(name));
    return next_++;
}

std::optional<TypeId> TypeTable::find(std::string_view name) const {
    std::lock_guard lock(mutex_);
    auto known = numbers_.find(std::string(name));
    return known == numbers_.end() ? std::nullopt : std::optional(known->second);
}

const char *TypeTable::name(TypeId type) const {
    if (type <= 0 || static_cast<size_t>(type) >= kMaxTypes) {
        return nullptr;
    }
    const Page *page = pages_[static_cast<size_t>(type) / kPageSize].load(std::memory_order_acquire);
    const std::string *name =
        page ? (*page)[static_cast<size_t>(type) % kPageSize].load(std::memory_order_acquire) : nullptr;
    return name ? name->c_str() : nullptr;
}

}  // namespace motet
