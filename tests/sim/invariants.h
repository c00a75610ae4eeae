// Invariants are what no history may violate. Each has a name; a violation is kept with the name and what was seen.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tests/sim/cluster_simulation.h"

namespace motet {

struct Violation {
    std::string invariant;
    Nanos at = 0;
    std::string what;

    std::string text() const;
};

// In a cluster of more than a hundred nodes what takes the whole state is checked after some of the transitions only,
// what a transition itself has changed after each.
class Invariants final : public ClusterSimulation::Checker {
  public:
    // What counts as too much; mutants set it to what must be noticed.
    struct Limits {
        size_t packet = kMaxPacket;
        size_t accusers = 2;
        bool two_lives_until_converged = true;
        Nanos stop = 1200 * kMillisecond;  // that a node must notice: its pause guard, from the next timer on
        unsigned fingerprint_bits = 64;
        Nanos hold = 64 * kSecond;  // of who comes and goes, until a return is told
    };

    explicit Invariants(const ClusterSimulation &simulation) : simulation_(simulation) {}

    void before(const Life &life, bool timer) override;
    void after(const Life &life, const std::vector<Effect> &effects) override;

    // In the order found; only the first ones are kept.
    const std::vector<Violation> &violations() const { return violations_; }
    void fail(const std::string &invariant, const std::string &what);

    // Claims of a scenario, checked from now on: nobody in these slots may be declared down; no two sides survive.
    void never_down(std::set<uint32_t> slots);
    // The same of those for whom this holds at that moment. Both are only checked while nobody joins or leaves: then a
    // side of a split may not know what the other counts.
    void never_down_if(std::function<bool(const Member &, const Membership &by)> claim) {
        never_down_ = std::move(claim);
    }
    void allow_two_sides() { two_sides_allowed_ = true; }
    Limits limits;

  private:
    struct Known {
        MemberStatus status;
        uint32_t incarnation;
    };
    // How a member has come and gone for one process.
    struct Returns {
        bool away = false;
        int count = 0;  // each within five minutes of the one before
        Nanos last = 0;
    };
    // What was seen of one process.
    struct Observer {
        std::unordered_map<uint64_t, Known> known;
        std::set<std::pair<uint64_t, uint64_t>> had;  // the fingerprints of its states
        uint32_t incarnation = 0;                     // the highest it gave itself
        Id128 checked;                                // the fingerprint of the state checked last
        uint64_t checked_changes = 0;                 // how many changes it had had
        size_t checked_seen = 0;
        std::set<uint64_t> checked_unreachable;
        std::map<uint64_t, Returns> returns;
    };

    void note_fingerprints(const Membership &machine, const std::vector<Effect> &effects);
    bool is_checked_wholly();
    void check_changed(const Life &life);
    void check_member(const Life &life, const Member &member);
    void check_move(const Life &life, const Member &member);
    void check_unique(const Life &life);
    void check_equal_fingerprints_mean_equal_states(const Life &life);
    void check_seen_is_true(const Life &life);
    void check_packets(const Life &life, const std::vector<Effect> &effects);
    void check_unreachable_is_corroborated(const Life &life);
    void check_no_verdict_after_a_pause(const Life &life);
    void check_events_rebuild_the_state(const Life &life);
    void check_returns_are_told(const Life &life, Observer &observer);
    void check_no_two_sides(const Life &life);
    bool have_in_common(const Membership &one, const Membership &other) const;

    const ClusterSimulation &simulation_;
    std::vector<Violation> violations_;
    std::unordered_map<uint64_t, Observer> observers_;          // by uid
    std::unordered_map<uint64_t, MemberStatus> furthest_;       // uid -> the furthest status anybody knows
    std::map<std::pair<uint64_t, uint64_t>, uint64_t> states_;  // fingerprint -> a hash of the state it stands for
    std::function<bool(const Member &, const Membership &)> never_down_;
    bool two_sides_allowed_ = false;
    uint64_t transitions_ = 0;
    bool was_member_ = false;
    bool was_converged_ = false;
    bool were_moving_ = false;
    Id128 fingerprint_before_;
    size_t accusations_before_ = 0;
};

}  // namespace motet
