/* Actor: behaviour in C, run by the engine's own threads; props that describe it; the context of its handler.
 *
 * An actor handles one message at a time. Its handler runs on whatever thread its dispatcher gives it, never on two at
 * once, and must not block for long (choose the dispatcher "blocking" for actors that do).
 *
 * Thread rule: props are a single-owner value, but several threads may spawn with them at once. A context may be used
 * only inside the handler it was given to. Everything else may be called from any thread.
 */
#ifndef MOTET_ACTOR_H
#define MOTET_ACTOR_H

#include <motet/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_props motet_props_t;
typedef struct motet_context motet_context_t;

/* What a handler returns. A negative MOTET_E_* code other than UNHANDLED means that it failed: supervision decides what
 * follows; motet_context_fail() adds a sentence. MOTET_E_UNHANDLED: the message becomes a dead letter with that cause.
 */
typedef int32_t (*motet_receive_fn)(motet_context_t *context, const motet_message_t *message, void *state);

/* Makes the state of a fresh instance from the props' argument; called before pre-start and at every restart. NULL in
 * out is allowed. A negative code means that the actor cannot start. */
typedef int32_t (*motet_create_fn)(motet_context_t *context, void *argument, void **state);

/* Frees the state of an instance: after post-stop, and at a restart after pre-restart. */
typedef void (*motet_destroy_fn)(void *state);

/* Releases the argument of props: called once, when the props are freed and the last actor made of them has ended. */
typedef void (*motet_release_fn)(void *argument);

/* Describes an actor: its handler. state is what the handler is given when no motet_props_state() is set. NULL for
 * receive is refused at spawn, but for a router with paths. Free with motet_props_free(). Since 0.1. */
MOTET_API MOTET_OWNED motet_props_t *motet_props_new(motet_receive_fn receive, MOTET_NULLABLE void *state);

/* Gives each instance a state of its own. argument lives as long as actors of these props may be restarted; release
 * tells when that has ended. Since 0.1. */
MOTET_API void motet_props_state(motet_props_t *props, motet_create_fn create, MOTET_NULLABLE motet_destroy_fn destroy,
                                 MOTET_NULLABLE void *argument, MOTET_NULLABLE motet_release_fn release);

/* Describes an actor by the name of a type that is registered where it is created: here, or on another node, when its
 * property "remote" or the configuration says so. arguments: what it is made with, MessagePack by convention, at most
 * 32 KiB where it goes to another node; it reads them with motet_context_arguments(). Returns NULL when type is NULL.
 * Free with motet_props_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_props_t *
motet_props_of_type(const char *type, MOTET_NULLABLE const uint8_t *data, size_t size);

/* Registers a type of actors by name, so that motet_props_of_type() can describe them, and other nodes can create them
 * here (as far as remote.creation.allow and remote.creation.deny let them). props are copied. Errors: BAD_NAME,
 * NAME_TAKEN, INVALID (props without a handler), CLOSED, FORKED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_system_register_actor(motet_system_t *system, const char *type, const motet_props_t *props);

/* Sets one property by key.
 *   dispatcher               name of the dispatcher: default, blocking (threads for handlers that wait), pinned (a
 * thread of its own), or one that is configured mailbox                  name of a configured mailbox
 *   supervision.strategy     one-for-one, all-for-one: whether what its supervisor does is done to its siblings too
 *   supervision.directive    restart, stop, resume, escalate: what its supervisor does when it fails
 *   supervision.max-retries  restarts within the time below, after which it is stopped; -1 for ever
 *   supervision.within       that time, a duration; 0s for ever
 *   supervision.on.<CODE>    restart, stop, resume, escalate, for failures with this code, such as TIMEOUT or FAILED
 *   supervision.backoff.min  a duration: it waits so long before it is restarted, twice as long after each further
 *                            failure; its messages wait too; 0s: it is restarted at once
 *   supervision.backoff.max  the longest such wait
 *   supervision.backoff.random       a number from 0 to 1: up to so much of the wait is added at random
 *   supervision.backoff.reset-after  the time without failure after which the waits begin anew; 0s: (min + max) / 2
 *   remote                   the address of the node on which it is created, which needs props of a registered type;
 *                            local: here. What is spawned is a stand-in, which passes on what it is told, and is
 *                            supervised in its place: see docs/remoting.md
 *   stash-capacity           messages it may stash at most; actor.stash-capacity otherwise
 *   router, router.*         make it a router: see motet/router.h
 * Errors: UNKNOWN_KEY, BAD_VALUE, INVALID. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_props_set(motet_props_t *props, const char *key,
                                                                    const char *value);

/* Frees props; actors made from them are not affected. Since 0.1. */
MOTET_API void motet_props_free(MOTET_TAKES MOTET_NULLABLE motet_props_t *props);

