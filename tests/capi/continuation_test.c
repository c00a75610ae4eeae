/* Functions with which an actor goes on when a future is complete. */
#include "world.h"

/* An actor that asks another what it is asked, and answers when it has the answer. */
typedef struct relay {
    const world_t *world;
    const motet_ref_t *other; /* whom it asks */
    int64_t timeout_ms;
    atomic_int inside;    /* functions of it that run */
    atomic_int waiting;   /* states that were not freed */
    atomic_int continued; /* how often it has gone on */
    atomic_int instances;
    atomic_int freed_late; /* states that outlived their instance */
} relay_t;

/* What it goes on with. */
typedef struct visit {
    relay_t *relay;
    motet_ref_t *asker;
    char text[32];
} visit_t;

static void enter(relay_t *relay) { CHECK_CODE(0, atomic_fetch_add(&relay->inside, 1)); }
static int32_t leave(relay_t *relay, int32_t code) {
    CHECK_CODE(1, atomic_fetch_sub(&relay->inside, 1));
    return code;
}

static void end_visit(void *state) {
    visit_t *visit = state;
    atomic_fetch_sub(&visit->relay->waiting, 1);
    if (atomic_load(&visit->relay->instances) == 0) {
        atomic_fetch_add(&visit->relay->freed_late, 1);
    }
    motet_ref_free(visit->asker);
    free(visit);
}

static visit_t *begin_visit(relay_t *relay, const motet_message_t *message) {
    visit_t *visit = calloc(1, sizeof *visit);
    visit->relay = relay;
    visit->asker = motet_ref_retain(motet_message_sender(message));
    CHECK(motet_message_size(message) < sizeof visit->text);
    if (motet_message_size(message) > 0) {
        memcpy(visit->text, motet_message_data(message), motet_message_size(message));
    }
    atomic_fetch_add(&relay->waiting, 1);
    return visit;
}

static motet_future_t *ask_other(motet_context_t *context, const relay_t *relay, const char *text) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(relay->other, relay->world->word, (const uint8_t *)text, strlen(text), relay->timeout_ms,
                           motet_context_trace(context), MOTET_TRACE_SIZE, &future));
    return future;
}

static int32_t give_answer(motet_context_t *context, int32_t code, const char *message, const motet_message_t *reply,
                           void *state) {
    visit_t *visit = state;
    relay_t *relay = visit->relay;
    enter(relay);
    atomic_fetch_add(&relay->continued, 1);
    /* It is about the message that began it. */
    CHECK(is(motet_context_message(context), visit->text));
    CHECK(motet_ref_equal(motet_message_sender(motet_context_message(context)), visit->asker));
    if (code != MOTET_OK) {
        CHECK(reply == NULL);
        return leave(relay, motet_context_fail(context, code, message));
    }
    CHECK(message == NULL);
    if (is(reply, "unhandled")) {
        return leave(relay, MOTET_E_UNHANDLED);
    }
    if (is(reply, "forward")) {
        return leave(relay, motet_context_forward(context, motet_probe_ref(relay->world->probe)));
    }
    if (is(reply, "again")) {
        visit_t *next = begin_visit(relay, motet_context_message(context));
        return leave(relay,
                     motet_context_then(context, ask_other(context, relay, "once more"), give_answer, next, end_visit));
    }
    return leave(
        relay, motet_context_reply(context, relay->world->other, motet_message_data(reply), motet_message_size(reply)));
}

static int32_t relay_on(motet_context_t *context, const motet_message_t *message, void *state) {
    relay_t *relay = state;
    if (motet_message_type(message) == MOTET_TYPE_PRE_RESTART) {
        CHECK(strstr((const char *)motet_message_data(message), "test.") != NULL);
    }
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (is(message, "fail")) {
        return MOTET_E_FAILED;
    }
    enter(relay);
    visit_t *visit = begin_visit(relay, message);
    int32_t code = motet_context_then(context, ask_other(context, relay, visit->text), give_answer, visit, end_visit);
    return leave(relay, code);
}

