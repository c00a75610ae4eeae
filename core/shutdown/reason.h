// ShutdownReason says why a system is shut down. The first reason given is the one that counts.
// Knows: names. Must never know: who gives a reason.
#pragma once

#include <cstdint>

namespace motet {

// The numbers are those of motet/shutdown.h.
enum class ShutdownReason : int32_t {
    unknown = 1,
    actor_system_terminate,
    process_exit,
    cluster_leaving,
    cluster_downing,
    cluster_join_unsuccessful,
    incompatible_configuration_detected,
};

constexpr const char *reason_name(ShutdownReason reason) {
    switch (reason) {
    case ShutdownReason::actor_system_terminate:
        return "actor-system-terminate";
    case ShutdownReason::process_exit:
        return "process-exit";
    case ShutdownReason::cluster_leaving:
        return "cluster-leaving";
    case ShutdownReason::cluster_downing:
        return "cluster-downing";
    case ShutdownReason::cluster_join_unsuccessful:
        return "cluster-join-unsuccessful";
    case ShutdownReason::incompatible_configuration_detected:
        return "incompatible-configuration-detected";
    default:
        return "unknown";
    }
}

}  // namespace motet
