// Membership is one node's part in the cluster, as a pure machine: packets, timers, commands go in, effects come out.
// Knows: the protocol. Must never know: threads, clocks, sockets, actors; randomness is given to it.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/cluster/codec.h"
#include "core/cluster/events.h"
#include "core/cluster/flap_damping.h"
#include "core/cluster/ignored.h"
#include "core/cluster/resolver.h"
#include "core/cluster/settings.h"

namespace motet {

// What the driver has to do, in this order.
struct SendPacket {
    Address to;
    PacketBytes bytes;
};
struct EmitEvent {
    ClusterEvent event;
};
struct WriteLog {
    LogLevel level;
    std::string text;
};
// Ask the discovery; its answer goes to discovered().
struct LookUp {};
// Ask for the lease, or give it back; the answer to the former is on_lease().
struct AcquireLease {};
struct ReleaseLease {};
// The node is Exiting. It stays a member until confirm_exit() says that what it had to do as one is done.
struct BeginExit {};
// The time allowed for joining has passed, or the configuration of this node fits to no cluster that it could join.
struct GiveUpJoining {
    bool incompatible;
};
// The node is no member any more: it left, or it was declared down. The machine does nothing from now on.
struct EndMembership {
    bool downed;
};
using Effect = std::variant<SendPacket, EmitEvent, WriteLog, LookUp, AcquireLease, ReleaseLease, BeginExit,
                            GiveUpJoining, EndMembership>;

class Membership {
  public:
    // settings have been checked.
    Membership(UniqueAddress self, ClusterSettings settings, Random random);

    // Begins to join the seeds, if there are any.
    void start(Now now);

    // from: where the transport knows the packet to come from.
    void on_packet(Now now, const Address &from, std::span<const uint8_t> bytes);
    void on_timer(Now now);

    // Whether this node holds the lease now, after AcquireLease.
    void on_lease(Now now, bool granted);

    // The transport was refused a connection for good: another system name, another protocol version.
    void on_refused(Now now, const Address &by, Code code, const std::string &reason);

    // Begins to join through seeds, as start() does. Errors: BAD_STATE (a member already, or has ended), BAD_ADDRESS
    // (none, or not of this system).
    Status join(Now now, const std::vector<Address> &seeds);
    Status join(Now now, const Address &address) { return join(now, std::vector<Address>{address}); }
    // What the discovery has found; this node under its own address, if it is among them.
    void discovered(Now now, std::vector<Address> addresses);

    // Errors: BAD_STATE (not a member), NOT_FOUND.
    Status leave(Now now, const Address &address);
    Status down(Now now, const Address &address);
    // All members that are Up prepare for the end of the whole cluster. Errors: BAD_STATE.
    Status prepare_for_shutdown(Now now);

    // This node has nothing more to do as a member: its membership ends when it is Exiting, which may be now.
    void confirm_exit();

    std::vector<Effect> take_effects();

    // Whether this node is no member and does not try to become one.
    bool gave_up_joining() const { return !member() && !join_.active(); }

    // When on_timer() is to be called next.
    Nanos next_deadline() const;

    // For users: what the events so far amount to.
    ClusterSnapshot snapshot() const;

    // How strongly this node suspects one that it observes; 0 for others.
    double phi(uint64_t uid, Now now) const { return monitor_.phi(uid, now.mono); }

    // For checkers.
    const State &state() const { return state_; }
    const std::set<uint64_t> &unreachable() const { return unreachable_; }
    const Id128 &cluster() const { return cluster_; }
    const UniqueAddress &self() const { return self_; }
    bool ended() const { return ended_; }
    const ClusterSettings &settings() const { return settings_; }
    View view() const { return {state_, self_.uid, unreachable_, departed_}; }

    const IgnoredPackets &ignored() const { return ignored_; }

  private:
    void enter(Now now);
    void settle(Now now);

    void handle(Now now, const Packet &packet, const Address &from);
    void on(Now now, const Packet &packet, const Address &from, const Hello &hello);
    void on(Now now, const Packet &packet, const Address &from, const Offer &offer);
    void on(Now now, const Packet &packet, const Address &from, const Join &join);
    void on(Now now, const Packet &packet, const Address &from, const Refusal &refusal);
    void on(Now now, const Packet &packet, const Address &from, const Gossip &gossip);
    void on(Now now, const Packet &packet, const Address &from, const Heartbeat &heartbeat);
    void on(Now now, const Packet &packet, const Address &from, const HeartbeatReply &reply);
    void on(Now now, const Packet &packet, const Address &from, const ProbeRequest &request);
    void on(Now now, const Packet &packet, const Address &from, const Farewell &farewell);

    void ignore(Now now, IgnoredPackets::Reason reason, const Address &from, const std::string &what);
    void name_implausible(Now now, const Address &from, const Gossip &gossip);

    void step_join(Now now);
    void found_cluster(Now now);
    void admit(Now now, const Member &joiner);
    void refuse(uint64_t uid, const Address &whom, Code code, const std::string &reason);
    void tell_refused(const Address &address, Code code, const std::string &text);
    Status refusal_of(const Member &joiner, const Address &from) const;

    std::set<uint64_t> hold_back(Now now, std::set<uint64_t> unreachable);
    std::set<uint64_t> damp(Now now);
    void judge(Now now);
    void set_accusations(Now now, std::vector<Accusation> accusations);
    void refute(Now now);
    void lead(Now now);
    void resolve_split(Now now, SplitBrainResolver::Step step);
    void gossip(Now now);
    void tell_many(size_t most);
    void tell_unreachable();
    void seek(Now now);
    void heartbeat(Now now);
    void end(bool downed);

    bool member() const { return state_.find(self_.uid) != nullptr; }
    Status change_status(Now now, const Address &address, MemberStatus status);
    bool is_target(uint64_t uid) const;  // of gossip
    std::vector<uint64_t> others() const;
    void send(const Address &to, uint64_t uid, Body body);
    void send(uint64_t uid, Body body);
    void log(LogLevel level, std::string text) { effects_.emplace_back(WriteLog{level, std::move(text)}); }

    UniqueAddress self_;
    ClusterSettings settings_;
    Random random_;
    State state_;
    JoinProcess join_;
    Monitor monitor_;
    SplitBrainResolver resolver_;
    FlapDamping damping_;
    EventSource events_;
    ConvergenceWatch convergence_watch_;

    Id128 cluster_;
    std::set<uint64_t> unreachable_;
    std::optional<Nanos> held_since_;  // somebody is unreachable and not told to be so yet
    std::set<uint64_t> departed_;
    Id128 settled_;  // the fingerprint for which what follows from it has been worked out
    std::vector<Effect> effects_;
    IgnoredPackets ignored_;

    // Differences are repaired at a limited rate, each costs several full packets: asked for once an interval of
    // gossip, told to a few.
    static constexpr size_t kMostDifferencesTold = 4;
    Nanos next_asking_ = 0;
    size_t differences_told_ = 0;

    Nanos next_tick_ = 0;
    Nanos next_leading_ = 0;
    Nanos next_gossip_ = 0;
    Nanos next_idle_gossip_ = 0;
    Nanos next_heartbeat_ = 0;
    Nanos next_seeking_ = 0;
    std::optional<Nanos> blocked_since_;  // by unreachable members, while leader
    bool started_ = false;
    bool exiting_ = false;  // and has said so
    bool exit_confirmed_ = false;
    bool ended_ = false;
};

}  // namespace motet
