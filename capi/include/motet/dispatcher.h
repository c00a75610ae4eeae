/* Foreign dispatcher: actors whose handlers are run by the caller's own threads, in any language.
 *
 * The engine never calls into the caller. It queues ready work; the caller polls batches of deliveries, runs them, and
 * says how they ended. A level-triggered descriptor tells an event loop that work waits.
 *
 * A batch is a contiguous array of motet_delivery_t and an arena with their payloads. All deliveries of one actor in
 * one batch stand together and are run in order, one at a time; until the actor is completed it appears in no other
 * batch. Actors are completed all at once with motet_batch_complete(), or one by one with motet_dispatcher_complete(),
 * which may be long after the batch was used again (asynchronous handlers).
 *
 * Thread rule: a dispatcher may be used from any thread, also by several pollers. A batch is a single-owner value.
 */
#ifndef MOTET_DISPATCHER_H
#define MOTET_DISPATCHER_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_dispatcher motet_dispatcher_t;
typedef struct motet_batch motet_batch_t;

/* What a delivery is. Any other number: ignore it. */
#define MOTET_DELIVERY_MESSAGE 1 /* a message or signal for an actor; signals by their type, MOTET_TYPE_* */
#define MOTET_DELIVERY_REPLY 2   /* an answer to motet_dispatcher_ask(); correlation tells which; belongs to no actor */
#define MOTET_DELIVERY_FAILURE 3 /* the ask failed: type is the negative code, the payload the sentence in UTF-8 */
#define MOTET_DELIVERY_TASK 4    /* a task of the shutdown is to be run, see motet_shutdown_add_foreign() */

/* One delivery; little-endian, 96 bytes. The one public struct that is versioned: records of one batch stand stride
 * bytes apart, and stride may grow. */
typedef struct motet_delivery {
    int32_t kind;         /*  0  MOTET_DELIVERY_* */
    int32_t type;         /*  4  type of the message */
    uint64_t actor;       /*  8  the actor's number, as given to motet_props_new_foreign() */
    uint64_t correlation; /* 16  number of the ask, as given to motet_dispatcher_ask(), or of the task */
    uint64_t sender; /* 24  a motet_ref_t pointer, 0 for nobody; hold it with motet_ref_retain() beyond the batch */
    uint64_t self;   /* 32  a motet_ref_t pointer: the actor itself; likewise */
    uint64_t data_offset; /* 40  where the payload starts in the arena */
    uint64_t data_size;   /* 48  its size in bytes */
    int32_t index;        /* 56  which of the actor's deliveries since it was last completed, from 0 */
    int32_t reserved;     /* 60  zero */
    uint8_t trace[26];    /* 64  trace context of this handling */
    uint8_t padding[6];   /* 90  zero */
} motet_delivery_t;

/* Makes a foreign dispatcher of a system. Free with motet_dispatcher_free(). Errors: CLOSED, IO. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_dispatcher_new(motet_system_t *system,
                                                                         MOTET_OWNED motet_dispatcher_t **out);

/* Closes a dispatcher: every poll returns CLOSED from now on; its actors are stopped without running their handlers
 * again. Since 0.1. */
MOTET_API void motet_dispatcher_close(motet_dispatcher_t *dispatcher);

/* Closes if that was not done, and frees the handle. Since 0.1. */
MOTET_API void motet_dispatcher_free(MOTET_TAKES MOTET_NULLABLE motet_dispatcher_t *dispatcher);

/* A descriptor that is readable while work waits or the dispatcher is closed. Never read from it; it belongs to the
 * dispatcher. Returns it, or a negative code. Since 0.1. */
MOTET_API int32_t motet_dispatcher_fd(motet_dispatcher_t *dispatcher);

/* Makes one poll that blocks, now or next, return 0. Since 0.1. */
MOTET_API void motet_dispatcher_wakeup(motet_dispatcher_t *dispatcher);

/* Fills a batch with at most max deliveries (a bound that one large actor claim may exceed by its own deliveries),
 * waiting at most timeout_ms for the first (0: not at all, negative: for ever). What the batch held is released first;
 * what was not completed stays uncompleted. Returns how many deliveries, 0 after the time or a wakeup, CLOSED when the
 * dispatcher is closed. Since 0.1. */
