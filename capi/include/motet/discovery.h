/* Discovery: how a node finds others when no seed nodes are written down.
 *
 * With cluster.discovery.method = "program" the program supplies a function that is asked for addresses, at start and
 * every cluster.discovery.interval until the node has joined a cluster. It begins to ask whatever knows them, and
 * returns at once; the answer follows with motet_discovery_request_complete(). The first in the order of addresses
 * starts a cluster when at least cluster.discovery.required-contacts were found, itself included, and none of them has
 * one.
 *
 * Thread rule: every function may be called from any thread. The discovery function is called on threads of the engine
 * and must not block. A request is a single-owner value.
 */
#ifndef MOTET_DISCOVERY_H
#define MOTET_DISCOVERY_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_discovery_request motet_discovery_request_t;

/* Begins a request, which it owns from then on: it, or whoever it is handed to, ends it with
 * motet_discovery_request_complete(). */
typedef void (*motet_discovery_fn)(motet_discovery_request_t *request, void *argument);

/* Says what a node asks for others from now on, in place of what was said before. release: called once with argument,
 * when the function will not be called again. Errors: INVALID, BAD_STATE (no cluster), CLOSED, FORKED. Then release is
 * called too. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_discovery_set(motet_system_t *system,
                                                                        motet_discovery_fn discovery,
                                                                        MOTET_NULLABLE void *argument,
                                                                        MOTET_NULLABLE motet_release_fn release);

/* Answers a request, once, and ends it: with MOTET_OK and the addresses found, with commas, that of this node perhaps
 * among them; or with what went wrong and a sentence for the log, in place of the addresses. Addresses that are none
 * are what went wrong. Since 0.1. */
MOTET_API void motet_discovery_request_complete(MOTET_TAKES MOTET_NULLABLE motet_discovery_request_t *request,
                                                int32_t code, MOTET_NULLABLE const char *text);

#ifdef __cplusplus
}
#endif
#endif
