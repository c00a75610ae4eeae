/* Lease: something that one owner at most holds at a time, kept by a third party that both sides of a split can ask.
 *
 * With cluster.downing.strategy = "lease-majority" the side that is granted the lease stays when members cannot reach
 * each other, and the other one goes. The program supplies the lease: a function that is told of a request, begins it
 * with whatever keeps the lease, and returns at once; the answer follows with motet_lease_request_complete().
 *
 * What keeps the lease must grant it to one owner at a time, may grant it again to the one that holds it, and should
 * let it run out some time after its owner is gone, later than cluster.downing.lease-release-after.
 *
 * Thread rule: every function may be called from any thread. The lease function is called on threads of the engine and
 * must not block. A request is a single-owner value.
 */
#ifndef MOTET_LEASE_H
#define MOTET_LEASE_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is asked for. */
#define MOTET_LEASE_ACQUIRE 1 /* to hold it from now on */
#define MOTET_LEASE_CHECK 2   /* whether the owner holds it */
#define MOTET_LEASE_RELEASE 3 /* to give it back */

typedef struct motet_lease_request motet_lease_request_t;

/* Begins a request, which it owns from then on: it, or whoever it is handed to, ends it with
 * motet_lease_request_complete(). */
typedef void (*motet_lease_fn)(motet_lease_request_t *request, void *argument);

/* Says what the cluster of a system asks for leases from now on, in place of what was said before. release: called once
 * with argument, when the function will not be called again. Errors: INVALID, BAD_STATE (no cluster), CLOSED, FORKED.
 * Then release is called too. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_lease_set(motet_system_t *system, motet_lease_fn lease,
                                                                    MOTET_NULLABLE void *argument,
                                                                    MOTET_NULLABLE motet_release_fn release);

/* What is asked for, MOTET_LEASE_*. Since 0.1. */
MOTET_API int32_t motet_lease_request_operation(const motet_lease_request_t *request);

/* Which lease (cluster.downing.lease-name), and for whom: the address and uid of a node. Valid until the request is
 * completed. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_lease_request_name(const motet_lease_request_t *request);
MOTET_API MOTET_BORROWED const char *motet_lease_request_owner(const motet_lease_request_t *request);

/* Answers a request, once, and ends it: MOTET_OK when the owner holds the lease (when it is released: when it has given
 * it back), MOTET_E_REFUSED when another one holds it, or what kept that from being known; message: a sentence for the
 * log. An answer that does not come within cluster.downing.lease-timeout counts as refused. Since 0.1. */
MOTET_API void motet_lease_request_complete(MOTET_TAKES MOTET_NULLABLE motet_lease_request_t *request, int32_t code,
                                            MOTET_NULLABLE const char *message);

#ifdef __cplusplus
}
#endif
#endif
