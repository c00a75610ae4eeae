/* Actors in C: spawn, life, supervision, watch, reply, forward. */
#include "check.h"

/* What the actors under test count; also their only state. */
typedef struct life {
    atomic_int created, destroyed, released;
    atomic_int pre_start, post_stop, pre_restart, post_restart;
    atomic_int handled;
    atomic_int limit; /* of failures; then messages are handled */
    probe_t *probe;
} life_t;

static int32_t create(motet_context_t *context, void *argument, void **state) {
    CHECK(motet_context_self(context) != NULL);
    life_t *life = argument;
    atomic_fetch_add(&life->created, 1);
    *state = life;
    return MOTET_OK;
}

static void destroy(void *state) { atomic_fetch_add(&((life_t *)state)->destroyed, 1); }

static void release(void *argument) { atomic_fetch_add(&((life_t *)argument)->released, 1); }

/* Counts signals; fails on messages until the limit is used up. */
static int32_t receive(motet_context_t *context, const motet_message_t *message, void *state) {
    life_t *life = state;
    switch (motet_message_type(message)) {
    case MOTET_TYPE_PRE_START:
        atomic_fetch_add(&life->pre_start, 1);
        return MOTET_OK;
    case MOTET_TYPE_POST_STOP:
        atomic_fetch_add(&life->post_stop, 1);
        return MOTET_OK;
    case MOTET_TYPE_PRE_RESTART:
        atomic_fetch_add(&life->pre_restart, 1);
        return MOTET_OK;
    case MOTET_TYPE_POST_RESTART:
        atomic_fetch_add(&life->post_restart, 1);
        return motet_context_tell(context, life->probe->ref, MOTET_TYPE_FIRST_USER, motet_message_data(message),
                                  motet_message_size(message));
    default:
        break;
    }
    if (atomic_fetch_sub(&life->limit, 1) > 0) {
        return motet_context_fail(context, MOTET_E_FAILED, "out of tune");
    }
    atomic_fetch_add(&life->handled, 1);
    return MOTET_OK;
}

static motet_ref_t *spawn_life(motet_system_t *system, life_t *life, const char *key, const char *value) {
    motet_props_t *props = motet_props_new(receive, NULL);
    motet_props_state(props, create, destroy, life, release);
    if (key != NULL) {
        CHECK_OK(motet_props_set(props, key, value));
    }
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, NULL, &ref));
    motet_props_free(props);
    return ref;
}

static void life_is_told_from_start_to_stop(void) {
    motet_system_t *system = start_system(NULL);
    life_t life = {.probe = probe_new(system)};
    motet_ref_t *ref = spawn_life(system, &life, NULL, NULL);
    CHECK_SOON(atomic_load(&life.pre_start) == 1);
    CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
    CHECK_SOON(atomic_load(&life.released) == 1);
    CHECK(atomic_load(&life.created) == 1 && atomic_load(&life.destroyed) == 1 && atomic_load(&life.post_stop) == 1);
    CHECK(atomic_load(&life.pre_restart) == 0 && atomic_load(&life.post_restart) == 0);
    CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
    motet_ref_free(ref);
    end_system(system);
    probe_free(life.probe);
}

static void a_restart_keeps_the_mailbox(void) {
    motet_system_t *system = start_system(NULL);
    life_t life = {.limit = 1, .probe = probe_new(system)};
    motet_type_t type = motet_system_type(system, "test.Work");
    motet_ref_t *ref = spawn_life(system, &life, NULL, NULL);
    for (int i = 0; i < 100; i++) {
        CHECK_CODE(MOTET_OK, tell(ref, type, NULL));
    }
    CHECK_SOON(atomic_load(&life.handled) == 99);
    CHECK(atomic_load(&life.created) == 2 && atomic_load(&life.destroyed) == 1);
    CHECK(atomic_load(&life.pre_start) == 1 && atomic_load(&life.pre_restart) == 1);
    const record_t *record = probe_expect(life.probe, 0);
    char *error = record_text(record, "error");
    CHECK_TEXT("out of tune", error);
    free(error);
    CHECK_CODE(MOTET_E_FAILED, record_number(record, "code"));
    motet_ref_free(ref);
    end_system(system);
    CHECK(atomic_load(&life.released) == 1 && atomic_load(&life.destroyed) == 2);
    probe_free(life.probe);
}

