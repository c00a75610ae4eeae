/* Test kit: for tests of actors.
 *
 * A test kit is a small world of its own: its systems have no threads, and its clock stands still unless a test says
 * how time passes. Ready actors run on the calling thread, one message at a time, in an order that is drawn from the
 * kit's seed: the same seed gives the same run, another one another order. Actors run in motet_testkit_step(), _run()
 * and _advance(), and in every call that waits for something (an expectation, motet_future_wait(),
 * motet_system_close(),
 * ...): such a call lets actors run until what it waits for has come, and the clock goes on meanwhile, from timer to
 * timer, for at most the time that the call may take. Systems with remoting reach each other over a simulated network.
 * Actors of foreign dispatchers are run by whoever polls them.
 *
 * A probe is an actor whose messages a test takes and judges; dead letters are watched in the same way. Both work on
 * every system, also on one with threads, where an expectation waits in real time. An expectation that is not met gives
 * the error UNEXPECTED, whose sentence tells what was expected, how long was waited and what came; it takes nothing.
 *
 * This header is not part of <motet/motet.h>.
 *
 * Thread rule: a kit, its systems and all that belongs to them are used from one thread at a time. A probe and a watch
 * of dead letters are single-owner values.
 */
#ifndef MOTET_TESTKIT_H
#define MOTET_TESTKIT_H

#include <motet/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_testkit motet_testkit_t;
typedef struct motet_probe motet_probe_t;
typedef struct motet_dead_letter_watch motet_dead_letter_watch_t;

/* Makes a kit. Free with motet_testkit_free(). NULL only when memory is exhausted. Since 0.1. */
MOTET_API MOTET_OWNED motet_testkit_t *motet_testkit_new(uint64_t seed);

/* Frees a kit. Systems of it that are not closed end as in motet_testkit_crash(). Since 0.1. */
MOTET_API void motet_testkit_free(MOTET_TAKES MOTET_NULLABLE motet_testkit_t *kit);

/* Starts a system in a kit, as motet_system_start() does. node: its number, 1 to 255; with remoting its address is
 * 10.0.0.<number>, port 2551, of the kit's network. Errors: INVALID (no such number), ADDRESS_IN_USE (a system with
 * that number is not closed), and those of motet_system_start(). Free with motet_system_free(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_testkit_start(motet_testkit_t *kit, int32_t node,
                                                                        MOTET_NULLABLE const motet_config_t *config,
                                                                        MOTET_OWNED motet_system_t **out);

/* Lets the next thing happen that needs no time to pass: one actor handles one message, one timer fires. Returns 1, or
 * 0 when it is quiet. Since 0.1. */
MOTET_API int32_t motet_testkit_step(motet_testkit_t *kit);

/* Steps until it is quiet, at most so many times. Returns how many; as many as allowed means that it may not be quiet.
 * Since 0.1. */
MOTET_API int64_t motet_testkit_run(motet_testkit_t *kit, int64_t most);

/* Lets time pass, and all that happens meanwhile: what is ready, and timers in the order they are due. Returns
 * MOTET_OK, INVALID for a time that is negative or would pass the end of the clock (292 years), or BAD_STATE: actors
 * keep each other busy without time passing, and 10 million steps did not end that. Since 0.1. */
MOTET_API int32_t motet_testkit_advance(motet_testkit_t *kit, int64_t duration_ns);

/* The time that has passed in a kit, in nanoseconds. Since 0.1. */
MOTET_API int64_t motet_testkit_now(const motet_testkit_t *kit);

/* Ends the system of a node as if its process had been killed: no handler of it runs any more, and nothing of what it
 * does now is seen by others. Its handle is closed, and still to be freed. Returns MOTET_OK, or NOT_FOUND. Since 0.1.
 */
MOTET_API int32_t motet_testkit_crash(motet_testkit_t *kit, int32_t node);

/* Cuts the network between two nodes, both ways: what is sent is lost. Returns MOTET_OK or INVALID. Since 0.1. */
MOTET_API int32_t motet_testkit_cut(motet_testkit_t *kit, int32_t node, int32_t other);

/* Mends the network between two nodes, which may have been cut, lossy or slow. Returns likewise. Since 0.1. */
MOTET_API int32_t motet_testkit_mend(motet_testkit_t *kit, int32_t node, int32_t other);

/* Loses a share of what is sent between two nodes, both ways, from now on: 0 for nothing, 1 for all. As over a
 * connection of TCP, what is lost is sent again after 200 ms, then 400, and so on, and what was sent after it waits:
 * loss shows as stalls. Only of a share of 1 nothing arrives. Returns MOTET_OK or INVALID (no such nodes, a share below
 * 0 or above 1). Since 0.1. */
MOTET_API int32_t motet_testkit_lose(motet_testkit_t *kit, int32_t node, int32_t other, double share);

/* Has all that is sent between two nodes arrive up to so many nanoseconds later, each drawn from the seed, from now on;
 * in the same order. Returns MOTET_OK or INVALID (no such nodes, a time below 0). Since 0.1. */
MOTET_API int32_t motet_testkit_delay(motet_testkit_t *kit, int32_t node, int32_t other, int64_t most_ns);

