/* Router: an actor that spreads the messages told to it over others, its routees.
 *
 * Props become those of a router with motet_props_set(); motet_system_spawn() then makes the router and its routees.
 * The choice of the routee is made on the sender's thread; routees see the original sender, but where an answer is
 * waited for. Messages of one sender to one routee arrive in the order of sending, but with tail-chopping.
 *
 *   router
 *     a logic, with -pool or -group behind it:
 *       round-robin         each in turn
 *       random              any
 *       smallest-mailbox    the one with the least to do; of other nodes nothing is known, they come last
 *       balancing           whoever has nothing to do: the routees of a pool share one mailbox, whose bound is that of
 *                           their props; not for groups
 *       broadcast           all
 *       scatter-gather      all; the first answer goes to who asked, later ones are dropped
 *       tail-chopping       any one, then one more after each interval until one answers; as above
 *       consistent-hashing  the one to whom the key of the message belongs; other keys stay where they are when routees
 *                           come or go
 *   router.instances: of a pool, 1
 *     how many routees. They are children of the router, made of the same props, whose supervision.* say what
 *     happens to one that fails: unless set, it is restarted alone. What is escalated restarts the router, with new
 *     routees. Those of a foreign dispatcher each have a number of their own, see motet_props_new_foreign()
 *   router.target-nodes: of a pool: addresses of nodes with commas between them, on which its routees are created in
 *     turn, of props of a registered type (motet_props_of_type()); here otherwise
 *   router.paths: of a group
 *     the routees, with commas between them, on any node. Whoever is at a path when a message is sent is meant,
 *     unless it ends in an incarnation (#...). The props need no handler
 *   router.within: of scatter-gather and tail-chopping, 5s
 *     time for an answer. When it is over, or all routees have failed, who asked gets MOTET_TYPE_FAILURE
 *   router.interval: of tail-chopping, 10ms
 *     before one more routee is asked; one that fails is followed by the next at once
 *   router.hash-key: of consistent-hashing
 *     the field of a message's MessagePack map that is its key: a text, bytes or an integer. A message without a key is
 *     a dead letter with cause INVALID, but for one that comes in a MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE
 *   router.virtual-nodes-factor: of consistent-hashing, 10
 *     places of each routee on the ring; more of them spread keys more evenly
 *   router.resizer: of a pool, off
 *     off, or what changes the number of routees. With one, the pool outlives its last routee:
 *       pressure                grows when all routees are busy, shrinks when few are
 *       optimal-size-exploring  looks for the size with which it gets most done
 *   router.resizer.lower-bound 1, router.resizer.upper-bound 10
 *     the size stays within these; router.instances, if set, too
 *   router.resizer.messages-per-resize 10
 *     after so many messages the size is looked at
 *   router.resizer.pressure-threshold 1: of pressure, as the next three
 *     when a routee is busy: 0 when it runs, 1 when it runs and a message waits, n when n messages wait
 *   router.resizer.rampup-rate 0.2, router.resizer.backoff-threshold 0.3, router.resizer.backoff-rate 0.1
 *     the part by which a pool grows when all are busy; and shrinks when less than that part is busy
 *   router.resizer.action-interval 5s: of optimal-size-exploring, as all that follow
 *     time between two changes
 *   router.resizer.chance-of-exploration 0.4, router.resizer.explore-step-size 0.1
 *     that another size is tried, at most that part larger; otherwise the best known one nearby is approached
 *   router.resizer.chance-of-ramping-down-when-full 0.2
 *     that the size tried is a smaller one
 *   router.resizer.optimization-range 16
 *     how many sizes around the present one are compared
 *   router.resizer.weight-of-latest-metric 0.5
 *     of the last measurement against those before
 *   router.resizer.downsize-after-underutilized-for 72h, router.resizer.downsize-ratio 0.8
 *     a pool that was not full for so long shrinks to that part of the most routees that were busy
 *
 * By configuration: actor.deployment."/service/worker"."router.instances" and so on set the same keys for the actor
 * with that path, whatever the code says. A router that is named there takes the place of the one in the code, with all
 * its properties; keys without a router, or with router = "from-code", change the one in the code. What the actor was
 * spawned with are then its routees; dispatcher, mailbox and supervision.* are theirs, as always. No routee is made a
 * router by configuration.
 *
 * A key is hashed by its bytes (an integer by its decimal digits), a routee by its path: routers with the same routees
 * agree about every key, on every node and in every language.
 *
 * A pool ends with the last of its routees; a group may be empty. Without routees every message is a dead letter with
 * cause STOPPED. MOTET_TYPE_POISON_PILL and MOTET_TYPE_KILL are for the router itself, which stops its routees before
 * it ends; in a MOTET_TYPE_BROADCAST they are for the routees, which then do what they were sent before.
 *
 * Thread rule: as for every actor.
 */
#ifndef MOTET_ROUTER_H
#define MOTET_ROUTER_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Messages that manage a router, from any node. The payload is a MessagePack map with the keys named beside them; a
 * routee is an actor reference (MOTET_EXTENSION_REF). One that is not well formed is a dead letter with cause
 * MALFORMED. They take effect in the order in which one sender sends them. */
#define MOTET_TYPE_GET_ROUTEES 48      /* no payload; answered with MOTET_TYPE_ROUTEES */
#define MOTET_TYPE_ROUTEES 49          /* {routees}: a list */
#define MOTET_TYPE_ADD_ROUTEE 50       /* {routee}: it leaves when it ends, if its reference has an incarnation */
#define MOTET_TYPE_REMOVE_ROUTEE 51    /* {routee}: one of the pool's own ends when it has done what it was sent */
#define MOTET_TYPE_ADJUST_POOL_SIZE 52 /* {change}: routees more, or fewer when below 0; at least one stays */

/* Wrappers: {type, payload}, the name of a type as text and the payload of a message as bytes. What reaches a routee is
 * the message inside, with the wrapper's sender and trace; a type that motet_ref_tell() would refuse makes a dead
 * letter with cause MALFORMED. A broadcast is for all routees, whatever the logic; {key, type, payload} is for the one
 * to whom that key belongs, or for the one that another logic chooses. */
#define MOTET_TYPE_BROADCAST 53
#define MOTET_TYPE_CONSISTENT_HASHABLE_ENVELOPE 54

#ifdef __cplusplus
}
#endif
#endif
