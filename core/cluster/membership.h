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
// The node is no member any more: it left, or it was declared down. The machine does nothing from now on.
struct EndMembership {
    bool downed;
};
using Effect = std::variant<SendPacket, EmitEvent, WriteLog, EndMembership>;

class Membership {
  public:
    // settings have been checked.
    Membership(UniqueAddress self, ClusterSettings settings, Random random);

    // Begins to join the seeds, if there are any.
    void start(Now now);

    // from: where the transport knows the packet to come from.
    void on_packet(Now now, const Address &from, std::span<const uint8_t> bytes);
    void on_timer(Now now);

    // The transport was refused a connection for good: another system name, another protocol version.
    void on_refused(Now now, const Address &by, Code code, const std::string &reason);

    // Errors: BAD_STATE (a member already, or has ended), BAD_ADDRESS.
    Status join(Now now, const Address &address);
    // Errors: BAD_STATE (not a member), NOT_FOUND.
    Status leave(Now now, const Address &address);
    Status down(Now now, const Address &address);

    std::vector<Effect> take_effects();

    // Whether this node is no member and does not try to become one.
    bool gave_up_joining() const { return !member() && !join_.active(); }

    // When on_timer() is to be called next.
    Nanos next_deadline() const;

    // For users: what the events so far amount to.
    ClusterSnapshot snapshot() const { return events_.snapshot(); }

    // For checkers.
    const State &state() const { return state_; }
    const std::set<uint64_t> &unreachable() const { return unreachable_; }
    const Id128 &cluster() const { return cluster_; }
    const UniqueAddress &self() const { return self_; }
    bool ended() const { return ended_; }
    View view() const { return {state_, self_.uid, unreachable_, departed_}; }

    // Packets that were not acted upon, by reason.
    struct Ignored {
        uint64_t malformed = 0;
        uint64_t not_for_us = 0;    // for an earlier life at this address
        uint64_t not_a_member = 0;  // from a node that is none, or not from where that member is
        uint64_t other_cluster = 0;
    };
    const Ignored &ignored() const { return ignored_; }

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

    void step_join(Now now);
    void found_cluster(Now now);
    void admit(Now now, const Member &joiner);
    void refuse(uint64_t uid, const Address &whom, Code code, const std::string &reason);
    void tell_refused(const Address &address, Code code, const std::string &text);
    Status refusal_of(const Member &joiner, const Address &from) const;

    void judge(Now now);
    void set_accusations(Now now, std::vector<Accusation> accusations);
    void refute(Now now);
    void lead(Now now);
    bool has_lone_opinion() const;
    void resolve_split(Now now);
    void gossip(Now now);
    void tell_many(size_t most);
    void heartbeat(Now now);
    void end(bool downed);

    bool member() const { return state_.find(self_.uid) != nullptr; }
    Status change_status(Now now, const Address &address, MemberStatus status);
    std::vector<uint64_t> others(bool reachable_only) const;
    void send(const Address &to, uint64_t uid, Body body);
    void send(uint64_t uid, Body body);
    void log(LogLevel level, std::string text) { effects_.push_back(WriteLog{level, std::move(text)}); }

    UniqueAddress self_;
    ClusterSettings settings_;
    Random random_;
    State state_;
    JoinProcess join_;
    Monitor monitor_;
    StabilityWindow stability_;
    EventSource events_;

    Id128 cluster_;
    std::set<uint64_t> unreachable_;
    std::set<uint64_t> departed_;
    Id128 settled_;  // the fingerprint for which what follows from it has been worked out
    std::vector<Effect> effects_;
    Ignored ignored_;

    Nanos next_tick_ = 0;
    Nanos next_leading_ = 0;
    Nanos next_gossip_ = 0;
    Nanos next_idle_gossip_ = 0;
    Nanos next_heartbeat_ = 0;
    std::optional<Nanos> blocked_since_;  // by unreachable members, while leader
    bool started_ = false;
    bool ended_ = false;
};

}  // namespace motet
