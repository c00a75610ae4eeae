/* The test kit: probes, the clock that stands still, seeds, dead letters, several nodes. */
#include "check.h"

#include <motet/testkit.h>

#define SECOND INT64_C(1000000000)

/* A kit with one system, without remoting. */
typedef struct world {
    motet_testkit_t *kit;
    motet_system_t *system;
    motet_type_t word, other;
} world_t;

static motet_config_t *quiet(const char *remoting) {
    motet_config_t *config = motet_config_new();
    CHECK_OK(motet_config_set(config, "remote.enabled", remoting));
    CHECK_OK(motet_config_set(config, "log.level", "off"));
    return config;
}

static world_t begin(uint64_t seed) {
    world_t world = {.kit = motet_testkit_new(seed)};
    motet_config_t *config = quiet("off");
    CHECK_OK(motet_testkit_start(world.kit, 1, config, &world.system));
    motet_config_free(config);
    world.word = motet_system_type(world.system, "test.Word");
    world.other = motet_system_type(world.system, "test.Other");
    return world;
}

static void end(world_t world) {
    CHECK_OK(motet_system_close(world.system, 1000));
    motet_system_free(world.system);
    motet_testkit_free(world.kit);
}

static motet_probe_t *probe_in(motet_system_t *system, const char *name) {
    motet_probe_t *probe = NULL;
    CHECK_OK(motet_probe_new(system, name, &probe));
    return probe;
}

static int32_t tell_probe(motet_probe_t *probe, motet_type_t type, const char *text) {
    return tell(motet_probe_ref(probe), type, text);
}

static int32_t echo(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    return motet_context_reply(context, motet_message_type(message), motet_message_data(message),
                               motet_message_size(message));
}

static void expectations_take_what_fits(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    CHECK(motet_probe_message(probe, 0) == NULL);
    tell_probe(probe, world.word, "one");
    CHECK_OK(motet_probe_expect(probe, world.word, 0));
    const motet_message_t *message = motet_probe_message(probe, 0);
    CHECK_CODE(world.word, motet_message_type(message));
    CHECK(motet_message_size(message) == 3 && memcmp(motet_message_data(message), "one", 3) == 0);
    CHECK(motet_message_sender(message) == NULL);
    CHECK(motet_probe_message(probe, 1) == NULL);
    tell_probe(probe, world.word, "two");
    CHECK_OK(motet_probe_expect_data(probe, world.word, (const uint8_t *)"two", 3, 0));
    const motet_type_t both[] = {world.word, world.other};
    const motet_type_t turned[] = {world.other, world.word};
    tell_probe(probe, world.other, NULL);
    CHECK_OK(motet_probe_expect_any_of(probe, both, 2, 0));
    for (int i = 0; i < 2; i++) {
        tell_probe(probe, world.word, "a");
        tell_probe(probe, world.other, "b");
    }
    CHECK_OK(motet_probe_expect_in_order(probe, both, 2, 0));
    CHECK(*motet_message_data(motet_probe_message(probe, 0)) == 'a');
    CHECK(*motet_message_data(motet_probe_message(probe, 1)) == 'b');
    CHECK_OK(motet_probe_expect_all_of(probe, turned, 2, 0));
    CHECK_OK(motet_probe_expect_none(probe, 1000));
    CHECK_CODE(SECOND, motet_testkit_now(world.kit));
    motet_probe_free(probe);
    end(world);
}

