/* System: one node. It owns threads, actors, sockets and the membership of a cluster.
 *
 * start -> (spawn, tell, join, ...) -> close(timeout) -> free. A system is a handle that is looked up on every call:
 * using one that is closed gives CLOSED, never a crash. Freeing may be done in any order with other objects.
 *
 * Thread rule: every function may be called from any thread. In a forked child every call fails with FORKED at once,
 * and motet_system_free() does nothing.
 */
#ifndef MOTET_SYSTEM_H
#define MOTET_SYSTEM_H

#include <motet/config.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_system motet_system_t;
typedef struct motet_ref motet_ref_t;

/* A message type: the number a system has given to a type's name. Positive. */
typedef int32_t motet_type_t;

/* Starts a system with the settings of config (which is copied; NULL means all defaults). Binds its socket unless
 * remote.enabled is off, and joins the seed nodes if some are configured. Errors: BAD_VALUE, BAD_ADDRESS,
 * ADDRESS_IN_USE, TRANSPORT, NO_THREAD, NO_MEMORY, IO. Free with motet_system_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_start(MOTET_NULLABLE const motet_config_t *config,
                                                                       MOTET_OWNED motet_system_t **out);

/* Closes a system: leaves the cluster, stops every actor (children before parents), flushes what was sent, ends
 * threads. Takes at most timeout_ms milliseconds, after which what is left is cut off (then: TIMEOUT; what a handler
 * that does not end stands on is never freed). Idempotent: a second call waits for the first. Wakes every poller. May
 * be called from a handler: then it only starts the close. No handler runs after it has returned MOTET_OK or TIMEOUT.
 * Errors: TIMEOUT, FORKED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_close(motet_system_t *system, int64_t timeout_ms);

/* Closes with the time 0 if that was not done, and frees the handle. Since 0.1. */
MOTET_API void motet_system_free(MOTET_TAKES MOTET_NULLABLE motet_system_t *system);

/* Waits until the system has closed, for whatever reason, at most timeout_ms (negative: for ever). Errors: TIMEOUT.
 * Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_wait(motet_system_t *system, int64_t timeout_ms);

/* Writes the address, "motet.tcp://System@host:port" ("motet://System" without remoting), and a NUL into buffer; cuts
 * it off when capacity is too small. Returns the full length, or a negative code. Since 0.1. */
MOTET_API int64_t motet_system_address(const motet_system_t *system, char *buffer, size_t capacity);

/* The uid of this life of the node; 0 when closed. Since 0.1. */
MOTET_API uint64_t motet_system_uid(const motet_system_t *system);

/* The number of a type by name, given now if it has none. Names: 1 to 255 bytes of printable ASCII; names that start
 * with "motet." are reserved. Returns a positive number, or INVALID, CLOSED. Since 0.1. */
MOTET_API motet_type_t motet_system_type(motet_system_t *system, const char *name);

/* The name of a type; NULL when the number is not known. Valid as long as the system is not freed. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_system_type_name(const motet_system_t *system,
                                                                           motet_type_t type);

/* The reference that a path names. A full path ("motet.tcp://S@host:1/user/a") may name any node; a local one
 * ("/user/a") names this one. Does not check that the actor exists. A path with a wildcard (* ?) or ".." gives a
 * selection: what is told to it goes to every actor that matches, if any. Free with motet_ref_free(). Errors: BAD_NAME,
 * BAD_ADDRESS, CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_ref(motet_system_t *system, const char *path,
                                                                     MOTET_OWNED motet_ref_t **out);

/* Subscribes an actor to events of the system. topic: "dead-letters" (messages of type motet.DeadLetter), "remoting"
 * (motet.remote.*), "cluster" (motet.cluster.*, see motet/cluster.h). The subscription ends with the actor. Errors:
 * INVALID, CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_subscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *topic);

/* Ends such a subscription. Errors: INVALID, CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_unsubscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *topic);

#ifdef __cplusplus
}
#endif
#endif
