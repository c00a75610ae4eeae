/* Actor: behaviour in C, run by the engine's own threads; props that describe it; the context of its handler.
 *
 * An actor handles one message at a time. Its handler runs on whatever thread its dispatcher gives it, never on two at
 * once, and must not block for long (choose the dispatcher "blocking" for actors that do).
 *
 * Thread rule: props are a single-owner value. A context may be used only inside the handler it was given to.
 * Everything else may be called from any thread.
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

/* Sets one property by key.
 *   dispatcher               name of the dispatcher: default, blocking, or one that is configured
 *   mailbox                  name of a configured mailbox
 *   supervision.strategy     one-for-one, all-for-one: whether what its supervisor does is done to its siblings too
 *   supervision.directive    restart, stop, resume, escalate: what its supervisor does when it fails
 *   supervision.max-retries  restarts within the time below, after which it is stopped; -1 for ever
 *   supervision.within       that time, a duration; 0s for ever
 *   router                   round-robin-, random- or broadcast-, each with pool or group: what is told to the actor is
 *                            spread over others, its routees, with the original sender
 *   router.instances         size of a pool; its routees are children made of these props
 *   router.paths             members of a group with commas, on any node; its props need no handler
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

/* Watches an actor, anywhere: when it stops, or its node is lost, the watcher receives MOTET_TYPE_TERMINATED, once.
 * Watching twice is watching once. watcher: an actor of this node. Returns MOTET_OK, INVALID or CLOSED. Since 0.1. */
MOTET_API int32_t motet_ref_watch(const motet_ref_t *watcher, const motet_ref_t *target);

/* Ends a watch. Called by the watcher's own handler: no MOTET_TYPE_TERMINATED comes any more, also if one is queued.
 * Since 0.1. */
MOTET_API int32_t motet_ref_unwatch(const motet_ref_t *watcher, const motet_ref_t *target);

/* The actor itself. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED const motet_ref_t *motet_context_self(const motet_context_t *context);

/* The actor's supervisor. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED const motet_ref_t *motet_context_parent(const motet_context_t *context);

/* The system it lives in; not to be freed. Valid as long as the context. Since 0.1. */
MOTET_API MOTET_BORROWED motet_system_t *motet_context_system(const motet_context_t *context);

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

/* Keeps a sentence for the failure that the handler is about to return. Returns code, so that a handler can write
 * return motet_context_fail(context, MOTET_E_FAILED, "..."). Since 0.1. */
MOTET_API int32_t motet_context_fail(motet_context_t *context, int32_t code, const char *message);

/* Sends a message to the actor itself after delay_ns nanoseconds, and, when interval_ns is above 0, again and again
 * with that pause. key: a number of the caller's; a timer with the same key is replaced. All timers end with the
 * instance. Returns MOTET_OK, or INVALID for a negative time. Since 0.1. */
MOTET_API int32_t motet_context_timer(motet_context_t *context, int64_t key, int64_t delay_ns, int64_t interval_ns,
                                      motet_type_t type, MOTET_NULLABLE const uint8_t *data, size_t size);

/* Cancels a timer; nothing comes of it any more, also if a tick is queued. Since 0.1. */
MOTET_API int32_t motet_context_timer_cancel(motet_context_t *context, int64_t key);

#ifdef __cplusplus
}
#endif
#endif