/* Cuts the network between some nodes and all others, both ways: a partition. Returns MOTET_OK or INVALID. Since 0.1.
 */
MOTET_API int32_t motet_testkit_split(motet_testkit_t *kit, const int32_t *nodes, size_t count);

/* Mends the whole network: what was cut, lost or delayed between any nodes. Since 0.1. */
MOTET_API void motet_testkit_mend_all(motet_testkit_t *kit);

/* Makes a probe, an actor below /user. name: as in motet_system_spawn(), NULL for a generated one. A probe keeps every
 * message it gets, Terminated and events included, but not the signals of its own life. Free with motet_probe_free().
 * Errors: BAD_NAME, NAME_TAKEN, CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_probe_new(motet_system_t *system, MOTET_NULLABLE const char *name, MOTET_OWNED motet_probe_t **out);

/* Frees a probe and stops its actor. Since 0.1. */
MOTET_API void motet_probe_free(MOTET_TAKES MOTET_NULLABLE motet_probe_t *probe);

/* The probe as an actor: to be told something, as the sender of messages, to watch others. Valid as long as the probe.
 * Since 0.1. */
MOTET_API MOTET_BORROWED const motet_ref_t *motet_probe_ref(const motet_probe_t *probe);

/* Has a handler called for each message from now on, on whatever thread runs the probe's actor, besides that the probe
 * keeps it: an auto-pilot that answers while the test does something else. UNHANDLED is no failure here. NULL: none.
 * Returns when the handler before is not running any more; not to be called inside it. state lives until then, or until
 * the probe is freed. Since 0.1. */
MOTET_API void motet_probe_answer(motet_probe_t *probe, MOTET_NULLABLE motet_receive_fn receive,
                                  MOTET_NULLABLE void *state);

/* Expects that the next message is of this type. The times of expectations are milliseconds of the system's clock, 0 or
 * more. Errors of all expectations: UNEXPECTED, INVALID. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_probe_expect(motet_probe_t *probe, motet_type_t type,
                                                                       int64_t within_ms);

/* Expects that the next message is of this type and has exactly these bytes. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_probe_expect_data(motet_probe_t *probe, motet_type_t type,
                                                                            MOTET_NULLABLE const uint8_t *data,
                                                                            size_t size, int64_t within_ms);

/* Expects that the next message is of one of these types. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_probe_expect_any_of(motet_probe_t *probe, const motet_type_t *types, size_t count, int64_t within_ms);

/* Expects that the next messages are of these types, in this order, all within the time. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_probe_expect_in_order(motet_probe_t *probe, const motet_type_t *types, size_t count, int64_t within_ms);

/* Expects that the next messages are of these types, in any order, all within the time. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_probe_expect_all_of(motet_probe_t *probe, const motet_type_t *types, size_t count, int64_t within_ms);

/* Expects that the next message is MOTET_TYPE_TERMINATED of this actor, which the probe watches. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_probe_expect_terminated(motet_probe_t *probe, const motet_ref_t *actor, int64_t within_ms);

/* Expects that no message is there or comes for this time. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_probe_expect_none(motet_probe_t *probe, int64_t during_ms);

/* A message that the last expectation took, by its index from 0; NULL when there is none. Valid until the next
 * expectation. Since 0.1. */
MOTET_API MOTET_BORROWED MOTET_NULLABLE const motet_message_t *motet_probe_message(const motet_probe_t *probe,
                                                                                   size_t index);

/* Tells the sender of the last message that was taken; the probe is the sender. Returns as motet_ref_tell(), and
 * BAD_STATE when none was taken. Since 0.1. */
MOTET_API int32_t motet_probe_reply(motet_probe_t *probe, motet_type_t type, MOTET_NULLABLE const uint8_t *data,
                                    size_t size);

/* Passes the last message that was taken on as it is, with its sender. Returns likewise. Since 0.1. */
MOTET_API int32_t motet_probe_forward(motet_probe_t *probe, const motet_ref_t *target);

/* Watches the dead letters of a system from now on, those of unhandled messages among them. Free with
 * motet_dead_letter_watch_free(). Errors: CLOSED. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_dead_letter_watch_new(motet_system_t *system, MOTET_OWNED motet_dead_letter_watch_t **out);

/* Ends watching. Since 0.1. */
MOTET_API void motet_dead_letter_watch_free(MOTET_TAKES MOTET_NULLABLE motet_dead_letter_watch_t *letters);

/* Expects so many dead letters with this cause (a code; MOTET_OK for any) and type (0 for any), and takes them: waits
 * until there are as many, and fails when there are more. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_dead_letter_watch_expect(motet_dead_letter_watch_t *letters,
                                                                                   int32_t cause, motet_type_t type,
                                                                                   int64_t count, int64_t within_ms);

/* Expects that no dead letter is there that was not taken, and that none comes for this time. Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *
motet_dead_letter_watch_expect_none(motet_dead_letter_watch_t *letters, int64_t during_ms);

/* How many there are with this cause and type that were not taken; or INVALID. Since 0.1. */
MOTET_API int64_t motet_dead_letter_watch_count(const motet_dead_letter_watch_t *letters, int32_t cause,
                                                motet_type_t type);

#ifdef __cplusplus
}
#endif
#endif
