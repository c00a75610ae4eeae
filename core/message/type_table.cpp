#include "core/message/type_table.h"

#include <algorithm>

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
    {types::timer_tick, "motet.TimerTick"},
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
    {types::associated, "motet.remote.Associated"},
    {types::disassociated, "motet.remote.Disassociated"},
    {types::association_error, "motet.remote.AssociationError"},
    {types::listening, "motet.remote.Listening"},
    {types::quarantined, "motet.remote.Quarantined"},
    {types::this_system_quarantined, "motet.remote.ThisSystemQuarantined"},
    {types::remoting_shut_down, "motet.remote.ShutDown"},
};

TypeTable::TypeTable() {
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
    (*page)[static_cast<size_t>(type) % kPageSize].store(new std::string(name), std::memory_order_release);
    numbers_.emplace(std::move(name), type);
}

Result<TypeId> TypeTable::intern(std::string_view name) {
    if (name.starts_with("motet.")) {
        return Status(Code::INVALID,
                      "message type \"" + std::string(name) + "\": names that start with \"motet.\" are reserved");
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
    TypeId type = next_++;
    put(type, std::string(name));
    return type;
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
