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
 * ADDRESS_IN_USE, TRANSPORT, NO_THREAD, NO_MEMORY, IO, UNKNOWN_KEY (a property in actor.deployment). Free with
 * motet_system_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_start(MOTET_NULLABLE const motet_config_t *config,
                                                                       MOTET_OWNED motet_system_t **out);

/* Closes a system: runs its coordinated shutdown (motet/shutdown.h) with the reason
 * MOTET_SHUTDOWN_ACTOR_SYSTEM_TERMINATE. It leaves the cluster, stops every actor (children before parents), flushes
 * what was sent, ends threads. Takes at most timeout_ms milliseconds, after which what is left is cut off, when two
 * seconds for actors and two for threads have not ended it either (then: TIMEOUT; what a handler that does not end
 * stands on is never freed). Idempotent: a second call waits for the first, and shortens it when it has less time left.
 * Wakes every poller. May be called from a handler or a task: then it only starts the close. No handler runs after it
 * has returned MOTET_OK or TIMEOUT. Errors: TIMEOUT, FORKED, and what ended a phase that does not recover.
 * Since 0.1. */
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

/* The number of a type by name, given now if it has none. Names: 1 to 255 bytes of printable ASCII; what stands behind
 * a '+' is the name of a codec, of lower-case letters, digits, '.', '-' and '_' (motet/codec.h); names that start with
 * "motet." are reserved, but for those of messages that users may send ("motet.PoisonPill"). Returns a positive number,
 * or INVALID, CLOSED. Since 0.1. */
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

/* Finds out whether an actor exists: asks whoever a path, as motet_system_ref() takes it, names, on any node, to
 * identify itself, and gives the ref of the incarnation that answers. Of several that a selection matches it is the one
 * whose answer comes first; the other answers are dead letters. Waits at most timeout_ms (above 0), so not inside a
 * handler: there, ask the ref of the path with the type MOTET_TYPE_IDENTIFY; the sender of the answer is the actor, and
 * an answer without a sender says that there is none. Free the ref with motet_ref_free(). Errors: NOT_FOUND (nobody is
 * there; names the path), TIMEOUT, INVALID, BAD_NAME, BAD_ADDRESS, CLOSED, and those of motet_ref_tell(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_resolve(motet_system_t *system, const char *path, int64_t timeout_ms, MOTET_OWNED motet_ref_t **out);

/* How long, in nanoseconds, a dispatcher has finished nothing though it has work, as far as calls of this function
 * could see: ask it regularly, and a number that grows tells that handlers block or do not end. dispatcher: "default",
 * "blocking", "internal" or one that is configured. Errors: INVALID, NOT_FOUND (it has run no actor yet), CLOSED,
 * FORKED. Since 0.1. */
MOTET_API int64_t motet_system_progress_age(motet_system_t *system, const char *dispatcher);

/* The event stream: what happens in a system, told to the actors that subscribe to it. It is local to the system, and
 * keeps nothing: who subscribes later gets what is published later. An event is a message to each subscriber, in the
 * order in which one publisher publishes. A subscription ends with the actor.
 *
 * Subscribes an actor of this system to events by their name, which is that of a message type: one of the program's own
 * that the system knows by motet_system_type() ("shop.OrderPlaced"), or an event of the engine
 * ("motet.cluster.MemberUp"); or one of these topics, for all events about it: "dead-letters" (messages of type
 * motet.DeadLetter), "remoting" (motet.remote.*), "cluster" (motet.cluster.*, see motet/cluster.h), "mailboxes"
 * (motet.MailboxHighWater). Who subscribes to motet.cluster.State gets the present state at once. Subscribing twice is
 * subscribing once. Errors: INVALID (also for a name that is no event, and for a subscriber that is no actor of this
 * system), CLOSED, FORKED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_subscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *event);

/* Ends such a subscription; by a topic, those to all of its events. Errors: INVALID, CLOSED, FORKED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_unsubscribe(motet_system_t *system, const motet_ref_t *subscriber, const char *event);

/* Publishes an event of the program's own: tells it to every actor that has subscribed to its type, as motet_ref_tell()
 * does. sender: whom an answer reaches, NULL for nobody. trace: a context of MOTET_TRACE_SIZE bytes, or size 0. Returns
 * how many subscribers have taken it (of the others it is a dead letter), or INVALID (also for a type of the engine's),
 * TOO_LARGE, NO_MEMORY, CLOSED, FORKED. Since 0.1. */
MOTET_API int64_t motet_system_publish(motet_system_t *system, MOTET_NULLABLE const motet_ref_t *sender,
                                       motet_type_t type, MOTET_NULLABLE const uint8_t *data, size_t size,
                                       MOTET_NULLABLE const uint8_t *trace, size_t trace_size);

#ifdef __cplusplus
}
#endif
#endif
