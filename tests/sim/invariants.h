// Invariants are what no history may violate. Each has a name; a violation is kept with the name and what was seen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/cluster_simulation.h"

namespace motet {

class Invariants final : public ClusterSimulation::Checker {
  public:
    explicit Invariants(const ClusterSimulation &simulation) : simulation_(simulation) {}

    void before(const Life &life) override;
    void after(const Life &life, const std::vector<Effect> &effects) override;

    // "name: what was seen", in the order found.
    const std::vector<std::string> &violations() const { return violations_; }

    // A claim of a scenario, checked from now on: nobody in these slots may be declared down.
    void never_down(std::set<uint32_t> slots) { never_down_ = std::move(slots); }

  private:
    void fail(const std::string &name, const std::string &what);
    void note_fingerprints(const Membership &machine, const std::vector<Effect> &effects);
    void check_lives_go_forward(const Life &life);
    void check_incarnations_are_the_owners(const Life &life);
    void check_one_life_per_address(const Life &life);
    void check_up_numbers_are_unique(const Life &life);
    void check_leader_acts_when_converged(const Life &life);
    void check_equal_fingerprints_mean_equal_states(const Life &life);
    void check_seen_is_true(const Life &life);
    void check_packets(const std::vector<Effect> &effects);
    void check_unreachable_is_corroborated(const Life &life);
    void check_no_verdict_after_a_pause(const Life &life);
    void check_events_rebuild_the_state(const Life &life);
    void check_no_two_sides(const Life &life);
    void check_nobody_healthy_is_down(const Life &life);

    struct Known {
        MemberStatus status;
        uint32_t incarnation;
    };
    const ClusterSimulation &simulation_;
    std::vector<std::string> violations_;
    std::map<std::pair<uint64_t, uint64_t>, Known> known_;             // (observer, subject) -> what it had
    std::map<uint64_t, uint32_t> own_incarnation_;                     // uid -> the highest it gave itself
    std::map<uint64_t, MemberStatus> furthest_;                        // uid -> the furthest status anybody knows
    std::map<std::pair<uint64_t, uint64_t>, Members> states_;          // fingerprint -> the state it stands for
    std::map<uint64_t, std::set<std::pair<uint64_t, uint64_t>>> had_;  // uid -> fingerprints it has had
    std::set<uint32_t> never_down_;
    bool was_member_ = false;
    bool was_converged_ = false;
    size_t accusations_before_ = 0;
};

}  // namespace motet