static void supervision_can_stop_or_resume(void) {
    motet_system_t *system = start_system(NULL);
    life_t stops = {.limit = 1, .probe = probe_new(system)};
    life_t resumes = {.limit = 1, .probe = probe_new(system)};
    motet_type_t type = motet_system_type(system, "test.Work");
    motet_ref_t *stopping = spawn_life(system, &stops, "supervision.directive", "stop");
    motet_ref_t *resuming = spawn_life(system, &resumes, "supervision.directive", "resume");
    CHECK_CODE(MOTET_OK, tell(stopping, type, NULL));
    CHECK_SOON(atomic_load(&stops.post_stop) == 1);
    CHECK(atomic_load(&stops.created) == 1);
    CHECK_CODE(MOTET_OK, tell(resuming, type, NULL));
    CHECK_CODE(MOTET_OK, tell(resuming, type, NULL));
    CHECK_SOON(atomic_load(&resumes.handled) == 1);
    CHECK(atomic_load(&resumes.created) == 1 && atomic_load(&resumes.pre_restart) == 0);
    motet_ref_free(stopping);
    motet_ref_free(resuming);
    end_system(system);
    probe_free(stops.probe);
    probe_free(resumes.probe);
}

static void too_many_restarts_stop_the_actor(void) {
    motet_system_t *system = start_system(NULL);
    life_t life = {.limit = 100, .probe = probe_new(system)};
    motet_type_t type = motet_system_type(system, "test.Work");
    motet_ref_t *ref = spawn_life(system, &life, "supervision.max-retries", "2");
    for (int i = 0; i < 5; i++) {
        tell(ref, type, NULL);
    }
    CHECK_SOON(atomic_load(&life.post_stop) == 1);
    CHECK(atomic_load(&life.created) == 3);
    motet_ref_free(ref);
    end_system(system);
    probe_free(life.probe);
}

static void names_are_checked(void) {
    motet_system_t *system = start_system(NULL);
    life_t life = {.probe = probe_new(system)};
    motet_props_t *props = motet_props_new(receive, &life);
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, "alto", &ref));
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "alto", motet_system_spawn(system, props, "alto", NULL));
    CHECK_ERROR(MOTET_E_BAD_NAME, "al/to", motet_system_spawn(system, props, "al/to", NULL));
    CHECK_ERROR(MOTET_E_BAD_NAME, "$a", motet_system_spawn(system, props, "$a", NULL));
    CHECK_ERROR(MOTET_E_BAD_NAME, "", motet_system_spawn(system, props, "", NULL));
    CHECK_ERROR(MOTET_E_BAD_NAME, "a b", motet_system_spawn(system, props, "a b", NULL));
    CHECK_OK(motet_ref_spawn(ref, props, "tenor", NULL));
    CHECK_ERROR(MOTET_E_NAME_TAKEN, "tenor", motet_ref_spawn(ref, props, "tenor", NULL));
    motet_props_free(props);
    motet_ref_free(ref);
    end_system(system);
    probe_free(life.probe);
}

