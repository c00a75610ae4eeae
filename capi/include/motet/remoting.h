/* Remoting: what a system knows of the other nodes it has to do with.
 *
 * What happens between nodes is told by events, to actors that subscribe to "remoting" (motet/system.h,
 * motet/message.h); docs/remoting.md says what each association passes through.
 *
 * Thread rule: motet_system_peers() may be called from any thread; what it gives is a copy, a single-owner value.
 */
#ifndef MOTET_REMOTING_H
#define MOTET_REMOTING_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_peers motet_peers_t;

/* Copies what is known now of every other node that was sent to or heard from, by address in order. Free with
 * motet_peers_free(). Errors: INVALID, CLOSED, FORKED, NO_MEMORY, BAD_STATE (remote.enabled is off), TIMEOUT (remoting
 * had too much to do to answer within 10 seconds). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_system_peers(motet_system_t *system,
                                                                       MOTET_OWNED motet_peers_t **out);

/* How many there are. The functions below take an index from 0; for one that is beyond they return NULL or 0. Since
 * 0.1. */
MOTET_API int64_t motet_peers_count(MOTET_NULLABLE const motet_peers_t *peers);

/* The address. Valid as long as the copy. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_peers_address(MOTET_NULLABLE const motet_peers_t *peers,
                                                                        int64_t index);

/* The state of the association: "idle", "handshaking", "active", "gated" or "quarantined". Valid as long as the copy.
 * Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_peers_state(MOTET_NULLABLE const motet_peers_t *peers,
                                                                      int64_t index);

/* The uid of the life of the node that was met last; 0: none was. Since 0.1. */
MOTET_API uint64_t motet_peers_uid(MOTET_NULLABLE const motet_peers_t *peers, int64_t index);

/* How strongly the node is suspected of having failed: phi of the detector that watches it, that of the cluster for its
 * members, else that of remote death watch. 0 for a node that nothing here watches. Since 0.1. */
MOTET_API double motet_peers_phi(MOTET_NULLABLE const motet_peers_t *peers, int64_t index);

/* The bytes that wait to be sent to it. Since 0.1. */
MOTET_API uint64_t motet_peers_queued(MOTET_NULLABLE const motet_peers_t *peers, int64_t index);

/* Frees the copy. Since 0.1. */
MOTET_API void motet_peers_free(MOTET_TAKES MOTET_NULLABLE motet_peers_t *peers);

#ifdef __cplusplus
}
#endif
#endif