static int32_t create(motet_context_t *context, void *argument, void **state) {
    CHECK(motet_context_message(context) == NULL);
    relay_t *relay = argument;
    /* No message is handled: there is nothing to go on with, and the state stays ours. */
    CHECK_CODE(MOTET_E_BAD_STATE,
               motet_context_then(context, ask_other(context, relay, "early"), give_answer, NULL, end_visit));
    atomic_fetch_add(&relay->instances, 1);
    *state = argument;
    return MOTET_OK;
}

static void destroy(void *state) {
    relay_t *relay = state;
    atomic_fetch_sub(&relay->instances, 1);
}

static motet_ref_t *spawn_relay(relay_t *relay, const char *key, const char *value) {
    motet_props_t *props = motet_props_new(relay_on, NULL);
    motet_props_state(props, create, destroy, relay, NULL);
    if (key != NULL) {
        CHECK_OK(motet_props_set(props, key, value));
    }
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(relay->world->system, props, NULL, &ref));
    motet_props_free(props);
    expect(relay->world, relay->world->word, "early");
    CHECK_CODE(MOTET_E_STOPPED, motet_probe_reply(relay->world->probe, relay->world->word, NULL, 0));
    CHECK_OK(
        motet_dead_letter_watch_expect(relay->world->letters, MOTET_E_STOPPED, relay->world->word, 1, PATIENCE_MS));
    return ref;
}

static relay_t to_the_probe(const world_t *world) {
    relay_t relay = {.world = world, .other = motet_probe_ref(world->probe), .timeout_ms = PATIENCE_MS};
    return relay;
}

/* Waits until the actor has ended, and everything of it. */
static void end_relay(relay_t *relay, motet_ref_t *ref) {
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_graceful_stop(ref, MOTET_TYPE_POISON_PILL, NULL, 0, PATIENCE_MS, &future));
    CHECK_OK(motet_future_wait(future));
    motet_future_free(future);
    motet_ref_free(ref);
    CHECK(atomic_load(&relay->instances) == 0);
    CHECK(atomic_load(&relay->waiting) == 0);
    CHECK(atomic_load(&relay->freed_late) == 0);
}

#define VISITS 100

/* Many at once, answered in the order they were not asked in; each asker gets the answer to its own question. */
static void goes_on_with_each_answer(const world_t *world) {
    relay_t relay = to_the_probe(world);
    motet_ref_t *ref = spawn_relay(&relay, NULL, NULL);
    motet_future_t *futures[VISITS];
    motet_ref_t *askers[VISITS];
    char text[32];
    for (int i = 0; i < VISITS; ++i) {
        snprintf(text, sizeof text, "%d", i);
        futures[i] = ask_for(ref, world->other, text);
    }
    for (int i = 0; i < VISITS; ++i) {
        CHECK_OK(motet_probe_expect(world->probe, world->word, PATIENCE_MS));
        const motet_message_t *question = motet_probe_message(world->probe, 0);
        askers[i] = motet_ref_retain(motet_message_sender(question));
        snprintf(text, sizeof text, "%d", i);
        CHECK(is(question, text));
    }
    CHECK(atomic_load(&relay.waiting) == VISITS && atomic_load(&relay.continued) == 0);
    for (int i = VISITS - 1; i >= 0; --i) {
        snprintf(text, sizeof text, "answer %d", i);
        CHECK_CODE(MOTET_OK, tell(askers[i], world->word, text));
        motet_ref_free(askers[i]);
    }
    for (int i = 0; i < VISITS; ++i) {
        CHECK_OK(motet_future_wait(futures[i]));
        snprintf(text, sizeof text, "answer %d", i);
        CHECK(is(motet_future_reply(futures[i]), text));
        CHECK(motet_ref_equal(motet_message_sender(motet_future_reply(futures[i])), ref));
        motet_future_free(futures[i]);
    }
    CHECK(atomic_load(&relay.continued) == VISITS);
    end_relay(&relay, ref);
}

