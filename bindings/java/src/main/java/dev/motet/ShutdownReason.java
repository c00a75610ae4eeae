package dev.motet;

import dev.motet.internal.ffi.Motet;

/** Why a system is shut down. The first reason given counts. */
public enum ShutdownReason {
    UNKNOWN(Motet.SHUTDOWN_UNKNOWN),
    /** The system was closed, or a failure came to its root. */
    ACTOR_SYSTEM_TERMINATE(Motet.SHUTDOWN_ACTOR_SYSTEM_TERMINATE),
    /** The process was asked to end. */
    PROCESS_EXIT(Motet.SHUTDOWN_PROCESS_EXIT),
    CLUSTER_LEAVING(Motet.SHUTDOWN_CLUSTER_LEAVING),
    CLUSTER_DOWNING(Motet.SHUTDOWN_CLUSTER_DOWNING),
    CLUSTER_JOIN_UNSUCCESSFUL(Motet.SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL),
    INCOMPATIBLE_CONFIGURATION_DETECTED(Motet.SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED);

    private final int number;

    ShutdownReason(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The reason with this number, null for one that there is not. */
    static ShutdownReason of(int number) {
        for (ShutdownReason reason : values()) {
            if (reason.number == number) {
                return reason;
            }
        }
        return null;
    }
}
