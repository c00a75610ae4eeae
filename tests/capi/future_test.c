/* What can be done with a future: looked at, waited for, sent on; and the future of an actor's end. */
#include "world.h"

#include <msgpack.h>

static void is_looked_at_and_waited_for(const world_t *world) {
    motet_future_t *future = ask_for(motet_probe_ref(world->probe), world->word, "la");
    int32_t code = 7;
    CHECK_CODE(0, motet_future_poll(future, &code));
    CHECK_ERROR(MOTET_E_TIMEOUT, "0 ms", motet_future_wait_for(future, 0));
    CHECK_ERROR(MOTET_E_TIMEOUT, "20 ms", motet_future_wait_for(future, 20));
    CHECK_CODE(0, motet_future_poll(future, NULL));
    CHECK(code == 7 && motet_future_reply(future) == NULL);
    expect(world, world->word, "la");
    answer(world, world->other, "le");
    CHECK_OK(motet_future_wait_for(future, INT64_MAX));
    CHECK_CODE(1, motet_future_poll(future, &code));
    CHECK_CODE(MOTET_OK, code);
    CHECK_CODE(1, motet_future_poll(future, NULL));
    CHECK_OK(motet_future_wait_for(future, 0));
    CHECK(is(motet_future_reply(future), "le"));
    CHECK(motet_future_reply(future) == motet_future_reply(future));
    motet_future_free(future);

    CHECK_OK(motet_ref_ask(motet_probe_ref(world->probe), world->word, NULL, 0, 30, NULL, 0, &future));
    CHECK_ERROR(MOTET_E_TIMEOUT, "no answer within 30 ms", motet_future_wait_for(future, PATIENCE_MS));
    CHECK_CODE(1, motet_future_poll(future, &code));
    CHECK_CODE(MOTET_E_TIMEOUT, code);
    motet_future_free(future);
}

static void goes_to_an_actor(const world_t *world) {
    motet_ref_t *nobody = NULL;
    CHECK_OK(motet_system_ref(world->system, "/user/nobody", &nobody));
    motet_probe_t *asked = NULL;
    CHECK_OK(motet_probe_new(world->system, "asked", &asked));
    const motet_ref_t *to = motet_probe_ref(world->probe);
    for (int named = 0; named < 2; ++named) { /* with a sender of its own, and without */
        const motet_ref_t *sender = named ? nobody : NULL;
        motet_future_t *future = ask_for(motet_probe_ref(asked), world->word, "la");
        CHECK_CODE(MOTET_OK, motet_future_pipe(future, to, sender));
        CHECK_OK(motet_probe_expect(asked, world->word, PATIENCE_MS));
        CHECK_CODE(MOTET_OK, motet_probe_reply(asked, world->other, (const uint8_t *)"le", 2));
        expect(world, world->other, "le");
        CHECK(motet_ref_equal(motet_message_sender(motet_probe_message(world->probe, 0)),
                              named ? nobody : motet_probe_ref(asked)));

        future = ask_for(nobody, world->word, "la");
        CHECK_CODE(MOTET_OK, motet_future_pipe(future, to, sender));
        CHECK_OK(motet_probe_expect(world->probe, MOTET_TYPE_FAILURE, PATIENCE_MS));
        const motet_message_t *failure = motet_probe_message(world->probe, 0);
        CHECK(motet_ref_equal(motet_message_sender(failure), sender));
        msgpack_unpacked kept;
        msgpack_unpacked_init(&kept);
        CHECK(msgpack_unpack_next(&kept, (const char *)motet_message_data(failure), motet_message_size(failure),
                                  NULL) == MSGPACK_UNPACK_SUCCESS);
        CHECK(kept.data.via.map.ptr[0].val.via.i64 == MOTET_E_STOPPED);
        msgpack_unpacked_destroy(&kept);
    }
    motet_probe_free(asked);
    motet_ref_free(nobody);
}

/* The outcome keeps the trace of the question when there is no answer that has one. */
static void goes_on_in_its_trace(const world_t *world) {
    const char *text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    uint8_t trace[MOTET_TRACE_SIZE];
    CHECK_CODE(MOTET_TRACE_SIZE, motet_trace_parse(text, trace, sizeof trace));
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(motet_probe_ref(world->probe), world->word, NULL, 0, 20, trace, sizeof trace, &future));
    CHECK_CODE(MOTET_OK, motet_future_pipe(future, motet_probe_ref(world->probe), NULL));
    const motet_type_t both[] = {world->word, MOTET_TYPE_FAILURE};
    CHECK_OK(motet_probe_expect_in_order(world->probe, both, 2, PATIENCE_MS));
    CHECK(memcmp(motet_message_trace(motet_probe_message(world->probe, 1)), trace, sizeof trace) == 0);
}

static motet_future_t *stop_gracefully(const motet_ref_t *ref, motet_type_t type, int64_t timeout_ms) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_graceful_stop(ref, type, NULL, 0, timeout_ms, &future));
    return future;
}

/* Stops when it is told to in a word of its own. */
static int32_t leave(motet_context_t *context, const motet_message_t *message, void *state) {
    const motet_type_t *word = state;
    if (motet_message_type(message) == *word) {
        CHECK(motet_message_sender(message) == NULL);
        motet_ref_stop(motet_context_self(context));
    }
    return MOTET_OK;
}