static void props_are_checked(void) {
    motet_system_t *system = start_system(NULL);
    motet_ref_t *ref = NULL;
    motet_props_t *empty = motet_props_new(NULL, NULL);
    CHECK_ERROR(MOTET_E_INVALID, "", motet_system_spawn(system, empty, "a", &ref));
    motet_props_free(empty);
    motet_props_t *props = motet_props_new(receive, NULL);
    CHECK_ERROR(MOTET_E_UNKNOWN_KEY, "colour", motet_props_set(props, "colour", "red"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "explode", motet_props_set(props, "supervision.directive", "explode"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "restart", motet_props_set(props, "supervision.directive", "explode"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "-2", motet_props_set(props, "supervision.max-retries", "-2"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "soon", motet_props_set(props, "supervision.within", "soon"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "-1s", motet_props_set(props, "supervision.within", "-1s"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "99999999999d", motet_props_set(props, "supervision.within", "99999999999d"));
    CHECK_ERROR(MOTET_E_INVALID, "key", motet_props_set(props, NULL, "a"));
    CHECK_ERROR(MOTET_E_INVALID, "value", motet_props_set(props, "mailbox", NULL));
    CHECK_ERROR(MOTET_E_INVALID, "props", motet_props_set(NULL, "mailbox", "a"));
    CHECK_ERROR(MOTET_E_INVALID, "parent", motet_ref_spawn(NULL, props, "a", &ref));
    CHECK_OK(motet_props_set(props, "dispatcher", "nowhere"));
    CHECK_ERROR(MOTET_E_BAD_VALUE, "nowhere", motet_system_spawn(system, props, "a", &ref));
    motet_props_free(props);
    motet_props_free(NULL);
    end_system(system);
}

static int32_t refuse_to_start(motet_context_t *context, void *argument, void **state) {
    (void)argument;
    *state = NULL;
    return motet_context_fail(context, MOTET_E_FAILED, "lost the score");
}

static void an_actor_that_cannot_start_stops(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_props_t *props = motet_props_new(receive, NULL);
    motet_props_state(props, refuse_to_start, NULL, NULL, NULL);
    motet_ref_t *ref = NULL;
    CHECK_OK(motet_system_spawn(system, props, "forgetful", &ref));
    motet_props_free(props);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, ref));
    CHECK_CODE(MOTET_TYPE_TERMINATED, probe_expect(probe, 0)->type);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

/* Answers with its own message and who it is; forwards what is of another type to the ref in its state. */
static int32_t answer(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_system_t *system = motet_context_system(context);
    if (motet_message_type(message) == motet_system_type(system, "test.Question")) {
        return motet_context_reply(context, motet_system_type(system, "test.Answer"), motet_message_data(message),
                                   motet_message_size(message));
    }
    if (motet_message_type(message) == motet_system_type(system, "test.Forward")) {
        return motet_context_forward(context, state);
    }
    return MOTET_E_UNHANDLED;
}

static void replies_and_forwards_keep_the_sender(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *asker = probe_new(system);
    probe_t *target = probe_new(system);
    motet_ref_t *ref = spawn(system, "answerer", answer, target->ref);
    motet_type_t question = motet_system_type(system, "test.Question");
    motet_type_t forward = motet_system_type(system, "test.Forward");
    const uint8_t *bytes = (const uint8_t *)"la";
    CHECK_CODE(MOTET_OK, motet_ref_tell(ref, asker->ref, question, bytes, 2, NULL, 0));
    const record_t *record = probe_expect(asker, 0);
    CHECK_CODE(motet_system_type(system, "test.Answer"), record->type);
    CHECK_TEXT("la", record->data);
    CHECK(motet_ref_equal(record->sender, ref));
    CHECK_CODE(MOTET_OK, motet_ref_tell(ref, asker->ref, forward, bytes, 2, NULL, 0));
    record = probe_expect(target, 0);
    CHECK_CODE(forward, record->type);
    CHECK_TEXT("la", record->data);
    CHECK(motet_ref_equal(record->sender, asker->ref));
    motet_ref_free(ref);
    end_system(system);
    probe_free(asker);
    probe_free(target);
}

static void the_end_of_a_watched_actor_is_told_once(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *watcher = probe_new(system);
    life_t life = {.probe = watcher};
    motet_ref_t *one = spawn_life(system, &life, NULL, NULL);
    motet_ref_t *two = spawn_life(system, &life, NULL, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, one));
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, one));
    motet_ref_stop(one);
    const record_t *record = probe_expect(watcher, 0);
    CHECK_CODE(MOTET_TYPE_TERMINATED, record->type);
    CHECK(motet_ref_equal(record->sender, one));
    CHECK_CODE(1, record_number(record, "existence_confirmed"));
    CHECK_CODE(0, record_number(record, "address_terminated"));
    /* A second end comes after any second notice of the first. */
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, two));
    motet_ref_stop(two);
    record = probe_expect(watcher, 1);
    CHECK(motet_ref_equal(record->sender, two));
    CHECK(atomic_load(&watcher->count) == 2);
    /* Watching who has stopped already tells it too. */
    CHECK_CODE(MOTET_OK, motet_ref_watch(watcher->ref, one));
    CHECK(motet_ref_equal(probe_expect(watcher, 2)->sender, one));
    motet_ref_free(one);
    motet_ref_free(two);
    end_system(system);
    probe_free(watcher);
}