static void an_unmet_expectation_tells_the_story_and_takes_nothing(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    CHECK_ERROR(
        MOTET_E_UNEXPECTED,
        "motet://motet/user/probe expected test.Word within 3000 ms, but after 3000 ms only 0 of 1 had come; it "
        "got 0 in all",
        motet_probe_expect(probe, world.word, 3000));
    CHECK_CODE(3 * SECOND, motet_testkit_now(world.kit));
    tell_probe(probe, world.word, "la");
    CHECK_OK(motet_probe_expect(probe, world.word, 0));
    CHECK_CODE(MOTET_OK, motet_ref_tell(motet_probe_ref(probe), motet_probe_ref(probe), world.other,
                                        (const uint8_t *)"\x81\xa1n\x07", 4, NULL, 0));
    const char *story = "; it got 2 in all: test.Word \"la\" from nobody (taken); test.Other {\"n\":7} from "
                        "motet://motet/user/probe";
    CHECK_ERROR(MOTET_E_UNEXPECTED, story, motet_probe_expect(probe, world.word, 0));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "number 1 of 1 was test.Other {\"n\":7} from motet://motet/user/probe",
                motet_probe_expect_data(probe, world.other, NULL, 0, 0));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected test.Other \"x\" within 0 ms",
                motet_probe_expect_data(probe, world.other, (const uint8_t *)"x", 1, 0));
    const motet_type_t two[] = {world.word, world.other};
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected test.Word, then test.Other within 5 ms",
                motet_probe_expect_in_order(probe, two, 2, 5));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected test.Word or test.Word within 5 ms",
                motet_probe_expect_any_of(probe, (motet_type_t[]){world.word, world.word}, 2, 5));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "only 1 of 2 had come", motet_probe_expect_all_of(probe, two, 2, 5));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected the end of motet://motet/user/probe#",
                motet_probe_expect_terminated(probe, motet_probe_ref(probe), 5));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected no message for 5 ms, but after 0 ms there was test.Other",
                motet_probe_expect_none(probe, 5));
    CHECK_OK(motet_probe_expect(probe, world.other, 0));
    CHECK_ERROR(MOTET_E_INVALID, "-1", motet_probe_expect(probe, world.other, -1));
    CHECK_ERROR(MOTET_E_INVALID, "probe", motet_probe_expect(NULL, world.other, 0));
    CHECK_ERROR(MOTET_E_INVALID, "types", motet_probe_expect_any_of(probe, NULL, 1, 0));
    motet_probe_free(probe);
    end(world);
}

static void a_long_story_is_cut_and_bytes_are_shown(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, NULL);
    char text[1001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 60; i++) {
        tell_probe(probe, world.word, text);
    }
    tell_probe(probe, world.other, "\x01\x02");
    motet_testkit_run(world.kit, 1000);
    CHECK_ERROR(MOTET_E_UNEXPECTED, "it got 61 in all, of which the last 50 are: test.Word \"xxx",
                motet_probe_expect_none(probe, 0));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "xxx... (1000 bytes) from nobody; ", motet_probe_expect_none(probe, 0));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "; test.Other 0x0102 from nobody", motet_probe_expect_none(probe, 0));
    motet_probe_free(probe);
    end(world);
}