/* Creates an actor below /user. name: unique among its siblings, or NULL for a generated one. out may be NULL. Errors:
 * INVALID (props without behaviour), BAD_NAME, NAME_TAKEN, BAD_VALUE (no such dispatcher), CLOSED, NO_MEMORY. Free the
 * ref with motet_ref_free(); that does not stop the actor. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_spawn(motet_system_t *system,
                                                                       const motet_props_t *props,
                                                                       MOTET_NULLABLE const char *name,
                                                                       MOTET_OWNED MOTET_NULLABLE motet_ref_t **out);

/* The same below another actor of this node, which supervises it. Errors: as above, and STOPPED when the parent stops.
 * Free the ref with motet_ref_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_ref_spawn(const motet_ref_t *parent,
                                                                    const motet_props_t *props,
                                                                    MOTET_NULLABLE const char *name,
                                                                    MOTET_OWNED MOTET_NULLABLE motet_ref_t **out);

/* The child of an actor of this node that has a name, from any thread. Errors: INVALID, NOT_FOUND. Free with
 * motet_ref_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_ref_child(const motet_ref_t *parent, const char *name,
                                                                    MOTET_OWNED motet_ref_t **out);

/* The children that an actor of this node has now, those that are stopping included, in no order: writes the first
 * `capacity` of them to out, each to be freed with motet_ref_free(). Returns how many there are, which may be more, or
 * INVALID. out may be NULL when capacity is 0. Since 0.1. */
MOTET_API int64_t motet_ref_children(const motet_ref_t *parent, MOTET_OWNED MOTET_NULLABLE motet_ref_t **out,
                                     size_t capacity);

/* Watches an actor, anywhere: when it stops, or its node is lost, the watcher receives MOTET_TYPE_TERMINATED, once.
 * Watching twice is watching once. watcher: an actor of this node. Returns MOTET_OK, INVALID, STOPPED (the
 * watcher has) or NO_MEMORY. Since 0.1. */
MOTET_API int32_t motet_ref_watch(const motet_ref_t *watcher, const motet_ref_t *target);

/* Ends a watch. Called by the watcher's own handler: no MOTET_TYPE_TERMINATED comes any more, also if one is queued.
 * Since 0.1. */
MOTET_API int32_t motet_ref_unwatch(const motet_ref_t *watcher, const motet_ref_t *target);

/* What the actor was created with (motet_props_of_type()); NULL and size 0 for nothing. Valid as long as the actor.
 * Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const uint8_t *motet_context_arguments(const motet_context_t *context,
                                                                               size_t *size);

/* The actor itself. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED const motet_ref_t *motet_context_self(const motet_context_t *context);

/* The actor's supervisor. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED const motet_ref_t *motet_context_parent(const motet_context_t *context);

/* The system it lives in; not to be freed. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED motet_system_t *motet_context_system(const motet_context_t *context);

/* The message that is handled; in a continuation (motet_context_then()) the one whose handling it goes on with. NULL
 * while an instance's state is made. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const motet_message_t *motet_context_message(const motet_context_t *context);

/* The trace context of this handling, to pass on by hand, MOTET_TRACE_SIZE bytes. Valid as long as the context. Since
 * 0.1. */
MOTET_API MOTET_BORROWED const uint8_t *motet_context_trace(const motet_context_t *context);

/* motet_ref_tell() with this actor as sender and the current trace. Since 0.1. */
MOTET_API int32_t motet_context_tell(motet_context_t *context, const motet_ref_t *target, motet_type_t type,
                                     MOTET_NULLABLE const uint8_t *data, size_t size);

/* Tells the sender of the current message; a dead letter when there is none. Since 0.1. */
MOTET_API int32_t motet_context_reply(motet_context_t *context, motet_type_t type, MOTET_NULLABLE const uint8_t *data,
                                      size_t size);

/* Passes the current message on as it is: same sender, same payload, no copy. Since 0.1. */
MOTET_API int32_t motet_context_forward(motet_context_t *context, const motet_ref_t *target);

