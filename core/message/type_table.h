// TypeTable gives numbers to the names of message types; each system owns one.
// Knows: names. Must never know: payloads. The reserved types have the same numbers in every system.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/status.h"
#include "core/message/message.h"

namespace motet {

// The types that the engine itself sends or understands. The numbers are those of motet/message.h.
namespace types {
constexpr TypeId pre_start = 1;
constexpr TypeId post_stop = 2;
constexpr TypeId pre_restart = 3;
constexpr TypeId post_restart = 4;
constexpr TypeId terminated = 5;
constexpr TypeId poison_pill = 6;
constexpr TypeId kill = 7;
constexpr TypeId identify = 8;
constexpr TypeId actor_identity = 9;
constexpr TypeId failure = 10;
constexpr TypeId dead_letter = 11;
constexpr TypeId timer_tick = 12;  // never leaves the mailbox of its actor
constexpr TypeId mailbox_high_water = 13;
constexpr TypeId receive_timeout = 14;
constexpr TypeId stopped = 15;
constexpr TypeId cluster_state = 16;
constexpr TypeId member_joined = 17;
constexpr TypeId member_weakly_up = 18;
constexpr TypeId member_up = 19;
constexpr TypeId member_left = 20;
constexpr TypeId member_exited = 21;
constexpr TypeId member_downed = 22;
constexpr TypeId member_removed = 23;
constexpr TypeId member_unreachable = 24;
constexpr TypeId member_reachable = 25;
constexpr TypeId leader_changed = 26;
constexpr TypeId join_refused = 27;
constexpr TypeId member_preparing_for_shutdown = 28;
constexpr TypeId member_ready_for_shutdown = 29;
constexpr TypeId role_leader_changed = 30;
constexpr TypeId convergence_blocked = 31;
constexpr TypeId cluster_shutting_down = 32;
constexpr TypeId remote_child = 36;  // never leaves the mailbox of a stand-in
constexpr TypeId continuation = 37;  // never leaves the mailbox of its actor
constexpr TypeId room = 38;
constexpr TypeId remoting_error = 39;
constexpr TypeId associated = 40;
constexpr TypeId disassociated = 41;
constexpr TypeId association_error = 42;
constexpr TypeId listening = 43;
constexpr TypeId quarantined = 44;
constexpr TypeId this_system_quarantined = 45;
constexpr TypeId remoting_shut_down = 46;
constexpr TypeId router_check = 47;  // never leaves the mailbox of its router
constexpr TypeId get_routees = 48;   // from here on: what users and routers tell each other
constexpr TypeId routees = 49;
constexpr TypeId add_routee = 50;
constexpr TypeId remove_routee = 51;
constexpr TypeId adjust_pool_size = 52;
constexpr TypeId broadcast = 53;
constexpr TypeId consistent_hashable_envelope = 54;
constexpr TypeId first_user = 64;
}  // namespace types

// Whether a type is a signal: sent by the engine, and no harm when nobody handles it.
constexpr bool is_signal(TypeId type) { return type > 0 && type < types::get_routees; }

// Whether a type is news that the engine owes an actor: no full mailbox refuses or drops it, and when the actor has
// ended it is no dead letter.
constexpr bool is_owed(TypeId type) {
    return type == types::terminated || type == types::timer_tick || type == types::continuation ||
           type == types::room || type == types::remote_child;
}

// Whether users may send messages of a type, from this node or another: their own, and those that every actor or every
// router understands.
constexpr bool is_sendable(TypeId type) {
    return type >= types::first_user || (type >= types::poison_pill && type <= types::failure) ||
           type == types::stopped || (type >= types::get_routees && type <= types::consistent_hashable_envelope);
}

// Whether a name is the engine's own.
constexpr bool is_engines(std::string_view name) { return name.starts_with("motet."); }

class TypeTable {
  public:
    static constexpr size_t kMaxNameSize = 255;
    static constexpr size_t kMaxTypes = 1 << 16;  // a peer cannot make the table grow without bound

    TypeTable();
    ~TypeTable();

    // The number of a name, given now if it has none. A user's name must not start with "motet.", unless it is that of
    // a message that users may send to the engine.
    Result<TypeId> intern(std::string_view name);

    // The same without the rule on "motet.", for names that other nodes and the engine's own rooms use.
    Result<TypeId> intern_any(std::string_view name);

    // The number of a name that has one.
    std::optional<TypeId> find(std::string_view name) const;

    // The name of a number; nullptr when it is not known. Valid as long as the table. Takes no lock.
    const char *name(TypeId type) const;

  private:
    struct Empty {};
    explicit TypeTable(Empty) {}

    static constexpr size_t kPageSize = 256;
    using Page = std::array<std::atomic<const std::string *>, kPageSize>;

    void put(TypeId type, std::string name);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, TypeId> numbers_;
    std::array<std::atomic<Page *>, kMaxTypes / kPageSize> pages_{};
    TypeId next_ = types::first_user;
};

}  // namespace motet
