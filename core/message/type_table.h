// TypeTable gives numbers to the names of message types; each system owns one.
// Knows: names. Must never know: payloads. The reserved types have the same numbers in every system.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
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
constexpr TypeId associated = 40;
constexpr TypeId disassociated = 41;
constexpr TypeId association_error = 42;
constexpr TypeId listening = 43;
constexpr TypeId quarantined = 44;
constexpr TypeId this_system_quarantined = 45;
constexpr TypeId remoting_shut_down = 46;
constexpr TypeId first_user = 64;
}  // namespace types

// Whether a type is a signal: sent by the engine, and no harm when nobody handles it.
constexpr bool is_signal(TypeId type) { return type > 0 && type < types::first_user; }

class TypeTable {
  public:
    static constexpr size_t kMaxNameSize = 255;
    static constexpr size_t kMaxTypes = 1 << 16;  // a peer cannot make the table grow without bound

    TypeTable();
    ~TypeTable();

    // The number of a name, given now if it has none. A user's name must not start with "motet.".
    Result<TypeId> intern(std::string_view name);

    // The same without the rule on "motet.", for names that other nodes and the engine's own rooms use.
    Result<TypeId> intern_any(std::string_view name);

    // The name of a number; nullptr when it is not known. Valid as long as the table. Takes no lock.
    const char *name(TypeId type) const;

  private:
    static constexpr size_t kPageSize = 256;
    using Page = std::array<std::atomic<const std::string *>, kPageSize>;

    void put(TypeId type, std::string name);

    std::mutex mutex_;
    std::unordered_map<std::string, TypeId> numbers_;
    std::array<std::atomic<Page *>, kMaxTypes / kPageSize> pages_{};
    TypeId next_ = types::first_user;
};

}  // namespace motet
