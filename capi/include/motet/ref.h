/* Ref: a reference to an actor, wherever it lives.
 *
 * A ref is counted and stays valid as long as it is held, also after its actor or its system is gone: what is told to
 * it then becomes a dead letter. Two refs are equal when they name the same incarnation of the same actor.
 *
 * Thread rule: every function may be called from any thread.
 */
#ifndef MOTET_REF_H
#define MOTET_REF_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Holds a ref once more; returns it. Each hold is ended with motet_ref_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_ref_t *motet_ref_retain(MOTET_NULLABLE const motet_ref_t *ref);

/* Ends one hold. Since 0.1. */
MOTET_API void motet_ref_free(MOTET_TAKES MOTET_NULLABLE motet_ref_t *ref);

/* Writes the full path, "motet.tcp://System@host:port/user/a#17", and a NUL into buffer; cuts it off when capacity is
 * too small. Returns the full length, or INVALID. motet_system_ref() on that text gives an equal ref on any node. Since
 * 0.1. */
MOTET_API int64_t motet_ref_path(const motet_ref_t *ref, char *buffer, size_t capacity);

/* 1 when both name the same incarnation, else 0. Since 0.1. */
MOTET_API int32_t motet_ref_equal(MOTET_NULLABLE const motet_ref_t *left, MOTET_NULLABLE const motet_ref_t *right);

/* A number that is equal for equal refs. Since 0.1. */
MOTET_API uint64_t motet_ref_hash(MOTET_NULLABLE const motet_ref_t *ref);

/* Sends a message: the bytes are copied, the call does not block. sender: whom a reply reaches, NULL for nobody. trace:
 * a context of MOTET_TRACE_SIZE bytes, or size 0. Returns MOTET_OK when the message was handed over, which is no
 * promise that it arrives: delivery is at most once, in order for each pair of sender and target. Otherwise a negative
 * code, and the message is a dead letter with that cause: STOPPED, MAILBOX_FULL, QUEUE_FULL, TOO_LARGE, GATED,
 * QUARANTINED, CLOSED, INVALID, NO_MEMORY. Who is refused with QUEUE_FULL can wait: motet_ref_await_room(). Since 0.1.
 */
MOTET_API int32_t motet_ref_tell(const motet_ref_t *target, MOTET_NULLABLE const motet_ref_t *sender, motet_type_t type,
                                 MOTET_NULLABLE const uint8_t *data, size_t size, MOTET_NULLABLE const uint8_t *trace,
                                 size_t trace_size);

/* Waits until a message with a payload of size bytes finds room in the queue to the node of an actor, at most
 * timeout_ms (negative: for ever). It promises nothing: others may fill the room before this thread does; then wait
 * again. Not for handlers, which would hold up a thread of the engine: they use motet_ref_when_room(). Returns MOTET_OK
 * (at once for an actor of this node), TIMEOUT, TOO_LARGE (never will it find room), QUEUE_FULL (100,000 wait
 * already), GATED or QUARANTINED (the node cannot be reached for now, or not any more), CLOSED, INVALID, NO_MEMORY,
 * FORKED. Since 0.1. */
MOTET_API int32_t motet_ref_await_room(const motet_ref_t *target, size_t size, int64_t timeout_ms);

/* Has an actor of this node told when motet_ref_await_room() would return: by one MOTET_TYPE_ROOM, whose sender is the
 * target. Returns MOTET_OK, INVALID, NO_MEMORY or FORKED. Since 0.1. */
MOTET_API int32_t motet_ref_when_room(const motet_ref_t *target, size_t size, const motet_ref_t *actor);

/* Asks an actor to stop after the message it is handling: children first, then itself; what is left in its mailbox
 * becomes dead letters. Only for actors of this node. Returns MOTET_OK (also when it has stopped already), or INVALID.
 * Since 0.1. */
MOTET_API int32_t motet_ref_stop(const motet_ref_t *ref);

#ifdef __cplusplus
}
#endif
#endif
