// Scenario: actors of all kinds that spawn, watch, restart, stop and send, as a seed says, while some drivers do the
// same from outside. One description for threads and for the deterministic dispatcher; a Ledger checks it.
// Knows: the C interface. Must never know: who runs the actors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/stress/ledger.h"

namespace motet::stress {

// Where a scenario is played: on threads, or in a test kit.
class Stage {
  public:
    virtual ~Stage() = default;

    virtual motet_error_t *start(const motet_config_t *config, motet_system_t **out) = 0;

    // Has each driver act until it returns false, at the same time.
    virtual void play(const std::vector<std::function<bool()>> &drivers) = 0;

    // Lets actors run until the condition holds. False: it did not within the patience of a test.
    virtual bool settle(const std::function<bool()> &condition) = 0;

    // The system is freed.
    virtual void end() = 0;
};

struct Plan {
    uint64_t seed = 0;
    int drivers = 4;
    int acts = 60;  // of each driver
    Mutant mutant = Mutant::none;
};

// How it went.
struct Outcome {
    std::vector<std::string> violations;
    uint64_t sent = 0;
    uint64_t handled = 0;
    uint64_t restarts = 0;
    uint64_t ends = 0;
    uint64_t stashes = 0;
    uint64_t ticks = 0;
    uint64_t asks = 0;
    std::map<std::string, uint64_t> dead;  // by type and cause
};

Outcome play(const Plan &plan, Stage &stage);

}  // namespace motet::stress
