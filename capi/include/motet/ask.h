/* Ask: a message that expects one answer, and the future that receives it.
 *
 * A future is looked at (motet_future_poll), waited for (motet_future_wait, motet_future_wait_for), or given away to
 * whoever uses its outcome when it is there: a function on a thread of the engine (motet_future_then), an actor as a
 * message (motet_future_pipe), or a function that runs inside the handling of the actor that asked
 * (motet_context_then). What is given away is freed with its use.
 *
 * Thread rule: every function but motet_context_then() may be called from any thread; a future is given away or freed
 * by one. The functions that wait block: not inside a handler. Inside a handler use motet_context_then(), or
 * motet_future_pipe() to the actor itself, and handle the outcome as a message.
 */
#ifndef MOTET_ASK_H
#define MOTET_ASK_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_future motet_future_t;

/* Called once, when the future is complete, on a thread of the engine: must not block. reply is NULL when code is not
 * MOTET_OK; it is valid during the call. message says what went wrong. */
typedef void (*motet_reply_fn)(int32_t code, MOTET_NULLABLE const char *message,
                               MOTET_NULLABLE const motet_message_t *reply, void *argument);

/* Called at most once, when the future is complete, inside the handling of the actor that waits for it: as its handler
 * it never runs while another function of the actor does, and what it returns means what a handler's result means.
 * code, message and reply as above. */
typedef int32_t (*motet_continue_fn)(motet_context_t *context, int32_t code, MOTET_NULLABLE const char *message,
                                     MOTET_NULLABLE const motet_message_t *reply, void *state);

/* Asks: sends the message with a temporary ref as sender; the first message told to that ref completes the future.
 * After timeout_ms (above 0) it fails with TIMEOUT, naming target and type; a later reply is a dead letter. A reply of
 * type MOTET_TYPE_FAILURE fails it with that code and sentence. Errors: INVALID, CLOSED, and those of motet_ref_tell().
 * Free with motet_future_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_ref_ask(const motet_ref_t *target, motet_type_t type,
                                                                  MOTET_NULLABLE const uint8_t *data, size_t size,
                                                                  int64_t timeout_ms,
                                                                  MOTET_NULLABLE const uint8_t *trace,
                                                                  size_t trace_size, MOTET_OWNED motet_future_t **out);

/* Stops an actor, on any node, and tells when it has stopped: watches it and sends it a message that makes it stop,
 * from nobody: MOTET_TYPE_POISON_PILL, which it takes in its turn, or one that its handler knows. The future is
 * complete when it has stopped, with MOTET_TYPE_STOPPED as its answer; at once, and nothing is sent, when it has
 * stopped already or never existed. After timeout_ms (above 0) it fails with TIMEOUT: the actor stops later, or does
 * not. Errors: INVALID (also for a path that may mean several actors), CLOSED, and those of motet_ref_tell(). Free with
 * motet_future_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_ref_graceful_stop(const motet_ref_t *target, motet_type_t type, MOTET_NULLABLE const uint8_t *data, size_t size,
                        int64_t timeout_ms, MOTET_OWNED motet_future_t **out);

/* Whether a future is complete: 1, and code (unless it is NULL) becomes how, MOTET_OK when motet_future_reply() has an
 * answer; 0 when it is not; INVALID. Does not block. Since 0.1. */
MOTET_API int32_t motet_future_poll(const motet_future_t *future, MOTET_NULLABLE int32_t *code);

/* Waits for the answer, as long as the ask's own timeout lasts. NULL error: motet_future_reply() has the answer.
 * Errors: TIMEOUT, CLOSED, or the failure that the answer carries. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_future_wait(motet_future_t *future);

/* The same, but at most for timeout_ms (0: only looks). Errors: as above, INVALID for a negative time, and TIMEOUT when
 * it is not complete by then: it may still become so, and motet_future_poll() tells. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_future_wait_for(motet_future_t *future, int64_t timeout_ms);

/* The answer; NULL when there is none (yet). Valid until the future is freed. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const motet_message_t *motet_future_reply(const motet_future_t *future);

/* Has a function called when the future is complete, at once if it is. At most once for each future; frees the future
 * afterwards. Since 0.1. */
MOTET_API void motet_future_then(MOTET_TAKES motet_future_t *future, motet_reply_fn reply,
                                 MOTET_NULLABLE void *argument);

/* Sends the outcome to an actor when the future is complete: the answer as it is, or else MOTET_TYPE_FAILURE with the
 * code and the sentence. sender: whom the message is from; NULL: who has answered, nobody for a failure. Takes the
 * future always. Returns MOTET_OK or INVALID. Since 0.1. */
MOTET_API int32_t motet_future_pipe(MOTET_TAKES motet_future_t *future, const motet_ref_t *target,
                                    MOTET_NULLABLE const motet_ref_t *sender);

/* Has the actor go on with a function when the future is complete, as part of the handling of the present message:
 * motet_context_reply(), _forward(), _stash(), _message() and _trace() in the function are about that message, and a
 * failure is one of it. Other messages are handled meanwhile. The function is never called inside this call, and not at
 * all once the instance ends, by a restart or a stop: its ask is then cancelled, and an answer is a dead letter. state
 * is freed with destroy exactly once: after the call, or when the instance ends (before its own state, where there is
 * no context). Takes the future always; state is the caller's again when the result is not MOTET_OK: INVALID, BAD_STATE
 * (no message is handled), QUEUE_FULL (100,000 functions of this actor wait), NO_MEMORY. Since 0.1. */
MOTET_API int32_t motet_context_then(motet_context_t *context, MOTET_TAKES motet_future_t *future,
                                     motet_continue_fn function, MOTET_NULLABLE void *state,
                                     MOTET_NULLABLE motet_destroy_fn destroy);

/* Frees a future; a reply that comes later is a dead letter. Since 0.1. */
MOTET_API void motet_future_free(MOTET_TAKES MOTET_NULLABLE motet_future_t *future);

#ifdef __cplusplus
}
#endif
#endif
