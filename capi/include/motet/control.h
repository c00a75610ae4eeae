/* Control: what operators ask of a running node, or have it do, from another process of the same machine.
 *
 * A node with the setting control.socket listens at a local socket, which only its own user and root may use. The
 * program motet is made with this.
 *
 * Thread rule: every function may be called from any thread. A reply is a single-owner value.
 */
#ifndef MOTET_CONTROL_H
#define MOTET_CONTROL_H

#include <motet/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_control_reply motet_control_reply_t;

/* Sends a command to the node that listens at a socket, and waits for the reply, at most timeout_ms. A command is
 *
 *   status | members | leader | unreachable    what the node knows
 *   join ADDRESS[,ADDRESS...]                  has it join through these seeds
 *   leave [ADDRESS] | down ADDRESS             has a member leave, or declares it down
 *   prepare-for-full-shutdown                  prepares the end of the whole cluster
 *
 * with "json " before it for a reply in JSON. The reply of a node that refuses a command is one too. Free it with
 * motet_control_reply_free(). Errors: INVALID, BAD_VALUE (no path that a socket can have, no one line), NOT_FOUND (no
 * node listens there), IO (not permitted), TIMEOUT. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_control_call(const char *socket, const char *command,
                                                                       int64_t timeout_ms,
                                                                       MOTET_OWNED motet_control_reply_t **out);

/* MOTET_OK, or why the node has refused the command. Since 0.1. */
MOTET_API int32_t motet_control_reply_code(const motet_control_reply_t *reply);

/* What was asked for, or why it was refused: lines with tabs between fields, or JSON. Valid until the reply is freed.
 * Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_control_reply_text(const motet_control_reply_t *reply);

/* Frees a reply. Since 0.1. */
MOTET_API void motet_control_reply_free(MOTET_TAKES MOTET_NULLABLE motet_control_reply_t *reply);

#ifdef __cplusplus
}
#endif
#endif