static void goes_on_in_the_trace_and_forwards(const world_t *world) {
    const char *text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    uint8_t trace[MOTET_TRACE_SIZE];
    CHECK_CODE(MOTET_TRACE_SIZE, motet_trace_parse(text, trace, sizeof trace));
    relay_t relay = to_the_probe(world);
    motet_ref_t *ref = spawn_relay(&relay, NULL, NULL);
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(ref, world->other, (const uint8_t *)"v", 1, PATIENCE_MS, trace, sizeof trace, &future));
    expect(world, world->word, "v");
    answer(world, world->word, "again"); /* one function begins the next */
    expect(world, world->word, "once more");
    CHECK(memcmp(motet_message_trace(motet_probe_message(world->probe, 0)), trace, sizeof trace) == 0);
    answer(world, world->word, "forward");
    expect(world, world->other, "v");
    CHECK(memcmp(motet_message_trace(motet_probe_message(world->probe, 0)), trace, sizeof trace) == 0);
    answer(world, world->other, "mine"); /* goes to who asked */
    CHECK_OK(motet_future_wait(future));
    CHECK(is(motet_future_reply(future), "mine"));
    motet_future_free(future);
    future = ask_for(ref, world->other, "w");
    expect(world, world->word, "w");
    answer(world, world->word, "unhandled");
    CHECK_OK(motet_dead_letter_watch_expect(world->letters, MOTET_E_UNHANDLED, world->other, 1, PATIENCE_MS));
    motet_future_free(future);
    end_relay(&relay, ref);
}

static void a_failure_is_one_of_the_actor(const world_t *world) {
    relay_t relay = to_the_probe(world);
    relay.timeout_ms = 50;
    motet_ref_t *ref = spawn_relay(&relay, NULL, NULL);
    motet_future_t *lost = ask_for(ref, world->other, "first");
    expect(world, world->word, "first");
    /* Who asked learns of it; the instance after the restart is another. */
    CHECK_ERROR(MOTET_E_TIMEOUT, "no answer within 50 ms", motet_future_wait(lost));
    motet_future_free(lost);
    expect(world, world->word, "early");
    CHECK(atomic_load(&relay.continued) == 1);
    relay.timeout_ms = PATIENCE_MS;
    end_relay(&relay, ref);
}

static void an_instance_that_ends_goes_on_with_nothing(const world_t *world) {
    relay_t relay = to_the_probe(world);
    motet_ref_t *ref = spawn_relay(&relay, NULL, NULL);
    CHECK_CODE(MOTET_OK, tell(ref, world->other, "first"));
    expect(world, world->word, "first");
    motet_ref_t *asker = motet_ref_retain(motet_message_sender(motet_probe_message(world->probe, 0)));
    CHECK_CODE(MOTET_OK, tell(ref, world->other, "fail"));
    expect(world, world->word, "early"); /* the next instance */
    CHECK(atomic_load(&relay.waiting) == 0);
    CHECK_CODE(MOTET_E_STOPPED, tell(asker, world->word, "too late"));
    motet_ref_free(asker);
    CHECK_CODE(MOTET_OK, tell(ref, world->other, "second"));
    expect(world, world->word, "second");
    asker = motet_ref_retain(motet_message_sender(motet_probe_message(world->probe, 0)));
    end_relay(&relay, ref);
    CHECK_CODE(MOTET_E_STOPPED, tell(asker, world->word, "too late"));
    motet_ref_free(asker);
    CHECK(atomic_load(&relay.continued) == 0);
}

/* The answer has come, but the actor stops before it gets to it: somebody hears of it. */
static void an_answer_that_nobody_sees_is_a_dead_letter(const world_t *world) {
    relay_t relay = to_the_probe(world);
    motet_ref_t *ref = spawn_relay(&relay, NULL, NULL);
    CHECK_CODE(MOTET_OK, tell(ref, world->other, "first"));
    expect(world, world->word, "first");
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_POISON_PILL, NULL));
    answer(world, world->word, "unseen"); /* behind the pill */
    end_relay(&relay, ref);
    CHECK(atomic_load(&relay.continued) == 0);
    CHECK_OK(motet_dead_letter_watch_expect(world->letters, MOTET_E_STOPPED, world->word, 1, 0));
}