static void a_probe_answers_passes_on_and_watches(void) {
    world_t world = begin(1);
    motet_probe_t *one = probe_in(world.system, "one");
    motet_probe_t *two = probe_in(world.system, "two");
    CHECK_CODE(MOTET_E_BAD_STATE, motet_probe_reply(one, world.word, NULL, 0));
    CHECK_CODE(MOTET_E_BAD_STATE, motet_probe_forward(one, motet_probe_ref(two)));
    CHECK_CODE(MOTET_OK, motet_ref_tell(motet_probe_ref(one), motet_probe_ref(two), world.word, NULL, 0, NULL, 0));
    CHECK_OK(motet_probe_expect(one, world.word, 0));
    CHECK(motet_ref_equal(motet_message_sender(motet_probe_message(one, 0)), motet_probe_ref(two)));
    CHECK_CODE(MOTET_OK, motet_probe_reply(one, world.other, (const uint8_t *)"x", 1));
    CHECK_OK(motet_probe_expect(two, world.other, 0));
    CHECK(motet_ref_equal(motet_message_sender(motet_probe_message(two, 0)), motet_probe_ref(one)));
    CHECK_OK(motet_probe_expect_none(one, 0));
    CHECK_CODE(MOTET_E_BAD_STATE, motet_probe_forward(one, motet_probe_ref(two)));
    CHECK_CODE(MOTET_OK, motet_ref_tell(motet_probe_ref(one), motet_probe_ref(two), world.word, NULL, 0, NULL, 0));
    CHECK_OK(motet_probe_expect(one, world.word, 0));
    CHECK_CODE(MOTET_OK, motet_probe_forward(one, motet_probe_ref(two)));
    CHECK_OK(motet_probe_expect(two, world.word, 0));
    CHECK(motet_ref_equal(motet_message_sender(motet_probe_message(two, 0)), motet_probe_ref(two)));
    CHECK_CODE(MOTET_E_INVALID, motet_probe_reply(two, MOTET_TYPE_TERMINATED, NULL, 0));
    CHECK_CODE(MOTET_E_INVALID, motet_probe_forward(two, NULL));

    motet_ref_t *actor = spawn(world.system, "actor", echo, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(motet_probe_ref(one), actor));
    CHECK_OK(motet_probe_expect_none(one, 0));
    CHECK_CODE(MOTET_OK, motet_ref_stop(actor));
    CHECK_OK(motet_probe_expect_terminated(one, actor, 0));
    motet_ref_free(actor);

    /* What a probe is told after its end is a dead letter. */
    motet_ref_t *gone = motet_ref_retain(motet_probe_ref(two));
    CHECK_CODE(MOTET_OK, motet_ref_watch(motet_probe_ref(one), gone));
    motet_probe_free(two);
    CHECK_OK(motet_probe_expect_terminated(one, gone, 0));
    CHECK_CODE(MOTET_E_STOPPED, tell(gone, world.word, NULL));
    motet_ref_free(gone);
    motet_probe_free(one);
    motet_probe_t *same = NULL;
    CHECK_OK(motet_probe_new(world.system, NULL, &same));
    CHECK_ERROR(MOTET_E_BAD_NAME, "", motet_probe_new(world.system, "a b", &(motet_probe_t *){NULL}));
    motet_probe_free(same);
    end(world);
}

static int32_t answer_words(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_type_t word = *(motet_type_t *)state;
    return motet_message_type(message) == word ? echo(context, message, NULL) : MOTET_E_UNHANDLED;
}

static void an_auto_pilot_answers(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    motet_probe_answer(probe, answer_words, &world.word);
    char *answer = ask(motet_probe_ref(probe), world.word, "la");
    CHECK_TEXT("la", answer);
    free(answer);
    CHECK_OK(motet_probe_expect(probe, world.word, 0));
    tell_probe(probe, world.other, NULL);
    CHECK_OK(motet_probe_expect(probe, world.other, 0));
    motet_probe_answer(probe, NULL, NULL);
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(motet_probe_ref(probe), world.word, NULL, 0, 2000, NULL, 0, &future));
    CHECK_OK(motet_probe_expect(probe, world.word, 0));
    CHECK(motet_future_reply(future) == NULL);
    CHECK_CODE(MOTET_OK, motet_probe_reply(probe, world.word, (const uint8_t *)"by hand", 7));
    CHECK_OK(motet_future_wait(future));
    CHECK(motet_message_size(motet_future_reply(future)) == 7);
    CHECK_CODE(0, motet_testkit_now(world.kit));
    motet_future_free(future);
    motet_probe_free(probe);
    end(world);
}

/* Starts three timers; tells state, a probe, of each. */
static int32_t clockwork(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_type_t tick = motet_system_type(motet_context_system(context), "test.Tick");
    if (motet_message_type(message) == MOTET_TYPE_PRE_START) {
        motet_context_timer(context, 1, 3 * SECOND, 0, tick, (const uint8_t *)"3", 1);
        motet_context_timer(context, 2, 1 * SECOND, 0, tick, (const uint8_t *)"1", 1);
        motet_context_timer(context, 3, 2 * SECOND, 2 * SECOND, tick, (const uint8_t *)"2", 1);
    } else if (motet_message_type(message) == tick) {
        motet_context_forward(context, motet_probe_ref(state));
    }
    return MOTET_OK;
}

static void expect_tick(motet_probe_t *probe, motet_type_t tick, const char *text, int64_t within_ms) {
    CHECK_OK(motet_probe_expect_data(probe, tick, (const uint8_t *)text, 1, within_ms));
}

