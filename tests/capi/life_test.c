/* What an actor may do about its messages and its life: stash, become, restart later, decide by code. */
#include "check.h"

static int32_t is(const motet_message_t *message, const char *text) {
    return motet_message_size(message) == strlen(text) &&
           memcmp(motet_message_data(message), text, motet_message_size(message)) == 0;
}

/* Passes what it handles on to the probe. */
static int32_t pass_on(motet_context_t *context, const motet_message_t *message, const probe_t *probe) {
    return motet_context_tell(context, probe->ref, MOTET_TYPE_FIRST_USER, motet_message_data(message),
                              motet_message_size(message));
}

static void expect_texts(probe_t *probe, const char *const *texts, int count) {
    for (int i = 0; i < count; ++i) {
        CHECK_TEXT(texts[i], probe_expect(probe, i)->data);
    }
}

/* Stashes until "open" comes. */
typedef struct door {
    probe_t *probe;
    int open;
    int32_t last_stash;
    int64_t unstashed;
} door_t;

static int32_t guard_door(motet_context_t *context, const motet_message_t *message, void *state) {
    door_t *door = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (is(message, "fail")) {
        return MOTET_E_FAILED;
    }
    if (is(message, "open")) {
        door->open = 1;
        door->unstashed = motet_context_unstash_all(context);
        return pass_on(context, message, door->probe);
    }
    if (!door->open) {
        door->last_stash = motet_context_stash(context);
        return door->last_stash;
    }
    return pass_on(context, message, door->probe);
}

static void test_stash(void) {
    motet_system_t *system = start_system(NULL);
    door_t door = {probe_new(system), 0, 0, 0};
    motet_ref_t *ref = spawn(system, NULL, guard_door, &door);
    const char *const told[] = {"a", "b", "open", "c"};
    for (int i = 0; i < 4; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, told[i]));
    }
    const char *const expected[] = {"open", "a", "b", "c"};
    expect_texts(door.probe, expected, 4);
    CHECK(door.unstashed == 2);
    motet_ref_free(ref);
    probe_t *probe = door.probe;
    end_system(system);
    probe_free(probe);
}

static void test_stash_is_bounded_and_survives_a_restart(void) {
    motet_system_t *system = start_system(NULL);
    door_t door = {probe_new(system), 0, 0, 0};
    motet_props_t *props = motet_props_new(guard_door, &door);
    CHECK_OK(motet_props_set(props, "stash-capacity", "2"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "stash-capacity", motet_props_set(props, "stash-capacity", "0"));
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, NULL, &ref));
    motet_props_free(props);
    /* The third finds no room, its handler fails, and what was stashed is stashed again by the next instance. */
    const char *const told[] = {"a", "b", "c", "open"};
    for (int i = 0; i < 4; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, told[i]));
    }
    const char *const expected[] = {"open", "a", "b"};
    expect_texts(door.probe, expected, 3);
    motet_ref_free(ref);
    probe_t *probe = door.probe;
    end_system(system);
    probe_free(probe);
}

static void test_what_is_stashed_at_the_end_is_a_dead_letter(void) {
    motet_system_t *system = start_system(NULL);
    door_t door = {probe_new(system), 0, 0, 0};
    CHECK_OK(motet_system_subscribe(system, door.probe->ref, "dead-letters"));
    motet_ref_t *ref = spawn(system, NULL, guard_door, &door);
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "a"));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_POISON_PILL, NULL));
    const record_t *letter = probe_expect(door.probe, 0);
    CHECK(letter->type == MOTET_TYPE_DEAD_LETTER && record_number(letter, "cause") == MOTET_E_STOPPED);
    motet_ref_free(ref);
    probe_t *probe = door.probe;
    end_system(system);
    probe_free(probe);
}

/* Becomes angry, and calm again. */
typedef struct mood {
    probe_t *probe;
    atomic_int freed;
} mood_t;

static void free_mood(void *state) { atomic_fetch_add(&((mood_t *)state)->freed, 1); }

static int32_t angry(motet_context_t *context, const motet_message_t *message, void *state) {
    mood_t *mood = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (is(message, "calm down")) {
        CHECK_CODE(MOTET_OK, motet_context_unbecome(context));
        CHECK(atomic_load(&mood->freed) == 0);
        return MOTET_OK;
    }
    return is(message, "fail")
               ? MOTET_E_FAILED
               : motet_context_tell(context, mood->probe->ref, MOTET_TYPE_FIRST_USER, (const uint8_t *)"angry", 5);
}

static int32_t calm(motet_context_t *context, const motet_message_t *message, void *state) {
    mood_t *mood = state;
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    if (is(message, "tease")) {
        CHECK_CODE(MOTET_E_INVALID, motet_context_become(context, NULL, NULL, NULL));
        return motet_context_become(context, angry, mood, free_mood);
    }
    if (is(message, "calm down")) {
        CHECK_CODE(MOTET_E_BAD_STATE, motet_context_unbecome(context));
        return MOTET_OK;
    }
    return motet_context_tell(context, mood->probe->ref, MOTET_TYPE_FIRST_USER, (const uint8_t *)"calm", 4);
}

