// ClusterSimulation runs the membership machines of some nodes over a simulated network, and checks after every
// transition what must never be violated.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/cluster/membership.h"
#include "core/simulate/network.h"
#include "core/simulate/scheduler.h"

namespace motet {

// One process. A restart is another one at the same address.
struct Life {
    uint32_t slot;
    std::unique_ptr<Membership> machine;
    bool paused = false;
    Nanos resumed_at = -1;
    std::vector<std::function<void()>> waiting;  // what reached it while paused

    // Rebuilt from nothing but its events.
    std::map<uint64_t, MemberStatus> told;
    std::set<uint64_t> told_unreachable;
    std::optional<Address> told_leader;
};

class ClusterSimulation {
  public:
    // Called before and after every input to a machine, to check; see checks.h.
    class Checker {
      public:
        virtual ~Checker() = default;
        virtual void before(const Life &life) = 0;
        virtual void after(const Life &life, const std::vector<Effect> &effects) = 0;
    };

    ClusterSimulation(uint64_t seed, uint32_t nodes, ClusterSettings settings, NetworkSettings network);

    void add_checker(Checker &checker) { checkers_.push_back(&checker); }

    Address address(uint32_t slot) const;
    void start(uint32_t slot);
    void crash(uint32_t slot);
    void pause(uint32_t slot);
    void resume(uint32_t slot);
    void leave(uint32_t slot);

    bool alive(uint32_t slot) const { return lives_[slot] != nullptr; }
    // Runs and has not ended its membership.
    bool active(uint32_t slot) const { return alive(slot) && !lives_[slot]->machine->ended(); }
    Life &life(uint32_t slot) { return *lives_[slot]; }
    const Life &life(uint32_t slot) const { return *lives_[slot]; }
    uint32_t size() const { return static_cast<uint32_t>(lives_.size()); }

    // Whether all active nodes have the same view, in which exactly they are members, Up and reachable.
    bool agreed() const;

    // For the nodes started from now on.
    ClusterSettings &settings() { return settings_; }

    // Changes what every gossip packet says while it is under way; for mutants.
    std::function<void(Gossip &)> tamper;

    Scheduler scheduler;
    SimulatedNetwork network;
    uint64_t packets = 0;

    // A hash over (time, node, effect) of the whole history.
    uint64_t history = 0;
    // The whole picture as text, for messages.
    std::string picture() const;

  private:
    using Input = std::function<void(Membership &, Now)>;
    void feed(Life &life, const Input &input);
    void carry_out(Life &life, const Effect &effect);
    void wake(uint32_t slot, uint64_t uid);
    uint32_t slot_of(const Address &address) const { return address.port - 1000u; }
    bool is(uint32_t slot, uint64_t uid) const { return alive(slot) && lives_[slot]->machine->self().uid == uid; }
    void record(uint64_t value);
    PacketBytes tampered(const PacketBytes &bytes) const;

    uint64_t seed_;
    uint64_t lives_begun_ = 0;
    ClusterSettings settings_;
    std::vector<std::unique_ptr<Life>> lives_;
    std::vector<std::unique_ptr<Life>> dead_;
    std::vector<Checker *> checkers_;
};

}  // namespace motet