MOTET_API int64_t motet_dispatcher_poll(motet_dispatcher_t *dispatcher, motet_batch_t *batch, int64_t max,
                                        int64_t timeout_ms);

/* Completes one actor: handled deliveries of it were run. code MOTET_OK: all went well. Any other code: delivery number
 * `handled` (the one after those) failed with it, and message says why; the deliveries after it go back to the mailbox,
 * and supervision decides. Returns MOTET_OK, or NOT_FOUND when that actor has nothing to complete. Since 0.1. */
MOTET_API int32_t motet_dispatcher_complete(motet_dispatcher_t *dispatcher, uint64_t actor, int64_t handled,
                                            int32_t code, MOTET_NULLABLE const char *message);

/* Says that an actor does not handle a delivery (by its index, before it is completed): a dead letter with cause
 * unhandled. For MOTET_TYPE_TERMINATED complete with code UNHANDLED instead. Returns MOTET_OK or NOT_FOUND. Since 0.1.
 */
MOTET_API int32_t motet_dispatcher_unhandled(motet_dispatcher_t *dispatcher, uint64_t actor, int32_t index);

/* Asks; the answer comes as a delivery of this dispatcher with this correlation number. Otherwise as motet_ref_ask().
 * Since 0.1. */
MOTET_API int32_t motet_dispatcher_ask(motet_dispatcher_t *dispatcher, const motet_ref_t *target, uint64_t correlation,
                                       motet_type_t type, MOTET_NULLABLE const uint8_t *data, size_t size,
                                       int64_t timeout_ms, MOTET_NULLABLE const uint8_t *trace, size_t trace_size);

/* Describes an actor of this dispatcher. actor: a number of the caller's, below 2^63, unique among the dispatcher's
 * living actors; 0 for a type that is registered with motet_system_register_actor(): each actor of it is given a number
 * above that, and its pre-start tells {type, arguments}, whether it was made here or from another node. Where the props
 * are made those of a router (motet/router.h), the number is the router's: each routee of a pool is likewise given one
 * of its own, and its pre-start tells {props}, the router's number; when the router has ended, a post-stop tells that
 * number, of which there is nothing to complete. An actor's life is told by signals: pre-start, pre-restart (to the
 * failed instance), post-restart (make a new instance first), post-stop (also to an actor that is stopped before it
 * began). Free with motet_props_free(). Since 0.1. */
MOTET_API MOTET_OWNED motet_props_t *motet_props_new_foreign(motet_dispatcher_t *dispatcher, uint64_t actor);

/* Makes an empty batch. Free with motet_batch_free(). NULL only when memory is exhausted. Since 0.1. */
MOTET_API MOTET_OWNED motet_batch_t *motet_batch_new(void);

/* Frees a batch and the refs it lent. Since 0.1. */
MOTET_API void motet_batch_free(MOTET_TAKES MOTET_NULLABLE motet_batch_t *batch);

/* How many deliveries. Since 0.1. */
MOTET_API int64_t motet_batch_count(const motet_batch_t *batch);

/* The distance of two records in bytes. Since 0.1. */
MOTET_API int64_t motet_batch_stride(const motet_batch_t *batch);

/* The records. Valid until the batch is filled again or freed. Since 0.1. */
MOTET_API MOTET_BORROWED const uint8_t *motet_batch_records(const motet_batch_t *batch);

/* The arena with the payloads, and its size in bytes. Valid likewise. Since 0.1. */
MOTET_API MOTET_BORROWED const uint8_t *motet_batch_arena(const motet_batch_t *batch);
MOTET_API int64_t motet_batch_arena_size(const motet_batch_t *batch);

/* Completes with MOTET_OK every actor of the batch that was not completed yet, in one call. Returns how many. Do not
 * use for a batch of which an actor is still being run. Since 0.1. */
MOTET_API int64_t motet_batch_complete(motet_batch_t *batch);

#ifdef __cplusplus
}
#endif
#endif