static void test_become(void) {
    motet_system_t *system = start_system(NULL);
    mood_t mood = {.probe = probe_new(system)};
    motet_ref_t *ref = spawn(system, NULL, calm, &mood);
    const char *const told[] = {"hi", "tease", "hi", "calm down", "hi", "calm down", "tease", "hi", "fail", "hi"};
    for (int i = 0; i < 10; ++i) {
        CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, told[i]));
    }
    const char *const expected[] = {"calm", "angry", "calm", "angry", "calm"};
    expect_texts(mood.probe, expected, 5);
    CHECK_SOON(atomic_load(&mood.freed) == 2);
    motet_ref_free(ref);
    probe_t *probe = mood.probe;
    end_system(system);
    probe_free(probe);
}

/* Fails as it is told, and passes on what it is told about it. */
static int32_t fail_with(motet_context_t *context, const motet_message_t *message, void *state) {
    probe_t *probe = state;
    motet_type_t type = motet_message_type(message);
    if (type == MOTET_TYPE_PRE_RESTART) {
        return pass_on(context, message, probe);
    }
    if (type < MOTET_TYPE_FIRST_USER) {
        return MOTET_OK;
    }
    return is(message, "timeout") ? MOTET_E_TIMEOUT
           : is(message, "fail")  ? MOTET_E_FAILED
                                  : pass_on(context, message, probe);
}

static void test_the_directive_may_depend_on_the_code(void) {
    motet_system_t *system = start_system("log.level", "off", NULL);
    probe_t *probe = probe_new(system);
    motet_props_t *props = motet_props_new(fail_with, probe);
    CHECK_OK(motet_props_set(props, "supervision.on.TIMEOUT", "resume"));
    CHECK_OK(motet_props_set(props, "supervision.on.FAILED", "stop"));
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "NONSENSE", motet_props_set(props, "supervision.on.NONSENSE", "stop"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "resume", motet_props_set(props, "supervision.on.TIMEOUT", "nonsense"));
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, NULL, &ref));
    motet_props_free(props);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, ref));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "timeout"));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "still here"));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "fail"));
    CHECK_TEXT("still here", probe_expect(probe, 0)->data);
    CHECK(probe_expect(probe, 1)->type == MOTET_TYPE_TERMINATED);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

static void test_a_failed_instance_hears_what_it_could_not_handle(void) {
    motet_system_t *system = start_system("log.level", "off", NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *ref = spawn(system, NULL, fail_with, probe);
    motet_type_t type = motet_system_type(system, "life.Order");
    CHECK_CODE(MOTET_OK, tell(ref, type, "fail"));
    const record_t *record = probe_expect(probe, 0);
    CHECK(record_number(record, "code") == MOTET_E_FAILED);
    char *name = record_text(record, "type");
    CHECK_TEXT("life.Order", name);
    free(name);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

static void test_backoff_waits_before_a_restart(void) {
    motet_system_t *system = start_system("log.level", "off", NULL);
    probe_t *probe = probe_new(system);
    motet_props_t *props = motet_props_new(fail_with, probe);
    CHECK_OK(motet_props_set(props, "supervision.backoff.min", "50ms"));
    CHECK_OK(motet_props_set(props, "supervision.backoff.max", "80ms"));
    CHECK_OK(motet_props_set(props, "supervision.backoff.random", "0.5"));
    CHECK_OK(motet_props_set(props, "supervision.backoff.reset-after", "10s"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "0 to 1", motet_props_set(props, "supervision.backoff.random", "2"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "duration", motet_props_set(props, "supervision.backoff.min", "-1s"));
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "supervision.backoff", motet_props_set(props, "supervision.backoff.no", "1"));
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, NULL, &ref));
    motet_props_free(props);
    int64_t start = now_ms();
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "fail"));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "fail"));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_FIRST_USER, "waited"));
    CHECK(probe_expect(probe, 0)->size > 0); /* two instances hear of their failure before what waited is handled */
    CHECK(probe_expect(probe, 1)->size > 0);
    CHECK_TEXT("waited", probe_expect(probe, 2)->data);
    CHECK(now_ms() - start >= 50 + 80);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

int main(int argc, char **argv) {
    const test_t tests[] = {
        TEST(test_stash),
        TEST(test_stash_is_bounded_and_survives_a_restart),
        TEST(test_what_is_stashed_at_the_end_is_a_dead_letter),
        TEST(test_become),
        TEST(test_the_directive_may_depend_on_the_code),
        TEST(test_a_failed_instance_hears_what_it_could_not_handle),
        TEST(test_backoff_waits_before_a_restart),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
