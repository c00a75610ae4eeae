/* Cluster: membership. Which nodes belong together, which of them are up, which can be reached.
 *
 * A node joins through seed nodes (setting cluster.seed-nodes, or motet_cluster_join_seeds()) or by
 * motet_cluster_join(). Its members, with their status, are known to all by gossip. Statuses: joining, weakly-up, up,
 * preparing-for-shutdown, ready-for-shutdown, leaving, exiting, down, removed.
 *
 * Events. An actor subscribed to "cluster" (motet_system_subscribe()) first receives MOTET_TYPE_CLUSTER_STATE, then one
 * message for each change; motet_cluster_subscribe() can have the state told as events too. Each is a map:
 *
 *   MOTET_TYPE_CLUSTER_STATE        {members: [member], unreachable: [address], leader: address, role_leaders: {role:
 *                                   address}}; empty before this node is a member
 *   MOTET_TYPE_MEMBER_*             one member: {address, uid, status, previous_status, roles: [text], up_number,
 *                                   version}; previous_status is nil for one not known before, as in a state
 *   MOTET_TYPE_LEADER_CHANGED       {leader: address}, nil for none
 *   MOTET_TYPE_ROLE_LEADER_CHANGED  {role, leader: address}: the same among the members with a role
 *   MOTET_TYPE_CONVERGENCE_BLOCKED  {members: [address]}: those who have kept the members from agreeing for 3 s,
 *                                   unreachable or behind; empty when they agree again
 *   MOTET_TYPE_JOIN_REFUSED         {address, code, error}, on the node that was refused and on the one that refused
 *   MOTET_TYPE_CLUSTER_SHUTTING_DOWN {downed}: the membership of this node ends; that it is removed follows
 *
 * Changes that follow each other closely may be told as one: a member may be up at first sight.
 *
 * A node that leaves, or is declared down by the others, shuts its system down (motet/shutdown.h). It can join again as
 * a new life, that is, a new system.
 *
 * Thread rule: every function may be called from any thread. A state is a single-owner value, a picture of one moment.
 */
#ifndef MOTET_CLUSTER_H
#define MOTET_CLUSTER_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The tag differs from the type's name because motet_cluster_state is a function. */
typedef struct motet_cluster_picture motet_cluster_state_t;

/* Joins the cluster of the node at an address, "motet.tcp://System@host:port"; its own address starts a new cluster.
 * Looks the host up, which may block. Errors: BAD_ADDRESS (malformed, does not resolve, or another system name),
 * BAD_STATE (a member already, or cluster.enabled is off), CLOSED. How the join ends is told by events. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_join(motet_system_t *system, const char *address);

/* Joins through seed nodes, given with commas, as cluster.seed-nodes does: the first that answers lets this node in;
 * when the first one of the list is this node and no other has a cluster, it starts one. Errors: BAD_ADDRESS (none, one
 * is malformed, none resolves, or another system name), BAD_STATE, CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_join_seeds(motet_system_t *system, const char *seeds);

/* Has a member leave in good order; NULL or its own address: this node. Errors: BAD_ADDRESS, NOT_FOUND, BAD_STATE,
 * CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_leave(motet_system_t *system,
                                                                        MOTET_NULLABLE const char *address);

/* Declares a member down: it is removed as soon as the others agree. Errors: as above. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_down(motet_system_t *system, const char *address);

/* Prepares the end of the whole cluster: all members that are up become preparing-for-shutdown and, when all agree,
 * ready-for-shutdown. From then on nobody joins, and nobody becomes up; leaving works. Errors: BAD_STATE (not a
 * member), CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_prepare_for_full_shutdown(motet_system_t *system);

/* Subscribes an actor of this system to "cluster". initial: what comes first, MOTET_INITIAL_STATE_AS_SNAPSHOT, which is
 * what motet_system_subscribe() does, or MOTET_INITIAL_STATE_AS_EVENTS: a MOTET_TYPE_MEMBER_* for each member, then who
 * is unreachable, and the leaders. Ended by motet_system_unsubscribe(). Errors: INVALID, BAD_STATE, CLOSED. Since 0.1.
 */
#define MOTET_INITIAL_STATE_AS_SNAPSHOT 1
#define MOTET_INITIAL_STATE_AS_EVENTS 2
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_cluster_subscribe(motet_system_t *system, const motet_ref_t *subscriber, int32_t initial);

/* Calls back once: when this node is up; when it is removed from its cluster, or its system has ended. If that is so
 * already, at once; else on a thread of the engine, which must not be blocked. release: called once with argument, when
 * the call has been made or never will be. Errors: INVALID, BAD_STATE, CLOSED. Then release is called too. Since 0.1.
 */
typedef void (*motet_cluster_fn)(void *argument);
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_on_up(motet_system_t *system, motet_cluster_fn call,
                                                                        MOTET_NULLABLE void *argument,
                                                                        MOTET_NULLABLE motet_release_fn release);
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_cluster_on_removed(motet_system_t *system,
                                                                             motet_cluster_fn call,
                                                                             MOTET_NULLABLE void *argument,
                                                                             MOTET_NULLABLE motet_release_fn release);

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

/* Of member number index: the version of its application (cluster.version), NULL beyond the last, valid as long as the
 * state; its age, 1 is the oldest, 0 before it was up; 1 when it is known to have this state, else 0. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_version(const motet_cluster_state_t *state,
                                                                                int64_t index);
MOTET_API int64_t motet_cluster_state_up_number(const motet_cluster_state_t *state, int64_t index);
MOTET_API int32_t motet_cluster_state_seen(const motet_cluster_state_t *state, int64_t index);

/* The status of this node, "removed" when it is no member, or no more. Valid as long as the state. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_cluster_state_own_status(const motet_cluster_state_t *state);

/* 1 when all members agree, else 0. Since 0.1. */
MOTET_API int32_t motet_cluster_state_converged(const motet_cluster_state_t *state);

/* Who suspects whom, and why: the number of suspicions, and of number index the addresses of observer and subject, and
 * the reason; NULL beyond the last. One alone makes nobody unreachable. Valid as long as the state. Since 0.1. */
MOTET_API int64_t motet_cluster_state_suspicions(const motet_cluster_state_t *state);
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *
motet_cluster_state_suspicion_observer(const motet_cluster_state_t *state, int64_t index);
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *
motet_cluster_state_suspicion_subject(const motet_cluster_state_t *state, int64_t index);
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *
motet_cluster_state_suspicion_reason(const motet_cluster_state_t *state, int64_t index);

/* The leader among the members with a role; NULL when there is none. Valid as long as the state. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_role_leader(const motet_cluster_state_t *state,
                                                                                    const char *role);

/* The state as a JSON object {self, uid, status, cluster, leader, role_leaders: {role: address}, converged, blockers:
 * [address], members: [{address, uid, status, roles, version, up_number, incarnation, reachable, seen}], unreachable:
 * [address], suspicions: [{observer, subject, silence_ms, reason}], ignored: {reason: number}}; uids are texts, since
 * they have 64 bits; ignored: packets that were not acted upon. Valid as long as the state. Since 0.1. */
MOTET_API MOTET_BORROWED const char *motet_cluster_state_json(const motet_cluster_state_t *state);

/* The address of the leader; NULL when there is none. Valid as long as the state. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const char *motet_cluster_state_leader(const motet_cluster_state_t *state);

/* Frees a state. Since 0.1. */
MOTET_API void motet_cluster_state_free(MOTET_TAKES MOTET_NULLABLE motet_cluster_state_t *state);

#ifdef __cplusplus
}
#endif
#endif