/* No full mailbox is in the way. */
static void a_full_mailbox_does_not_refuse_it(const world_t *world) {
    static const char *const kinds[] = {"small", "sliding"};
    for (int i = 0; i < 2; ++i) {
        relay_t relay = to_the_probe(world);
        motet_ref_t *ref = spawn_relay(&relay, "mailbox", kinds[i]);
        motet_future_t *futures[8];
        for (int n = 0; n < 8; ++n) {
            futures[n] = ask_for(ref, world->other, "x");
            expect(world, world->word, "x");
            CHECK_CODE(n + 1, atomic_load(&relay.waiting));
            CHECK_CODE(MOTET_OK, motet_future_poll(futures[n], NULL));
            answer(world, world->word, n < 7 ? "again" : "last");
            if (n < 7) {
                expect(world, world->word, "once more");
            }
        }
        CHECK_OK(motet_future_wait(futures[7]));
        for (int n = 0; n < 8; ++n) {
            motet_future_free(futures[n]);
        }
        end_relay(&relay, ref);
    }
}

/* A function may take over and give back the handling, as a handler may. */
static int32_t other_handler(motet_context_t *context, const motet_message_t *message, void *state) {
    atomic_int *alive = state;
    CHECK(atomic_load(alive) == 1);
    return motet_context_reply(context, motet_message_type(message), (const uint8_t *)"other", 5);
}

static void count_down(void *state) { atomic_fetch_sub((atomic_int *)state, 1); }

static int32_t turn(motet_context_t *context, int32_t code, const char *message, const motet_message_t *reply,
                    void *state) {
    (void)message;
    (void)reply;
    atomic_int *alive = state;
    CHECK_CODE(MOTET_OK, code);
    if (atomic_load(alive) == 0) {
        atomic_store(alive, 1);
        CHECK_CODE(MOTET_OK, motet_context_become(context, other_handler, alive, count_down));
    } else {
        CHECK_CODE(MOTET_OK, motet_context_unbecome(context));
        CHECK(atomic_load(alive) == 1); /* freed when no function runs any more */
    }
    return motet_context_reply(context, motet_message_type(motet_context_message(context)), NULL, 0);
}

typedef struct turner {
    const world_t *world;
    atomic_int alive;
} turner_t;

static int32_t begin_turn(motet_context_t *context, const motet_message_t *message, void *state) {
    turner_t *turner = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    for (int i = 0; i < 2; ++i) { /* to the other handler, and back */
        motet_future_t *future =
            ask_for(motet_probe_ref(turner->world->probe), turner->world->word, i == 0 ? "there" : "back");
        CHECK_CODE(MOTET_OK, motet_context_then(context, future, turn, &turner->alive, NULL));
    }
    return MOTET_OK;
}

static void becomes_another(const world_t *world) {
    turner_t turner = {.world = world};
    motet_ref_t *ref = spawn(world->system, NULL, begin_turn, &turner);
    CHECK_CODE(MOTET_OK, motet_ref_tell(ref, motet_probe_ref(world->probe), world->other, NULL, 0, NULL, 0));
    expect(world, world->word, "there");
    answer(world, world->word, "go");
    const motet_type_t both[] = {world->word, world->other}; /* "back", and that it has become another */
    CHECK_OK(motet_probe_expect_all_of(world->probe, both, 2, PATIENCE_MS));
    motet_future_t *future = ask_for(ref, world->other, "who");
    CHECK_OK(motet_future_wait(future));
    CHECK(is(motet_future_reply(future), "other"));
    motet_future_free(future);
    size_t back = motet_message_type(motet_probe_message(world->probe, 0)) == world->word ? 0 : 1;
    CHECK_CODE(MOTET_OK, tell(motet_message_sender(motet_probe_message(world->probe, back)), world->word, "go"));
    CHECK_OK(motet_probe_expect(world->probe, world->other, PATIENCE_MS));
    motet_ref_stop(ref);
    CHECK_SOON(atomic_load(&turner.alive) == 0);
    motet_ref_free(ref);
}

/* More than an actor may wait for. */
typedef struct hoarder {
    const motet_ref_t *nobody;
    motet_type_t word;
    int accepted;
    int32_t refusal;
    atomic_int continued;
} hoarder_t;

static int32_t take_one(motet_context_t *context, int32_t code, const char *message, const motet_message_t *reply,
                        void *state) {
    (void)context;
    (void)message;
    (void)reply;
    hoarder_t *hoarder = state;
    CHECK_CODE(MOTET_E_STOPPED, code);
    atomic_fetch_add(&hoarder->continued, 1);
    return MOTET_OK;
}