static void time_passes_when_the_test_says_so(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    motet_type_t tick = motet_system_type(world.system, "test.Tick");
    motet_ref_free(spawn(world.system, "clockwork", clockwork, probe));
    CHECK(motet_testkit_run(world.kit, 1000) > 0);
    CHECK_CODE(0, motet_testkit_step(world.kit));
    pause_ms(5);
    CHECK_CODE(0, motet_testkit_step(world.kit));
    CHECK_CODE(0, motet_testkit_now(world.kit));
    CHECK_CODE(MOTET_OK, motet_testkit_advance(world.kit, SECOND - 1));
    CHECK_OK(motet_probe_expect_none(probe, 0));
    CHECK_CODE(MOTET_OK, motet_testkit_advance(world.kit, 1));
    expect_tick(probe, tick, "1", 0);
    expect_tick(probe, tick, "2", 60000); /* the clock goes on for as long as is needed, and no longer */
    CHECK_CODE(2 * SECOND, motet_testkit_now(world.kit));
    CHECK_CODE(MOTET_OK, motet_testkit_advance(world.kit, 4 * SECOND));
    expect_tick(probe, tick, "3", 0);
    expect_tick(probe, tick, "2", 0);
    expect_tick(probe, tick, "2", 0);
    CHECK_OK(motet_probe_expect_none(probe, 1999));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_advance(world.kit, -1));
    motet_probe_free(probe);
    end(world);
}

static void asks_time_out_on_the_clock_of_the_kit(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "silent");
    motet_future_t *future = NULL;
    CHECK_OK(motet_ref_ask(motet_probe_ref(probe), world.word, NULL, 0, 30000, NULL, 0, &future));
    CHECK_CODE(MOTET_OK, motet_testkit_advance(world.kit, 29 * SECOND));
    CHECK_OK(motet_probe_expect(probe, world.word, 0));
    CHECK_ERROR(MOTET_E_TIMEOUT, "no answer within 30000 ms", motet_future_wait(future));
    CHECK_CODE(30 * SECOND, motet_testkit_now(world.kit));
    motet_future_free(future);
    CHECK_CODE(MOTET_E_STOPPED, motet_probe_reply(probe, world.word, NULL, 0));
    motet_probe_free(probe);
    end(world);
}

static int32_t fail(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    return motet_message_type(message) >= MOTET_TYPE_FIRST_USER ? motet_context_fail(context, MOTET_E_FAILED, "told to")
                                                                : MOTET_OK;
}

static void supervision_counts_on_the_clock_of_the_kit(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    motet_props_t *props = motet_props_new(fail, NULL);
    CHECK_OK(motet_props_set(props, "supervision.max-retries", "1"));
    CHECK_OK(motet_props_set(props, "supervision.within", "10s"));
    motet_ref_t *actor = NULL;
    CHECK_OK(motet_system_spawn(world.system, props, "fails", &actor));
    motet_props_free(props);
    motet_ref_watch(motet_probe_ref(probe), actor);
    for (int i = 0; i < 3; i++) { /* once in eleven seconds is no harm */
        tell(actor, world.word, NULL);
        CHECK_OK(motet_probe_expect_none(probe, 11000));
    }
    tell(actor, world.word, NULL);
    CHECK_OK(motet_probe_expect_none(probe, 9000));
    tell(actor, world.word, NULL);
    CHECK_OK(motet_probe_expect_terminated(probe, actor, 0));
    motet_ref_free(actor);
    motet_probe_free(probe);
    end(world);
}

/* Whom a token goes to next is the probe and a neighbour; so the order at the probe is that of the run. */
typedef struct member {
    const motet_ref_t *self, *next, *probe;
} member_t;

static int32_t pass_on(motet_context_t *context, const motet_message_t *message, void *state) {
    member_t *member = state;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        motet_context_tell(context, member->probe, motet_message_type(message), NULL, 0);
        if (*motet_message_data(message) > '0') {
            char less = (char)(*motet_message_data(message) - 1);
            motet_context_tell(context, member->next, motet_message_type(message), (uint8_t *)&less, 1);
        }
    }
    return MOTET_OK;
}

