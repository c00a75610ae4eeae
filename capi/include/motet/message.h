/* Message: what an actor receives. A type (by name), a payload (bytes, MessagePack by convention), a sender, a trace.
 *
 * A message is borrowed from the engine for the time of the handler that was given it.
 *
 * Signals are messages that the engine itself sends; they have reserved types, whose numbers are the same in every
 * system: see MOTET_TYPE_*. Where a signal has a payload it is a MessagePack map with the keys named beside it. A
 * signal that a handler does not handle is ignored, but for MOTET_TYPE_TERMINATED: who watches must handle it, or
 * fails.
 *
 * Thread rule: use a message only inside the handler that was given it.
 */
#ifndef MOTET_MESSAGE_H
#define MOTET_MESSAGE_H

#include <motet/ref.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Life of an actor; only the actor itself receives these. */
#define MOTET_TYPE_PRE_START                                                                                           \
    1                          /* before the first message of a fresh actor; {type, arguments} to one of a foreign     \
                                  dispatcher that was made by the name of its type */
#define MOTET_TYPE_POST_STOP 2 /* the last thing it receives */
#define MOTET_TYPE_PRE_RESTART                                                                                         \
    3                             /* to the failed instance; {code, error, type, message}: the last two                \
                                     tell what it could not handle, empty where there was nothing */
#define MOTET_TYPE_POST_RESTART 4 /* to the new instance; {code, error} */
#define MOTET_TYPE_TERMINATED                                                                                          \
    5 /* a watched actor has stopped; the sender is that actor; {existence_confirmed, address_terminated} */

/* Messages every actor understands by itself, and their answers. */
#define MOTET_TYPE_POISON_PILL 6    /* stops the actor when its turn comes */
#define MOTET_TYPE_KILL 7           /* fails the actor when its turn comes */
#define MOTET_TYPE_IDENTIFY 8       /* any payload; answered with MOTET_TYPE_ACTOR_IDENTITY and the same payload */
#define MOTET_TYPE_ACTOR_IDENTITY 9 /* the sender is the actor found; without a sender there is none */

/* An answer that says that the request failed; {code, error}. Turns an ask into a failed one. */
#define MOTET_TYPE_FAILURE 10

/* What a subscriber to "dead-letters" gets; {cause, type, target, sender, size, limit, trace, hops, passed_on}: the
 * code, the name of the type, paths, the size of the payload and, where the cause is TOO_LARGE, the largest that is
 * allowed (else 0), a traceparent header value (texts are empty where there is none); a list of the paths of the first
 * who passed it on, and how many did. See motet/dead_letters.h. */
#define MOTET_TYPE_DEAD_LETTER 11

/* What a subscriber to "mailboxes" gets when so many messages wait as the mailbox calls its high water; {actor,
 * waiting, capacity}: the path and two numbers. */
#define MOTET_TYPE_MAILBOX_HIGH_WATER 13

/* The actor was idle for as long as motet_context_receive_timeout() said; {timeout_ns}. */
#define MOTET_TYPE_RECEIVE_TIMEOUT 14

/* The answer of motet_ref_graceful_stop(): the actor has stopped. The sender is that actor; {existence_confirmed,
 * address_terminated}. Unlike MOTET_TYPE_TERMINATED it needs no watch of who receives it. */
#define MOTET_TYPE_STOPPED 15

/* Events of the cluster, see motet/cluster.h. */
#define MOTET_TYPE_CLUSTER_STATE 16
#define MOTET_TYPE_MEMBER_JOINED 17
#define MOTET_TYPE_MEMBER_WEAKLY_UP 18
#define MOTET_TYPE_MEMBER_UP 19
#define MOTET_TYPE_MEMBER_LEFT 20
#define MOTET_TYPE_MEMBER_EXITED 21
#define MOTET_TYPE_MEMBER_DOWNED 22
#define MOTET_TYPE_MEMBER_REMOVED 23
#define MOTET_TYPE_MEMBER_UNREACHABLE 24
#define MOTET_TYPE_MEMBER_REACHABLE 25
#define MOTET_TYPE_LEADER_CHANGED 26
#define MOTET_TYPE_JOIN_REFUSED 27
#define MOTET_TYPE_MEMBER_PREPARING_FOR_SHUTDOWN 28
#define MOTET_TYPE_MEMBER_READY_FOR_SHUTDOWN 29
#define MOTET_TYPE_ROLE_LEADER_CHANGED 30
#define MOTET_TYPE_CONVERGENCE_BLOCKED 31
#define MOTET_TYPE_CLUSTER_SHUTTING_DOWN 32

/* The answer to motet_ref_when_room(): there is room, code 0, or none is to be expected; {code, error}. The sender is
 * whom the room is for. */
#define MOTET_TYPE_ROOM 38

/* Events of remoting: {local, remote, uid, inbound, cause}: addresses, the uid of the peer's life, whether the peer
 * began the association (or tried to), and a sentence; remote is empty and uid 0 where it is about no peer. An error is
 * what is wrong and concerns no association: bytes that are not understood, a key file that cannot be read. */
#define MOTET_TYPE_REMOTING_ERROR 39
#define MOTET_TYPE_ASSOCIATED 40
#define MOTET_TYPE_DISASSOCIATED 41
#define MOTET_TYPE_ASSOCIATION_ERROR 42
#define MOTET_TYPE_LISTENING 43
#define MOTET_TYPE_QUARANTINED 44
#define MOTET_TYPE_THIS_SYSTEM_QUARANTINED 45
#define MOTET_TYPE_REMOTING_SHUT_DOWN 46

/* What users and routers tell each other, 48 to 54, stands in motet/router.h. */

/* Types of a system's own numbering start here. */
#define MOTET_TYPE_FIRST_USER 64

/* The extension type of MessagePack under which an actor reference travels inside a payload: its full path as UTF-8. */
#define MOTET_EXTENSION_REF 1

typedef struct motet_message motet_message_t;

/* The type. Since 0.1. */
MOTET_API motet_type_t motet_message_type(const motet_message_t *message);

/* The payload; NULL when size is 0. Valid as long as the message. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const uint8_t *motet_message_data(const motet_message_t *message);

/* The size of the payload in bytes. Since 0.1. */
MOTET_API size_t motet_message_size(const motet_message_t *message);

/* Who sent it, NULL for nobody. Valid as long as the message; hold it longer with motet_ref_retain(). Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const motet_ref_t *motet_message_sender(const motet_message_t *message);

/* Its trace context in MOTET_TRACE_SIZE bytes; all zero for none. Valid as long as the message. Since 0.1. */
MOTET_API MOTET_BORROWED const uint8_t *motet_message_trace(const motet_message_t *message);

#ifdef __cplusplus
}
#endif
#endif