/* Watches who sends "test.Watch" and unwatches who sends "test.Unwatch"; passes Terminated on to its state's probe. */
static int32_t watch_sender(motet_context_t *context, const motet_message_t *message, void *state) {
    motet_system_t *system = motet_context_system(context);
    const motet_ref_t *self = motet_context_self(context);
    if (motet_message_type(message) < MOTET_TYPE_TERMINATED) {
        return MOTET_OK;
    }
    if (motet_message_type(message) == motet_system_type(system, "test.Watch")) {
        return motet_ref_watch(self, motet_message_sender(message));
    }
    if (motet_message_type(message) == motet_system_type(system, "test.Unwatch")) {
        motet_ref_stop(motet_message_sender(message));
        return motet_ref_unwatch(self, motet_message_sender(message));
    }
    return motet_context_forward(context, ((probe_t *)state)->ref);
}

static void nothing_is_told_after_unwatch(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    life_t life = {.probe = probe};
    motet_ref_t *watcher = spawn(system, "watcher", watch_sender, probe);
    motet_ref_t *target = spawn_life(system, &life, NULL, NULL);
    motet_type_t after = motet_system_type(system, "test.After");
    motet_ref_tell(watcher, target, motet_system_type(system, "test.Watch"), NULL, 0, NULL, 0);
    motet_ref_tell(watcher, target, motet_system_type(system, "test.Unwatch"), NULL, 0, NULL, 0);
    CHECK_SOON(atomic_load(&life.released) == 1);
    tell(watcher, after, NULL);
    CHECK_SOON(probe_count(probe, after) == 1);
    CHECK(probe_count(probe, MOTET_TYPE_TERMINATED) == 0);
    motet_ref_free(watcher);
    motet_ref_free(target);
    end_system(system);
    probe_free(probe);
}

static void unhandled_terminated_fails_the_watcher(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *deaf = spawn(system, "deaf", answer, NULL);
    motet_ref_t *target = spawn(system, "target", answer, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(deaf, target));
    CHECK_CODE(MOTET_OK, motet_ref_stop(target));
    /* It fails and is restarted: the next question is answered. */
    char *text = ask(deaf, motet_system_type(system, "test.Question"), "still there");
    CHECK_TEXT("still there", text);
    free(text);
    motet_ref_free(deaf);
    motet_ref_free(target);
    end_system(system);
    probe_free(probe);
}

static int32_t parent(motet_context_t *context, const motet_message_t *message, void *state) {
    if (motet_message_type(message) < MOTET_TYPE_FIRST_USER) {
        return MOTET_E_UNHANDLED;
    }
    motet_props_t *props = motet_props_new(receive, NULL);
    motet_props_state(props, create, destroy, state, release);
    motet_ref_t *child = NULL;
    CHECK_OK(motet_ref_spawn(motet_context_self(context), props, "child", &child));
    motet_props_free(props);
    char path[256];
    int64_t size = motet_ref_path(child, path, sizeof path);
    motet_ref_free(child);
    CHECK(motet_context_parent(context) != NULL);
    return motet_context_reply(context, motet_message_type(message), (const uint8_t *)path, (size_t)size);
}