/* Runs tokens round a ring; writes who told the probe in which order. */
static void run_ring(uint64_t seed, char *story) {
    enum { MEMBERS = 4 };
    world_t world = begin(seed);
    motet_probe_t *probe = probe_in(world.system, "probe");
    member_t members[MEMBERS];
    motet_ref_t *refs[MEMBERS];
    for (int i = 0; i < MEMBERS; i++) {
        refs[i] = spawn(world.system, (char[]){(char)('a' + i), '\0'}, pass_on, &members[i]);
    }
    for (int i = 0; i < MEMBERS; i++) {
        members[i] = (member_t){refs[i], refs[(i + 1) % MEMBERS], motet_probe_ref(probe)};
        tell(refs[i], world.word, "5");
    }
    CHECK(motet_testkit_run(world.kit, 100000) < 100000);
    for (int i = 0; i < MEMBERS * 6; i++) {
        CHECK_OK(motet_probe_expect(probe, world.word, 0));
        char path[64];
        motet_ref_path(motet_message_sender(motet_probe_message(probe, 0)), path, sizeof path);
        story[i] = path[strlen("motet://motet/user/")];
    }
    story[MEMBERS * 6] = '\0';
    for (int i = 0; i < MEMBERS; i++) {
        motet_ref_free(refs[i]);
    }
    motet_probe_free(probe);
    end(world);
}

static void a_seed_is_a_run(void) {
    enum { SEEDS = 50 };
    char stories[SEEDS][32];
    int different = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        run_ring((uint64_t)seed, stories[seed]);
        char again[32];
        run_ring((uint64_t)seed, again);
        CHECK_TEXT(stories[seed], again);
        bool fresh = true;
        for (int earlier = 0; earlier < seed; earlier++) {
            fresh = fresh && strcmp(stories[earlier], stories[seed]) != 0;
        }
        different += fresh;
    }
    CHECK(different > SEEDS * 9 / 10);
}

static int32_t picky(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)context;
    (void)message;
    (void)state;
    return MOTET_E_UNHANDLED;
}

static void check_dead_letters(motet_system_t *system, motet_type_t word, motet_type_t other, int64_t within_ms) {
    motet_dead_letter_watch_t *letters = NULL;
    CHECK_OK(motet_dead_letter_watch_new(system, &letters));
    CHECK_OK(motet_dead_letter_watch_expect_none(letters, 0));
    motet_ref_t *actor = spawn(system, NULL, picky, NULL);
    tell(actor, word, "one");
    tell(actor, word, "two");
    tell(actor, other, NULL);
    CHECK_OK(motet_dead_letter_watch_expect(letters, MOTET_E_UNHANDLED, word, 2, within_ms));
    CHECK_OK(motet_dead_letter_watch_expect(letters, MOTET_OK, other, 1, within_ms));
    CHECK_CODE(0, motet_dead_letter_watch_count(letters, MOTET_OK, 0));
    motet_probe_t *probe = probe_in(system, NULL);
    motet_ref_watch(motet_probe_ref(probe), actor);
    motet_ref_stop(actor);
    CHECK_OK(motet_probe_expect_terminated(probe, actor, within_ms));
    motet_probe_free(probe);
    tell(actor, word, "late");
    CHECK_CODE(1, motet_dead_letter_watch_count(letters, MOTET_E_STOPPED, word));
    CHECK_CODE(0, motet_dead_letter_watch_count(letters, MOTET_E_UNHANDLED, 0));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected 2 dead letters of type test.Word with cause STOPPED within 5 ms",
                motet_dead_letter_watch_expect(letters, MOTET_E_STOPPED, word, 2, 5));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "there were 1 that no expectation took, and 3 that one took: test.Word of 4 bytes",
                motet_dead_letter_watch_expect_none(letters, 5));
    tell(actor, word, "later");
    CHECK_ERROR(MOTET_E_UNEXPECTED, "expected 1 dead letters within",
                motet_dead_letter_watch_expect(letters, MOTET_OK, 0, 1, 5));
    CHECK_OK(motet_dead_letter_watch_expect(letters, MOTET_OK, 0, 2, 5));
    CHECK_ERROR(MOTET_E_INVALID, "count", motet_dead_letter_watch_expect(letters, MOTET_OK, 0, -1, 5));
    motet_dead_letter_watch_free(letters);
    motet_ref_free(actor);
}

