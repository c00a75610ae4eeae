/* Shutdown: how a system ends, in phases, and what a program wants done on the way.
 *
 * Whatever ends a system runs the same coordinated shutdown, once: motet_system_close(), motet_shutdown_run(), leaving
 * the cluster, being declared down by it (unless shutdown.when-downed is off), a join that is given up
 * (cluster.join-give-up), a failure that no supervisor handles, and SIGTERM where shutdown.on-sigterm is on. Its phases
 * run one after the other, in this order, each with a time that it takes at most (shutdown.phase.<name>.timeout):
 *
 *   before-service-unbind              5 s
 *   service-unbind                     5 s   stop taking new work from outside
 *   service-requests-done              5 s   finish what was taken
 *   service-stop                       5 s
 *   before-cluster-shutdown            5 s
 *   cluster-sharding-shutdown-region  10 s
 *   cluster-leave                      5 s   the engine leaves the cluster
 *   cluster-exiting                   10 s   the engine waits until the others know
 *   cluster-exiting-done               5 s   the engine lets the others go on without this node
 *   cluster-shutdown                   5 s   the engine ends the membership
 *   before-actor-system-terminate      5 s
 *   actor-system-terminate            10 s   the engine stops the actors; then threads and sockets end
 *
 * A program adds tasks to phases, and by settings more phases (shutdown.phase.<name>.depends-on). The tasks of a phase
 * run at the same time; the next phase begins when all have ended or the phase's time is over. A task that fails is
 * logged, one that takes too long is left behind; where shutdown.phase.<name>.recover is off, either has
 * actor-system-terminate follow at once. Actors work until that phase.
 *
 * SIGTERM. The library installs no signal handler of its own accord. While a system with shutdown.on-sigterm = "on" is
 * there, SIGTERM has a handler (flags SA_RESTART and SA_ONSTACK) that wakes a thread, which begins the shutdown of all
 * such systems with the reason MOTET_SHUTDOWN_PROCESS_EXIT, and then calls the handler that was there before; the
 * process goes on, and is to end when motet_system_wait() returns. When the last such system has closed, the handler
 * from before is put back, unless somebody else has installed his own. In a forked child SIGTERM does what it did
 * before.
 *
 * Thread rule: every function may be called from any thread, also inside handlers and tasks.
 */
#ifndef MOTET_SHUTDOWN_H
#define MOTET_SHUTDOWN_H

#include <motet/dispatcher.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a system is shut down. The first reason given counts. */
#define MOTET_SHUTDOWN_UNKNOWN 1
#define MOTET_SHUTDOWN_ACTOR_SYSTEM_TERMINATE 2 /* motet_system_close(), or a failure at the root */
#define MOTET_SHUTDOWN_PROCESS_EXIT 3           /* SIGTERM */
#define MOTET_SHUTDOWN_CLUSTER_LEAVING 4
#define MOTET_SHUTDOWN_CLUSTER_DOWNING 5
#define MOTET_SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL 6
#define MOTET_SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED 7

/* Runs a task, on a thread made for it: it may block. The task ends with motet_shutdown_complete(), which may come
 * after the function has returned. */
typedef void (*motet_task_fn)(motet_system_t *system, uint64_t task, void *argument);

/* Adds a task to a phase, also while the shutdown runs earlier ones. name: for logs. release: called once with
 * argument, when the task has ended, or will never begin. task: its number; may be NULL. Errors: INVALID, NOT_FOUND (no
 * such phase), BAD_STATE (the phase has begun), CLOSED. Then release is called too. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_shutdown_add(motet_system_t *system, const char *phase,
                                                                       const char *name, motet_task_fn run,
                                                                       MOTET_NULLABLE void *argument,
                                                                       MOTET_NULLABLE motet_release_fn release,
                                                                       MOTET_NULLABLE uint64_t *task);

/* Adds a task that comes, when it is to be run, as a delivery of a foreign dispatcher: MOTET_DELIVERY_TASK, with the
 * task's number as correlation. That may be before this call has returned. Errors: as above. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_shutdown_add_foreign(motet_dispatcher_t *dispatcher, const char *phase, const char *name, uint64_t *task);

/* Says that a task that was begun has ended: well with MOTET_OK, or with what went wrong and a sentence, which are
 * logged. Returns MOTET_OK, NOT_FOUND when there is no such task or it has ended before, INVALID or CLOSED. Since 0.1.
 */
MOTET_API int32_t motet_shutdown_complete(motet_system_t *system, uint64_t task, int32_t code,
                                          MOTET_NULLABLE const char *message);

/* Takes a task back. Returns MOTET_OK, NOT_FOUND when there is no such task or it has begun, INVALID or CLOSED. Since
 * 0.1. */
MOTET_API int32_t motet_shutdown_cancel(motet_system_t *system, uint64_t task);

/* Runs the shutdown for a reason, MOTET_SHUTDOWN_*, or joins it when it runs already; what is said here for the other
 * ways to end a system holds for this one, see motet_system_close(). from: the phase to begin with, NULL for the
 * first. timeout_ms: for the whole; each phase has at most half of what is left of it, the last one the rest. Negative:
 * each phase has its own time. Errors: NOT_FOUND (no such phase), INVALID, TIMEOUT, FORKED, and what ended a phase that
 * does not recover. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_shutdown_run(motet_system_t *system, int32_t reason, MOTET_NULLABLE const char *from, int64_t timeout_ms);

/* Why the system is or was shut down, MOTET_SHUTDOWN_*; 0 when that has not begun; INVALID or CLOSED. Since 0.1. */
MOTET_API int32_t motet_shutdown_reason(const motet_system_t *system);

#ifdef __cplusplus
}
#endif
#endif