static void children_stop_before_their_parent(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    life_t life = {.probe = probe};
    motet_ref_t *ref = spawn(system, "parent", parent, &life);
    char *path = ask(ref, motet_system_type(system, "test.Spawn"), NULL);
    CHECK(strncmp(path, "motet://motet/user/parent/child#", 32) == 0);
    free(path);
    CHECK_SOON(atomic_load(&life.pre_start) == 1);
    CHECK_CODE(MOTET_OK, motet_ref_watch(probe->ref, ref));
    CHECK_CODE(MOTET_OK, motet_ref_stop(ref));
    CHECK_CODE(MOTET_TYPE_TERMINATED, probe_expect(probe, 0)->type);
    CHECK(atomic_load(&life.post_stop) == 1);
    motet_props_t *props = motet_props_new(receive, NULL);
    CHECK_ERROR(MOTET_E_STOPPED, "parent", motet_ref_spawn(ref, props, "late", NULL));
    motet_props_free(props);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

static void poison_pill_waits_its_turn_and_kill_fails(void) {
    motet_system_t *system = start_system(NULL);
    life_t life = {.probe = probe_new(system)};
    motet_type_t type = motet_system_type(system, "test.Work");
    motet_ref_t *ref = spawn_life(system, &life, NULL, NULL);
    for (int i = 0; i < 10; i++) {
        tell(ref, type, NULL);
    }
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_POISON_PILL, NULL));
    CHECK_SOON(atomic_load(&life.post_stop) == 1);
    CHECK(atomic_load(&life.handled) == 10);
    motet_ref_free(ref);
    ref = spawn_life(system, &life, NULL, NULL);
    CHECK_CODE(MOTET_OK, motet_ref_watch(life.probe->ref, ref));
    CHECK_CODE(MOTET_OK, tell(ref, MOTET_TYPE_KILL, NULL));
    CHECK_CODE(MOTET_TYPE_TERMINATED, probe_expect(life.probe, 0)->type);
    motet_ref_free(ref);
    end_system(system);
    probe_free(life.probe);
}

static void identify_finds_who_is_there(void) {
    motet_system_t *system = start_system(NULL);
    probe_t *probe = probe_new(system);
    motet_ref_t *ref = spawn(system, "here", answer, NULL);
    motet_ref_t *here = NULL;
    CHECK_OK(motet_system_ref(system, "/user/here", &here));
    CHECK_CODE(MOTET_OK, motet_ref_tell(here, probe->ref, MOTET_TYPE_IDENTIFY, (const uint8_t *)"7", 1, NULL, 0));
    const record_t *record = probe_expect(probe, 0);
    CHECK_CODE(MOTET_TYPE_ACTOR_IDENTITY, record->type);
    CHECK_TEXT("7", record->data);
    CHECK(motet_ref_equal(record->sender, ref));
    motet_ref_free(here);
    CHECK_OK(motet_system_ref(system, "/user/nobody", &here));
    motet_ref_tell(here, probe->ref, MOTET_TYPE_IDENTIFY, (const uint8_t *)"8", 1, NULL, 0);
    record = probe_expect(probe, 1);
    CHECK_CODE(MOTET_TYPE_ACTOR_IDENTITY, record->type);
    CHECK(record->sender == NULL);
    motet_ref_free(here);
    motet_ref_free(ref);
    end_system(system);
    probe_free(probe);
}

int main(int argc, char **argv) {
    static const test_t tests[] = {
        TEST(life_is_told_from_start_to_stop),
        TEST(a_restart_keeps_the_mailbox),
        TEST(supervision_can_stop_or_resume),
        TEST(too_many_restarts_stop_the_actor),
        TEST(names_are_checked),
        TEST(props_are_checked),
        TEST(an_actor_that_cannot_start_stops),
        TEST(replies_and_forwards_keep_the_sender),
        TEST(the_end_of_a_watched_actor_is_told_once),
        TEST(nothing_is_told_after_unwatch),
        TEST(unhandled_terminated_fails_the_watcher),
        TEST(children_stop_before_their_parent),
        TEST(poison_pill_waits_its_turn_and_kill_fails),
        TEST(identify_finds_who_is_there),
    };
    return run_tests(tests, sizeof tests / sizeof *tests, argc, argv);
}