static void dead_letters_are_expected(void) {
    world_t world = begin(1);
    check_dead_letters(world.system, world.word, world.other, 0);
    end(world);
}

static void the_same_works_with_threads(void) {
    motet_system_t *system = start_system("log.level", "off", NULL);
    motet_type_t word = motet_system_type(system, "test.Word");
    motet_type_t other = motet_system_type(system, "test.Other");
    check_dead_letters(system, word, other, PATIENCE_MS);
    motet_probe_t *probe = probe_in(system, "probe");
    motet_ref_t *actor = spawn(system, NULL, echo, NULL);
    motet_ref_tell(actor, motet_probe_ref(probe), word, (const uint8_t *)"la", 2, NULL, 0);
    CHECK_OK(motet_probe_expect_data(probe, word, (const uint8_t *)"la", 2, PATIENCE_MS));
    int64_t before = now_ms();
    CHECK_OK(motet_probe_expect_none(probe, 20));
    CHECK(now_ms() - before >= 20);
    CHECK_ERROR(MOTET_E_UNEXPECTED, "only 0 of 1 had come", motet_probe_expect(probe, word, 1));
    motet_ref_free(actor);
    motet_probe_free(probe);
    end_system(system);
}

static int32_t never_quiet(motet_context_t *context, const motet_message_t *message, void *state) {
    (void)state;
    if (motet_message_type(message) >= MOTET_TYPE_FIRST_USER) {
        motet_context_tell(context, motet_context_self(context), motet_message_type(message), NULL, 0);
    }
    return MOTET_OK;
}

static void what_is_never_quiet_does_not_hang_a_test(void) {
    world_t world = begin(1);
    motet_ref_t *actor = spawn(world.system, NULL, never_quiet, NULL);
    tell(actor, world.word, NULL);
    CHECK_CODE(500, motet_testkit_run(world.kit, 500));
    CHECK_CODE(MOTET_E_BAD_STATE, motet_testkit_advance(world.kit, SECOND));
    motet_ref_free(actor);
    end(world);
}

static motet_system_t *start_node(motet_testkit_t *kit, int32_t node) {
    motet_config_t *config = quiet("on");
    CHECK_OK(motet_config_set(config, "system.name", "Kit"));
    CHECK_OK(motet_config_set(config, "cluster.enabled", "off"));
    motet_system_t *system = NULL;
    CHECK_OK(motet_testkit_start(kit, node, config, &system));
    motet_config_free(config);
    return system;
}