static int32_t hoard(motet_context_t *context, const motet_message_t *message, void *state) {
    hoarder_t *hoarder = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    while (hoarder->refusal == MOTET_OK && hoarder->accepted < 200000) {
        motet_future_t *future = ask_for(hoarder->nobody, hoarder->word, NULL);
        hoarder->refusal = motet_context_then(context, future, take_one, hoarder, NULL);
        hoarder->accepted += hoarder->refusal == MOTET_OK;
    }
    return MOTET_OK;
}

static void there_is_a_bound(void) {
    motet_system_t *system = start_system("log.level", "off", NULL);
    hoarder_t hoarder = {.word = motet_system_type(system, "test.Word")};
    motet_ref_t *nobody = NULL;
    CHECK_OK(motet_system_ref(system, "/user/nobody", &nobody));
    hoarder.nobody = nobody;
    motet_ref_t *ref = spawn(system, NULL, hoard, &hoarder);
    CHECK_CODE(MOTET_OK, tell(ref, hoarder.word, NULL));
    CHECK_SOON(atomic_load(&hoarder.continued) == 100000);
    CHECK_CODE(MOTET_E_QUEUE_FULL, hoarder.refusal);
    CHECK_CODE(100000, hoarder.accepted);
    motet_ref_free(ref);
    motet_ref_free(nobody);
    end_system(system);
}

static int32_t misuse(motet_context_t *context, const motet_message_t *message, void *state) {
    const world_t *world = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    /* The state stays the caller's: it would be freed here as what it is not. */
    CHECK_CODE(MOTET_E_INVALID, motet_context_then(context, NULL, take_one, &world, free));
    CHECK_CODE(MOTET_E_INVALID, motet_context_then(context, ask_for(motet_probe_ref(world->probe), world->word, "a"),
                                                   NULL, &world, free));
    CHECK_CODE(MOTET_E_INVALID, motet_context_then(NULL, ask_for(motet_probe_ref(world->probe), world->word, "b"),
                                                   take_one, &world, free));
    return motet_context_reply(context, world->word, NULL, 0);
}

static void bad_uses_are_refused(const world_t *world) {
    motet_ref_t *ref = spawn(world->system, NULL, misuse, (void *)world);
    motet_future_t *future = ask_for(ref, world->word, "go");
    CHECK_OK(motet_future_wait(future));
    motet_future_free(future);
    expect(world, world->word, "a");
    CHECK_CODE(MOTET_E_STOPPED, motet_probe_reply(world->probe, world->word, NULL, 0)); /* the ask was cancelled */
    expect(world, world->word, "b");
    CHECK_CODE(MOTET_E_STOPPED, motet_probe_reply(world->probe, world->word, NULL, 0));
    motet_ref_free(ref);
}

#define IN_BOTH(test)                                                                                                  \
    static void test##_in_both(void) { in_both_worlds(test, NULL); }

IN_BOTH(goes_on_with_each_answer)
IN_BOTH(goes_on_in_the_trace_and_forwards)
IN_BOTH(a_failure_is_one_of_the_actor)
IN_BOTH(an_instance_that_ends_goes_on_with_nothing)
IN_BOTH(becomes_another)
IN_BOTH(bad_uses_are_refused)

static void an_answer_that_nobody_sees_is_a_dead_letter_in_a_kit(void) {
    in_kit(an_answer_that_nobody_sees_is_a_dead_letter, NULL);
}

static void a_full_mailbox_does_not_refuse_it_in_both(void) {
    static const char *const settings[] = {"actor.mailbox.small.capacity",
                                           "1",
                                           "actor.mailbox.sliding.capacity",
                                           "1",
                                           "actor.mailbox.sliding.overflow",
                                           "drop-oldest",
                                           NULL};
    in_both_worlds(a_full_mailbox_does_not_refuse_it, settings);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(goes_on_with_each_answer_in_both),
        TEST(goes_on_in_the_trace_and_forwards_in_both),
        TEST(a_failure_is_one_of_the_actor_in_both),
        TEST(an_instance_that_ends_goes_on_with_nothing_in_both),
        TEST(an_answer_that_nobody_sees_is_a_dead_letter_in_a_kit),
        TEST(a_full_mailbox_does_not_refuse_it_in_both),
        TEST(becomes_another_in_both),
        TEST(there_is_a_bound),
        TEST(bad_uses_are_refused_in_both),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
