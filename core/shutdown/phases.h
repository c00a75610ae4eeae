// Phases are the steps of a coordinated shutdown, in the order in which they run: the standard ones, and what the user
// has put between them.
// Knows: names, what depends on what, settings. Must never know: tasks, time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/config/config.h"

namespace motet {

// The phases that the engine itself has tasks in.
namespace phases {
constexpr std::string_view cluster_leave = "cluster-leave";
constexpr std::string_view cluster_exiting = "cluster-exiting";
constexpr std::string_view cluster_exiting_done = "cluster-exiting-done";
constexpr std::string_view cluster_shutdown = "cluster-shutdown";
constexpr std::string_view actor_system_terminate = "actor-system-terminate";
}  // namespace phases

struct Phase {
    std::string name;
    Nanos timeout = 0;
    bool recover = true;  // what fails or takes too long is logged, and the next phase begins
    bool enabled = true;  // its tasks are run

    friend bool operator==(const Phase &left, const Phase &right) = default;
};

// The phases by the keys "shutdown.*", each after those it depends on; actor-system-terminate is the last. Errors:
// BAD_VALUE (a phase that is not there, a circle, something after or instead of the last one).
Result<std::vector<Phase>> phases_from(const Config &config);

}  // namespace motet