static void nodes_reach_each_other(void) {
    motet_testkit_t *kit = motet_testkit_new(7);
    motet_system_t *one = start_node(kit, 1);
    motet_system_t *two = start_node(kit, 2);
    char address[64];
    motet_system_address(two, address, sizeof address);
    CHECK_TEXT("motet.tcp://Kit@10.0.0.2:2551", address);
    motet_type_t word = motet_system_type(one, "test.Word");
    motet_ref_free(spawn(two, "echo", echo, NULL));
    motet_probe_t *probe = probe_in(one, "probe");
    motet_ref_t *echo_there = NULL;
    CHECK_OK(motet_system_ref(one, "motet.tcp://Kit@10.0.0.2:2551/user/echo", &echo_there));
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, (const uint8_t *)"la", 2, NULL, 0);
    CHECK_OK(motet_probe_expect(probe, word, 10000));

    CHECK_CODE(MOTET_OK, motet_testkit_cut(kit, 1, 2));
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect_none(probe, 500));
    CHECK_CODE(MOTET_OK, motet_testkit_mend(kit, 1, 2));
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect(probe, word, 10000));

    CHECK_CODE(MOTET_OK, motet_testkit_delay(kit, 1, 2, INT64_C(5000000000)));
    int64_t begun = motet_testkit_now(kit);
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect(probe, word, 10000));
    CHECK(motet_testkit_now(kit) - begun > INT64_C(100000000));
    CHECK_CODE(MOTET_OK, motet_testkit_lose(kit, 1, 2, 1));
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect_none(probe, 6000));
    CHECK_CODE(MOTET_OK, motet_testkit_mend(kit, 1, 2));
    const int32_t side[] = {2, 3};
    CHECK_CODE(MOTET_OK, motet_testkit_split(kit, side, 2));
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect_none(probe, 1000));
    motet_testkit_mend_all(kit);
    motet_ref_tell(echo_there, motet_probe_ref(probe), word, NULL, 0, NULL, 0);
    CHECK_OK(motet_probe_expect(probe, word, 10000));

    motet_ref_watch(motet_probe_ref(probe), echo_there);
    CHECK_OK(motet_probe_expect_none(probe, 1000));
    CHECK_CODE(MOTET_OK, motet_testkit_crash(kit, 2));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_testkit_crash(kit, 2));
    CHECK_OK(motet_probe_expect_terminated(probe, echo_there, 120000));
    CHECK_ERROR(MOTET_E_CLOSED, "closed", motet_probe_new(two, NULL, &(motet_probe_t *){NULL}));
    motet_system_free(two);

    CHECK_CODE(MOTET_E_INVALID, motet_testkit_cut(kit, 0, 2));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_mend(kit, 1, 256));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_lose(kit, 1, 2, 1.5));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_lose(kit, 1, 2, -0.1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_lose(kit, 1, 0, 0.1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_delay(kit, 1, 2, -1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_split(kit, (const int32_t[]){0}, 1));
    CHECK_CODE(MOTET_E_INVALID, motet_testkit_split(kit, NULL, 1));
    CHECK_CODE(MOTET_E_NOT_FOUND, motet_testkit_crash(kit, 0));
    motet_ref_free(echo_there);
    motet_probe_free(probe);
    CHECK_OK(motet_system_close(one, 10000));
    motet_system_free(one);
    motet_testkit_free(kit);
}

static void everything_may_be_freed_in_any_order(void) {
    world_t world = begin(1);
    motet_probe_t *probe = probe_in(world.system, "probe");
    motet_dead_letter_watch_t *letters = NULL;
    CHECK_OK(motet_dead_letter_watch_new(world.system, &letters));
    motet_system_t *again = NULL;
    CHECK_ERROR(MOTET_E_ADDRESS_IN_USE, "node 1", motet_testkit_start(world.kit, 1, NULL, &again));
    CHECK_ERROR(MOTET_E_INVALID, "node 256", motet_testkit_start(world.kit, 256, NULL, &again));
    CHECK_ERROR(MOTET_E_INVALID, "kit", motet_testkit_start(NULL, 1, NULL, &again));
    motet_testkit_free(world.kit);
    CHECK_CODE(MOTET_E_STOPPED, tell_probe(probe, world.word, NULL));
    CHECK_CODE(1, motet_dead_letter_watch_count(letters, MOTET_E_STOPPED, world.word));
    CHECK_ERROR(MOTET_E_UNEXPECTED, "after 0 ms", motet_probe_expect(probe, world.word, 1000));
    motet_system_free(world.system);
    motet_probe_free(probe);
    motet_dead_letter_watch_free(letters);
    motet_testkit_free(NULL);
    motet_probe_free(NULL);
    motet_dead_letter_watch_free(NULL);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(expectations_take_what_fits),
        TEST(an_unmet_expectation_tells_the_story_and_takes_nothing),
        TEST(a_long_story_is_cut_and_bytes_are_shown),
        TEST(a_probe_answers_passes_on_and_watches),
        TEST(an_auto_pilot_answers),
        TEST(time_passes_when_the_test_says_so),
        TEST(asks_time_out_on_the_clock_of_the_kit),
        TEST(supervision_counts_on_the_clock_of_the_kit),
        TEST(a_seed_is_a_run),
        TEST(dead_letters_are_expected),
        TEST(the_same_works_with_threads),
        TEST(what_is_never_quiet_does_not_hang_a_test),
        TEST(nodes_reach_each_other),
        TEST(everything_may_be_freed_in_any_order),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
