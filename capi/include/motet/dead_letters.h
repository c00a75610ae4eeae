/* Dead letters: messages that were not delivered, each with its cause and its story.
 *
 * Every message that its target does not get ends here, but for packets of the engine's own protocols, which reckon
 * with loss. It is counted by cause; the last ones (dead-letters.ring) are kept to be read; actors that subscribe to
 * "dead-letters" are told (MOTET_TYPE_DEAD_LETTER); and it is logged, at most dead-letters.log-count in a row, after
 * which the log is quiet about them for dead-letters.log-pause and then says how many there were.
 *
 * The causes; there are no others:
 *
 *   STOPPED       the target has stopped, never existed, or stopped before it came to this message; there is nobody to
 *                 answer; a router has no routees
 *   UNHANDLED     the target does not handle messages of this type
 *   MAILBOX_FULL  the mailbox of the target was full; also of the oldest message that had to make room
 *   INVALID       the target cannot be sent this: a signal that only the engine sends, a message without the key its
 *                 router needs, one that went in a circle of routers, one for another node without a name of its type
 *   MALFORMED     what its bytes say is not well formed, or not sent by users: a wrapper or request for a router, or
 *                 what came from another node
 *   TOO_LARGE     larger than remote.max-message-size, here or at the other node
 *   QUEUE_FULL    too many bytes wait to be sent to the node of the target, or of large messages to be put together
 *   GATED         the node of the target cannot be reached for now
 *   QUARANTINED   the node of the target is quarantined
 *   UNREACHABLE   the connection to the node of the target ended before it was sent
 *   TRANSPORT     a frame that was lost said what its target or its type is, or held a piece of it: told by the node of
 *                 the target, and perhaps by that of the sender too
 *   CLOSED        remoting has ended, with its system
 *   NO_MEMORY     there was no memory for it; it is only counted
 *
 * Who passed a message on before it was lost are its hops: actors that forwarded it, routers, selections with patterns
 * or "..", and nodes that it came from, also those on other nodes. Their paths are told in order, the first 8 of them;
 * of the others only how many there were.
 *
 * Thread rule: what is read is a copy, a single-owner value. motet_system_dead_letters() may be called from any thread.
 */
#ifndef MOTET_DEAD_LETTERS_H
#define MOTET_DEAD_LETTERS_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_dead_letters motet_dead_letters_t;

/* Copies what is known of the dead letters of a system. Free with motet_dead_letters_free(). Errors: INVALID, CLOSED,
 * FORKED, NO_MEMORY. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_dead_letters(motet_system_t *system,
                                                                              MOTET_OWNED motet_dead_letters_t **out);

/* How many there ever were with a cause, a MOTET_E_* code; 0: with any. Since 0.1. */
MOTET_API uint64_t motet_dead_letters_total(const motet_dead_letters_t *letters, int32_t cause);

/* How many of the last ones were kept. Since 0.1. */
MOTET_API int64_t motet_dead_letters_count(const motet_dead_letters_t *letters);

/* Writes one that was kept, from 0, the oldest first, into buffer: the bytes that a MOTET_TYPE_DEAD_LETTER about it has
 * as its payload (see motet/message.h); cuts them off when capacity is too small. Returns the full size, or INVALID
 * when there is none with this index. Since 0.1. */
MOTET_API int64_t motet_dead_letters_body(const motet_dead_letters_t *letters, int64_t index, uint8_t *buffer,
                                          size_t capacity);

/* Frees the copy. Since 0.1. */
MOTET_API void motet_dead_letters_free(MOTET_TAKES MOTET_NULLABLE motet_dead_letters_t *letters);

#ifdef __cplusplus
}
#endif
#endif