static void tells_when_an_actor_has_stopped(const world_t *world) {
    motet_type_t word = world->word;
    const motet_type_t ways[] = {MOTET_TYPE_POISON_PILL, word};
    for (int i = 0; i < 2; ++i) {
        motet_ref_t *ref = spawn(world->system, "leaver", leave, &word);
        motet_future_t *future = stop_gracefully(ref, ways[i], PATIENCE_MS);
        CHECK_OK(motet_future_wait(future));
        CHECK_CODE(MOTET_TYPE_STOPPED, motet_message_type(motet_future_reply(future)));
        CHECK(motet_ref_equal(motet_message_sender(motet_future_reply(future)), ref));
        motet_future_free(future);
        /* Once more: it is told at once, and nothing is sent. */
        future = stop_gracefully(ref, ways[i], PATIENCE_MS);
        CHECK_CODE(1, motet_future_poll(future, NULL));
        CHECK_OK(motet_future_wait(future));
        motet_future_free(future);
        motet_ref_free(ref);
    }
    CHECK_OK(motet_dead_letter_watch_expect_none(world->letters, 20));
}

static void tells_when_an_actor_has_not_stopped(const world_t *world) {
    motet_type_t word = world->word;
    motet_ref_t *ref = spawn(world->system, "stayer", leave, &word);
    motet_future_t *future = stop_gracefully(ref, world->other, 20);
    motet_error_t *error = motet_future_wait(future);
    CHECK_CODE(MOTET_E_TIMEOUT, motet_error_code(error));
    CHECK(strstr(motet_error_message(error), "/user/stayer had not stopped 20 ms after it was sent test.Other") !=
          NULL);
    motet_error_free(error);
    motet_future_free(future);
    future = stop_gracefully(ref, world->other, 3600000);
    motet_future_free(future); /* the watch ends with it */
    future = stop_gracefully(ref, MOTET_TYPE_POISON_PILL, PATIENCE_MS);
    CHECK_CODE(MOTET_OK, motet_future_pipe(future, motet_probe_ref(world->probe), NULL));
    CHECK_OK(motet_probe_expect(world->probe, MOTET_TYPE_STOPPED, PATIENCE_MS));
    CHECK_OK(motet_dead_letter_watch_expect_none(world->letters, 20));
    motet_ref_free(ref);
}

static void ends_with_the_system(const world_t *world) {
    motet_type_t word = world->word;
    motet_ref_t *ref = spawn(world->system, NULL, leave, &word);
    motet_future_t *future = ask_for(ref, world->other, NULL);
    CHECK_OK(motet_system_close(world->system, PATIENCE_MS));
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_future_wait_for(future, PATIENCE_MS));
    motet_future_free(future);
    CHECK_ERROR(MOTET_E_CLOSED, "", motet_ref_graceful_stop(ref, MOTET_TYPE_POISON_PILL, NULL, 0, 1000, &future));
    motet_ref_free(ref);
}

static void bad_uses_are_refused(const world_t *world) {
    const motet_ref_t *ref = motet_probe_ref(world->probe);
    motet_future_t *future = NULL;
    CHECK_CODE(MOTET_E_INVALID, motet_future_poll(NULL, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "future", motet_future_wait_for(NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_future_pipe(NULL, ref, NULL));
    CHECK_CODE(MOTET_E_INVALID, motet_future_pipe(ask_for(ref, world->word, "la"), NULL, NULL));
    expect(world, world->word, "la");
    CHECK_CODE(MOTET_E_STOPPED, motet_probe_reply(world->probe, world->word, NULL, 0));
    future = ask_for(ref, world->word, "la");
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_future_wait_for(future, -1));
    CHECK_ERROR(MOTET_E_INVALID, "-9223372036854775808", motet_future_wait_for(future, INT64_MIN));
    motet_future_free(future);
    const int32_t pill = MOTET_TYPE_POISON_PILL;
    CHECK_ERROR(MOTET_E_INVALID, "target", motet_ref_graceful_stop(NULL, pill, NULL, 0, 1000, &future));
    CHECK_ERROR(MOTET_E_INVALID, "out", motet_ref_graceful_stop(ref, pill, NULL, 0, 1000, NULL));
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_ref_graceful_stop(ref, pill, NULL, 0, -1, &future));
    CHECK_ERROR(MOTET_E_INVALID, "146 years", motet_ref_graceful_stop(ref, pill, NULL, 0, INT64_MAX, &future));
    CHECK_ERROR(MOTET_E_INVALID, "type 5", motet_ref_graceful_stop(ref, MOTET_TYPE_TERMINATED, NULL, 0, 9, &future));
    CHECK_ERROR(MOTET_E_INVALID, "data", motet_ref_graceful_stop(ref, pill, NULL, 3, 1000, &future));
    motet_ref_t *many = NULL;
    CHECK_OK(motet_system_ref(world->system, "/user/*", &many));
    CHECK_ERROR(MOTET_E_INVALID, "/user/*", motet_ref_graceful_stop(many, pill, NULL, 0, 1000, &future));
    CHECK(future == NULL);
    motet_ref_free(many);
}

#define IN_BOTH(test)                                                                                                  \
    static void test##_in_both(void) { in_both_worlds(test, NULL); }

IN_BOTH(is_looked_at_and_waited_for)
IN_BOTH(goes_to_an_actor)
IN_BOTH(goes_on_in_its_trace)
IN_BOTH(tells_when_an_actor_has_stopped)
IN_BOTH(tells_when_an_actor_has_not_stopped)
IN_BOTH(ends_with_the_system)
IN_BOTH(bad_uses_are_refused)

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(is_looked_at_and_waited_for_in_both),
        TEST(goes_to_an_actor_in_both),
        TEST(goes_on_in_its_trace_in_both),
        TEST(tells_when_an_actor_has_stopped_in_both),
        TEST(tells_when_an_actor_has_not_stopped_in_both),
        TEST(ends_with_the_system_in_both),
        TEST(bad_uses_are_refused_in_both),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
