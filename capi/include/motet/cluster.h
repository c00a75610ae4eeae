/* Cluster: membership. Which nodes belong together, which of them are up, which can be reached.
 *
 * A node joins through seed nodes (setting cluster.seed-nodes) or by motet_cluster_join(). Its members, with their
 * status, are known to all by gossip. Statuses: joining, weakly-up, up, leaving, exiting, down, removed.
 *
 * Events. An actor subscribed to "cluster" (motet_system_subscribe()) first receives MOTET_TYPE_CLUSTER_STATE, then one
 * message for each change. MOTET_TYPE_CLUSTER_STATE is {members: [member], unreachable: [address], leader: address}. A
 * MOTET_TYPE_MEMBER_* message is one member: {address, uid, status, previous_status, roles: [text], up_number,
 * version}; previous_status is nil for one not known before, as in a state. MOTET_TYPE_LEADER_CHANGED is {leader:
 * address}, nil for none. MOTET_TYPE_JOIN_REFUSED is {address, code, error}, on the node that was refused and on the
 * one that refused. Changes that follow each other closely may be told as one: a member may be up at first sight.
 *
 * A node that is declared down by the others ends its membership and closes its system by itself. One that leaves only
 * ends its membership. Either can join again as a new life, that is, a new system.
 *
 * Thread rule: every function may be called from any thread. A state is a single-owner value, a picture of one moment.
 */
#ifndef MOTET_CLUSTER_H
#define MOTET_CLUSTER_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The tag differs from the type's name because motet_cluster_state is a function. */
typedef struct motet_cluster_picture motet_cluster_state_t;

/* Joins the cluster of the node at an address, "motet.tcp://System@host:port"; its own address starts a new cluster.
 * Looks the host up, which may block. Errors: BAD_ADDRESS (malformed, does not resolve, or another system name),
 * BAD_STATE (a member already, or cluster.enabled is off), CLOSED. How the join ends is told by events. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_join(motet_system_t *system, const char *address);

/* Has a member leave in good order; NULL or its own address: this node. Errors: BAD_ADDRESS, NOT_FOUND, BAD_STATE,
 * CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_leave(motet_system_t *system,
                                                                        MOTET_NULLABLE const char *address);

/* Declares a member down: it is removed as soon as the others agree. Errors: as above. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_down(motet_system_t *system, const char *address);

/* Waits until this node is Up, at most timeout_ms. Not inside a handler. Errors: TIMEOUT, JOIN_REFUSED (with the
 * reason), CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_wait_up(motet_system_t *system, int64_t timeout_ms);

/* The present state as this node sees it. Free with motet_cluster_state_free(). Errors: BAD_STATE, CLOSED. Since 0.1.
 */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_state(motet_system_t *system,
                                                                        MOTET_OWNED motet_cluster_state_t **out);

/* Number of members. Since 0.1. */
MOTET_API int64_t motet_cluster_state_size(const motet_cluster_state_t *state);

/* Of member number index (in address order): its address, status, roles (with commas); NULL beyond the last. Valid as
 * long as the state. Since 0.1.
 */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_address(const motet_cluster_state_t *state,
                                                                                int64_t index);
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_status(const motet_cluster_state_t *state,
                                                                               int64_t index);
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_roles(const motet_cluster_state_t *state,
                                                                              int64_t index);
MOTET_API uint64_t motet_cluster_state_uid(const motet_cluster_state_t *state, int64_t index);

/* 1 when that member can be reached, else 0. Since 0.1. */
MOTET_API int32_t motet_cluster_state_reachable(const motet_cluster_state_t *state, int64_t index);

/* The address of the leader; NULL when there is none. Valid as long as the state. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_leader(const motet_cluster_state_t *state);

/* Frees a state. Since 0.1. */
MOTET_API void motet_cluster_state_free(MOTET_TAKES MOTET_NULLABLE motet_cluster_state_t *state);

#ifdef __cplusplus
}
#endif
#endif
