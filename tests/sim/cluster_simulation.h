// ClusterSimulation runs the membership machines of some nodes over a simulated network, and has checkers look at every
// transition.
// Knows: how a machine is driven, and what can happen to a process. Must never know: what is right.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/cluster/membership.h"
#include "core/simulate/network.h"
#include "core/simulate/scheduler.h"

namespace motet {

// The clock of one process: it starts anywhere, and may go faster or slower than true time.
class LocalClock {
  public:
    LocalClock(Nanos start, Nanos now) : base_(start), since_(now) {}

    Nanos local(Nanos now) const { return base_ + static_cast<Nanos>(static_cast<double>(now - since_) * rate_); }
    // The first moment at which it shows that time or a later one.
    Nanos true_time(Nanos local) const;
    void set_rate(double rate, Nanos now);

  private:
    Nanos base_;
    Nanos since_;
    double rate_ = 1;
};

// One process. A restart is another one at the same address.
struct Life {
    uint32_t slot;
    std::unique_ptr<Membership> machine;
    LocalClock clock;
    Nanos begun = 0;
    bool paused = false;
    Nanos paused_at = -1;
    Nanos resumed_at = -1;
    Nanos lag = 0;                               // everything that reaches it is handled so much later
    Nanos wake_at = INT64_MAX;                   // for when a call of its timer is planned
    std::vector<std::function<void()>> waiting;  // what reached it while paused

    // Rebuilt from nothing but its events.
    std::map<uint64_t, MemberStatus> told;
    std::set<uint64_t> told_unreachable;
    std::optional<Address> told_leader;
};

class ClusterSimulation {
  public:
    // Called before and after every input to a machine, to check; see invariants.h.
    class Checker {
      public:
        virtual ~Checker() = default;
        virtual void before(const Life &life, bool timer) = 0;
        virtual void after(const Life &life, const std::vector<Effect> &effects) = 0;
    };

    ClusterSimulation(uint64_t seed, uint32_t nodes, ClusterSettings settings, NetworkSettings network);

    void add_checker(Checker &checker) { checkers_.push_back(&checker); }

    Address address(uint32_t slot) const;
    // Begins a new life where none is active. uid: 0 for a new one; that of a life before is a mutant.
    void start(uint32_t slot, uint64_t uid = 0);
    void crash(uint32_t slot);
    void pause(uint32_t slot);
    void resume(uint32_t slot);
    void leave(uint32_t slot) { command(slot, slot, &Membership::leave); }
    // The node by declares another one down.
    void down(uint32_t slot, uint32_t by) { command(slot, by, &Membership::down); }
    void set_lag(uint32_t slot, Nanos lag);
    void set_clock_rate(uint32_t slot, double rate);

    bool alive(uint32_t slot) const { return lives_[slot] != nullptr; }
    // Runs and has not ended its membership.
    bool active(uint32_t slot) const { return alive(slot) && !lives_[slot]->machine->ended(); }
    Life &life(uint32_t slot) { return *lives_[slot]; }
    const Life &life(uint32_t slot) const { return *lives_[slot]; }
    uint32_t size() const { return static_cast<uint32_t>(lives_.size()); }
    uint32_t slot_of(const Address &address) const { return address.port - 1000u; }

    // Whether all active nodes have the same view, in which exactly they are members, Up and reachable.
    bool agreed() const;

    // For the nodes started from now on.
    ClusterSettings &settings() { return settings_; }

    // For mutants: changes what every gossip packet says while it is under way; has events get lost.
    std::function<void(Gossip &)> tamper;
    std::function<bool(const ClusterEvent &)> swallow;
    // Called for every event that a node tells.
    std::function<void(const Life &, const ClusterEvent &)> on_event;

    Scheduler scheduler;
    SimulatedNetwork network;
    uint64_t packets = 0;
    uint64_t bytes_sent = 0;

    // A hash over (time, node, effect) of the whole history.
    uint64_t history = 0;
    // The whole picture as text, for messages.
    std::string picture() const;

  private:
    using Input = std::function<void(Membership &, Now)>;
    void command(uint32_t slot, uint32_t by, Status (Membership::*what)(Now, const Address &));
    void feed(Life &life, const Input &input, bool timer = false);
    // As soon as a process is not stopped; it may be another life by then, or none.
    void reach(uint32_t slot, uint64_t uid, const Input &input);
    void carry_out(Life &life, const Effect &effect);
    void note(Life &life, const ClusterEvent &event);
    void transmit(Life &life, const SendPacket &packet);
    void plan_wake(Life &life);
    void wake(uint32_t slot, uint64_t uid);
    bool is(uint32_t slot, uint64_t uid) const { return alive(slot) && lives_[slot]->machine->self().uid == uid; }
    void record(uint64_t value);
    PacketBytes tampered(const PacketBytes &bytes) const;

    uint64_t seed_;
    uint64_t lives_begun_ = 0;
    ClusterSettings settings_;
    std::vector<std::unique_ptr<Life>> lives_;
    std::vector<Checker *> checkers_;
};

}  // namespace motet