/* motet_system_publish() with this actor as sender and the current trace. Since 0.1. */
MOTET_API int64_t motet_context_publish(motet_context_t *context, motet_type_t type, MOTET_NULLABLE const uint8_t *data,
                                        size_t size);

/* Keeps the current message for later, at most as many as stash-capacity says. What is stashed survives a restart, and
 * becomes dead letters when the actor stops. Returns MOTET_OK; MAILBOX_FULL when the stash is full (the message is then
 * the handler's still: it may return that code and fail); BAD_STATE for a signal; NO_MEMORY. Since 0.1. */
MOTET_API int32_t motet_context_stash(motet_context_t *context);

/* Brings back all that was stashed: it comes before everything that waits, in the order in which it was stashed.
 * Returns how many messages. Since 0.1. */
MOTET_API int64_t motet_context_unstash_all(motet_context_t *context);

/* Handles what follows with another handler, whose state is freed with destroy when it is over. The handlers before it
 * are kept: motet_context_unbecome() returns to them, and a restart to the first one. State is the caller's again when
 * the result is not MOTET_OK: INVALID, BAD_STATE (too many handlers on top of each other, more than 1000: unbecome
 * first). Since 0.1. */
MOTET_API int32_t motet_context_become(motet_context_t *context, motet_receive_fn receive, MOTET_NULLABLE void *state,
                                       MOTET_NULLABLE motet_destroy_fn destroy);

/* Returns to the handler before the last motet_context_become(). BAD_STATE when there is none. Since 0.1. */
MOTET_API int32_t motet_context_unbecome(motet_context_t *context);

/* Keeps a sentence for the failure that the handler is about to return. Returns code, so that a handler can write
 * return motet_context_fail(context, MOTET_E_FAILED, "..."). Since 0.1. */
MOTET_API int32_t motet_context_fail(motet_context_t *context, int32_t code, const char *message);

/* Timers send messages to the actor itself, by key: a number of the caller's. A timer with the same key is replaced.
 * All timers end with the instance; so does its receive timeout. Of a timer that was cancelled or replaced nothing
 * comes any more, also if it was due already, and its memory is free at once. At most one message of a timer waits.
 *
 * Times are nanoseconds, from 0 to 2^62 - 1; they are exact but for what the operating system takes to wake a thread,
 * and never early. Where a time is refused with INVALID, a sentence that names it is kept as by motet_context_fail().
 */

/* Starts a timer: after delay_ns and, when interval_ns is above 0, again and again, interval_ns after the actor took
 * the message before. Returns MOTET_OK, INVALID, TOO_LARGE or NO_MEMORY. Since 0.1. */
MOTET_API int32_t motet_context_timer(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns,
                                      motet_type_t type, MOTET_NULLABLE const uint8_t *data, size_t size);

/* Starts a timer at a fixed rate: after delay_ns, and then every interval_ns (above 0), however long the actor takes.
 * What was missed, as the actor was busy or the process stood still, is made up for: the messages come one after the
 * other, each behind what waits in the mailbox by then, until there are as many as there should be. Returns as
 * motet_context_timer(). Since 0.1. */
MOTET_API int32_t motet_context_timer_fixed_rate(motet_context_t *context, int64_t key, int64_t delay_ns,
                                                 int64_t interval_ns, motet_type_t type,
                                                 MOTET_NULLABLE const uint8_t *data, size_t size);

/* Cancels a timer; nothing to do when there is none with the key. Since 0.1. */
MOTET_API int32_t motet_context_timer_cancel(motet_context_t *context, int64_t key);

/* Whether a message of a timer is still to come: 1 or 0. Since 0.1. */
MOTET_API int32_t motet_context_timer_active(const motet_context_t *context, int64_t key);

/* Has the actor receive MOTET_TYPE_RECEIVE_TIMEOUT when it has handled no message for timeout_ns, and again after each
 * further such time; 0: no more. The time begins anew now and with every message, at the end of its handling. Messages
 * of the actor's own timers do not count, nor does what the engine answers by itself (MOTET_TYPE_IDENTIFY): a handler
 * that wants them to calls this function. Returns MOTET_OK or INVALID. Since 0.1. */
MOTET_API int32_t motet_context_receive_timeout(motet_context_t *context, int64_t timeout_ns);

#ifdef __cplusplus
}
#endif
#endif
