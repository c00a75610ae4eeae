/* Ask: a message that expects one answer, and the future that receives it.
 *
 * Thread rule: every function may be called from any thread, but motet_future_wait() blocks: not inside a handler.
 * Inside a handler of an actor tell and handle the reply as a message instead, or give a function to
 * motet_future_then().
 */
#ifndef MOTET_ASK_H
#define MOTET_ASK_H

#include <motet/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_future motet_future_t;

/* Called once, when the future is complete, on a thread of the engine: must not block. reply is NULL when code is not
 * MOTET_OK; it is valid during the call. message says what went wrong. */
typedef void (*motet_reply_fn)(int32_t code, MOTET_NULLABLE const char *message,
                               MOTET_NULLABLE const motet_message_t *reply, void *argument);

/* Asks: sends the message with a temporary ref as sender; the first message told to that ref completes the future.
 * After timeout_ms (above 0) it fails with TIMEOUT, naming target and type; a later reply is a dead letter. A reply of
 * type MOTET_TYPE_FAILURE fails it with that code and sentence. Errors: INVALID, CLOSED, and those of motet_ref_tell().
 * Free with motet_future_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_ref_ask(const motet_ref_t *target, motet_type_t type,
                                                                  MOTET_NULLABLE const uint8_t *data, size_t size,
                                                                  int64_t timeout_ms,
                                                                  MOTET_NULLABLE const uint8_t *trace,
                                                                  size_t trace_size, MOTET_OWNED motet_future_t **out);

/* Waits for the answer, as long as the ask's own timeout lasts. NULL error: motet_future_reply() has the answer.
 * Errors: TIMEOUT, CLOSED, or the failure that the answer carries. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_future_wait(motet_future_t *future);

/* The answer; NULL when there is none (yet). Valid until the future is freed. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const motet_message_t *motet_future_reply(const motet_future_t *future);

/* Has a function called when the future is complete, at once if it is. At most once for each future; frees the future
 * afterwards. Since 0.1. */
MOTET_API void motet_future_then(MOTET_TAKES motet_future_t *future, motet_reply_fn reply,
                                 MOTET_NULLABLE void *argument);

/* Frees a future; a reply that comes later is a dead letter. Since 0.1. */
MOTET_API void motet_future_free(MOTET_TAKES MOTET_NULLABLE motet_future_t *future);

#ifdef __cplusplus
}
#endif
#endif
