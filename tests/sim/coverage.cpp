#include "tests/sim/coverage.h"

#include <iomanip>
#include <sstream>

namespace motet {

namespace {

// As the node itself knows it. Who is told to be down or removed ends at once.
constexpr std::array<const char *, Coverage::kStages> kStageNames = {"no process", "looking", "joining", "weakly-up",
                                                                     "up",         "leaving", "exiting", "ended"};

size_t stage_of(const ClusterSimulation &simulation, uint32_t node) {
    if (!simulation.alive(node)) {
        return 0;
    }
    const Membership &machine = *simulation.life(node).machine;
    const Member *own = machine.state().find(machine.self().uid);
    if (machine.ended() || !own) {
        return machine.ended() ? 7 : 1;
    }
    // No plan prepares the end of a whole cluster.
    const size_t skipped = own->status >= MemberStatus::leaving
                               ? static_cast<size_t>(MemberStatus::leaving) - static_cast<size_t>(MemberStatus::up) - 1
                               : 0;
    return 2 + static_cast<size_t>(own->status) - skipped;
}

}  // namespace

void Coverage::count(const ClusterSimulation &simulation, Verb verb, uint32_t node) {
    ++counts_[static_cast<size_t>(verb)][stage_of(simulation, node)];
}

void Coverage::add(const Coverage &other) {
    for (size_t verb = 0; verb < kVerbs; ++verb) {
        for (size_t stage = 0; stage < kStages; ++stage) {
            counts_[verb][stage] += other.counts_[verb][stage];
        }
    }
}

size_t Coverage::pairs() const {
    size_t pairs = 0;
    for (const auto &stages : counts_) {
        for (const uint64_t count : stages) {
            pairs += count > 0 ? 1 : 0;
        }
    }
    return pairs;
}

std::string Coverage::text() const {
    std::ostringstream text;
    text << std::setw(10) << "";
    for (const char *stage : kStageNames) {
        text << std::setw(12) << stage;
    }
    text << "\n";
    for (size_t verb = 0; verb < kVerbs; ++verb) {
        text << std::setw(10) << verb_name(static_cast<Verb>(verb));
        for (const uint64_t count : counts_[verb]) {
            text << std::setw(12) << count;
        }
        text << "\n";
    }
    return text.str();
}

}  // namespace motet
